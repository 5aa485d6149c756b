"""The catalogue of what is announced, and the words in which it is told: for officers."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.permissions import ADMINISTRATOR, OFFICER
from notifications import kinds
from notifications.forms import TextForm
from notifications.models import KindText
from notifications.texts import preview, reset_text, save_text

officers = role_required(OFFICER, ADMINISTRATOR)


@require_safe
@officers
def text_list(request):
    changed = set(KindText.objects.visible_to(request.user).values_list("kind", flat=True))
    areas = [
        (area, [(kind, kind.name in changed) for kind in sorted(kinds.in_area(area.name), key=lambda kind: kind.name)])
        for area in kinds.areas()
    ]
    return render(request, "notifications/texts.html", {"areas": areas})


@require_http_methods(["GET", "HEAD", "POST"])
@officers
def text_edit(request, kind: str):
    """Shows the words as the last event of the kind would be told; “Show” does not save."""
    if not kinds.is_known(kind):
        raise Http404
    told, language = kinds.get(kind), request.GET.get("language", settings.LANGUAGE_CODE)
    if language not in dict(settings.LANGUAGES):
        raise Http404
    row = KindText.objects.visible_to(request.user).filter(kind=kind, language=language).first()
    with translation.override(language):
        ours = {"subject": str(told.subject), "sentence": str(told.sentence)}
    now = {"subject": row.subject, "sentence": row.sentence} if row else ours
    form = TextForm(request.POST if request.method == "POST" else None, initial=now, kind=told)
    if "reset" in request.POST:
        reset_text(kind=told, language=language, by=request.user)
        messages.success(request, _("These are the words of the portal again."))
        return redirect(request.get_full_path())
    if request.method == "POST" and form.is_valid():
        now = form.cleaned_data
        if "save" in request.POST:
            save_text(kind=told, language=language, by=request.user, **now)
            messages.success(request, _("Saved. What is told from now on is told in these words."))
            return redirect(request.get_full_path())
    subject, sentence, is_real = preview(told, language, now["subject"], now["sentence"])
    context = {
        "kind": told,
        "form": form,
        "row": row,
        "ours": ours,
        "languages": settings.LANGUAGES,
        "language": language,
        "shown": {"subject": subject, "sentence": sentence, "is_real": is_real},
    }
    return render(request, "notifications/text_edit.html", context, status=422 if form.errors else 200)
