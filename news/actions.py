"""News: written by the people of an institution, published by an officer, told once."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.forms import ModelForm
from django.utils.translation import gettext as _

from accounts.access import demand
from accounts.models import User
from members.models import Institution, InstitutionRole
from members.permissions import FOCAL_POINT, acting_for
from news.models import NewsItem
from notifications.actions import announce
from toolkit.clock import utc_today
from toolkit.rows import new_slug
from workflow.actions import move

OF_INTEREST = timedelta(days=60)
MOST, WITHIN = 5, timedelta(days=30)  # submissions of one institution
BEGINS = 280  # letters in the mail


@transaction.atomic
def begin_news(*, institution: Institution, title: str, by: User) -> NewsItem:
    if not Institution.objects.filter(pk=institution.pk, pk__in=acting_for(by)).exists():
        raise PermissionDenied(_("The people of the institution can do this."))
    item = NewsItem(institution=institution, title=title, by=by, expires_on=utc_today() + OF_INTEREST)
    item.slug = new_slug(item, title)
    item.save(force_insert=True)
    return item


@transaction.atomic
def save_news(*, form: ModelForm, by: User) -> NewsItem:
    """A draft, by its institution; what waits, by an officer too, who may correct it before it is told."""
    row = NewsItem.objects.select_for_update(no_key=True).get(pk=form.instance.pk)
    _demand_writing(row, by)
    item: NewsItem = form.save()
    return item


def _demand_writing(row: NewsItem, by: User) -> None:
    if row.state == NewsItem.State.SUBMITTED:
        demand(by, "edit", row, _("It waits for an officer: take it back to change it."))
    else:
        demand(by, "write", row, _("The people of the institution can do this."))
    if row.state not in (NewsItem.State.DRAFT, NewsItem.State.SUBMITTED):
        raise ValidationError(_("It was published: it can be taken back, and not be changed."), code="published")


@transaction.atomic
def submit_news(*, item: NewsItem, by: User) -> NewsItem:
    """At most five times in thirty days for an institution, lest it drown the others."""
    Institution.objects.select_for_update(no_key=True).get(pk=item.institution_id)
    lately = NewsItem.objects.filter(institution=item.institution_id, submitted_at__gt=Now() - WITHIN)
    if lately.exclude(pk=item.pk).count() >= MOST:
        raise ValidationError(
            _("Your institution has told %(most)d things in the last %(days)d days: please wait.")
            % {"most": MOST, "days": WITHIN.days},
            code="too_many",
        )
    NewsItem.objects.filter(pk=item.pk, state="draft").update(submitted_at=Now(), answer="")
    return move(item, NewsItem.State.SUBMITTED, by=by)


@transaction.atomic
def take_back(*, item: NewsItem, by: User) -> NewsItem:
    """Before it is published it is a draft again; afterwards its page is gone, and what was told stays told."""
    target = NewsItem.State.DRAFT if item.state == NewsItem.State.SUBMITTED else NewsItem.State.WITHDRAWN
    return move(item, target, by=by)


@transaction.atomic
def publish_news(*, item: NewsItem, by: User) -> NewsItem:
    NewsItem.objects.filter(pk=item.pk, state="submitted").update(published_at=Now())
    begins = " ".join(item.text.split())
    facts = {
        "institution": item.institution.name,
        "begins": begins if len(begins) <= BEGINS else f"{begins[:BEGINS]}…",
    }
    told = move(
        item,
        NewsItem.State.PUBLISHED,
        by=by,
        about=item.topics(),
        tell=speakers_of_members() if item.to_members else (),
        context=facts,
    )
    _answer(told, by, _("Published"), _("It is told now to those whom it is for."))
    return told


@transaction.atomic
def return_news(*, item: NewsItem, answer: str, by: User) -> NewsItem:
    demand(by, "edit", item, _("Officers can do this."))
    NewsItem.objects.filter(pk=item.pk, state="submitted").update(answer=answer)
    returned = move(item, NewsItem.State.DRAFT, by=by, reason=answer)
    _answer(returned, by, _("Returned"), answer)
    return returned


def speakers_of_members() -> list[User]:
    roles = InstitutionRole.objects.current().filter(
        institution__in=Institution.objects.members().values("pk"), role=FOCAL_POINT
    )
    return list(User.objects.active().filter(pk__in=roles.values("user")))


def _answer(item: NewsItem, by: User, answer: str, said: str) -> None:
    if item.by and item.by.is_active:
        facts = {"answer": answer, "said": said, "address": item.desk_url}
        announce("news.answered", item, actor=by, to=[item.by], context=facts)
