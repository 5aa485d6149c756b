"""What was submitted as a PDF: made by a job after the submission, from the frozen content, and named by its hash."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils import formats, translation
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from proposals.actions.officers import call_for_deputy
from proposals.models import BudgetLine, Partner, Submission, SubmissionPdf
from toolkit.documents.paper import Paper, Section, make_pdf
from toolkit.personal import Traces
from vocabularies.countries import country_names

AT_ONCE = 20


def make_missing_papers() -> int:
    """Oldest first; together with a PDF, a deputy is called where one is needed, which takes too long for the last minute of
    a call. Two workers at once make one each; whoever comes second keeps nothing.
    """
    waiting = Submission.objects.filter(pdf__isnull=True).select_related("proposal__call").order_by("pk")
    return sum(_follow(submission) for submission in waiting[:AT_ONCE])


@transaction.atomic
def _follow(submission: Submission) -> bool:
    """The file comes last, for it would outlive a failure."""
    call_for_deputy(submission)
    kept = keep_paper(submission)
    if not kept:
        transaction.set_rollback(True)  # another worker was quicker in all of it
    return kept


def keep_paper(submission: Submission) -> bool:
    """Says whether it was this one who made it."""
    content = make_pdf(paper_of(submission))
    kept = SubmissionPdf(submission=submission)
    try:
        with transaction.atomic():
            kept.file.save("submission.pdf", ContentFile(content), save=False)
            kept.save(force_insert=True)
    except IntegrityError:
        kept.file.delete(save=False)
        return False
    return True


def forget_papers(traces: Traces) -> None:
    """Those that name an erased person: they are made anew from what then stands in the content."""
    if not traces.pattern:
        return
    rows = SubmissionPdf.objects.annotate(words=Cast("submission__content", TextField()))
    for pdf in rows.filter(words__regex=traces.pattern_in_json):
        pdf.delete()
        transaction.on_commit(partial(pdf.file.delete, save=False))


def paper_of(submission: Submission) -> Paper:
    """In English, as it was frozen; whatever the reader's language is, it is one document."""
    with translation.override("en"):
        return paper_of_content(submission.content, submission)


def paper_of_content(content: dict[str, Any], submission: Submission) -> Paper:
    at, call = localtime(submission.submitted_at), content.get("call", {})
    told = _("Version %(n)d, submitted %(at)s (%(zone)s).")
    return Paper(
        kicker=f"{call.get('code', '')} · {call.get('title', '')}",
        title=content.get("title") or _("Proposal"),
        language="en",
        date=at.date().isoformat(),
        footer=f"{content.get('reference', '')} · SHA-256 {submission.digest}",
        lead=told % {"n": submission.version, "at": formats.date_format(at, "DATETIME_FORMAT"), "zone": at.tzname()},
        facts=_facts(content),
        sections=[
            Section(_("Summary"), rows=[(_("Summary"), content.get("summary", ""))]),
            Section(_("Partners"), rows=[_partner(partner) for partner in content.get("partners", [])]),
            *(section for part in content.get("parts", []) if part.get("answers") for section in _part(part)),
            *_people_and_plan(content),
            _budget(content),
        ],
    )


def _facts(content: dict[str, Any]) -> list[tuple[str, str]]:
    countries = country_names()
    days = [content.get("starts_on") or "–", content.get("ends_on") or "–"]
    facts = [
        (_("Number"), content.get("reference", "")),
        (_("Acronym"), content.get("acronym", "")),
        (_("Dates"), " – ".join(days)),
        (_("Where"), ", ".join(countries.get(code, code) for code in content.get("sites", []))),
        (_("Participants on site"), str(content["on_site"]) if content.get("on_site") is not None else ""),
    ]
    return [(label, text) for label, text in facts if text]


def _partner(partner: dict[str, Any]) -> tuple[str, str]:
    role = dict(Partner.Role.choices).get(partner.get("role", ""), partner.get("role", ""))
    country = country_names().get(partner.get("country", ""), "")
    said = _("Confirmed %(day)s") % {"day": partner["confirmed_at"][:10]} if partner.get("confirmed_at") else ""
    first = " · ".join(str(word) for word in (role, country, said) if word)
    return partner.get("name", ""), f"{first}\n{partner.get('contribution', '')}".strip()


def _part(part: dict[str, Any]) -> Iterator[Section]:
    """Its tables stand after its other answers, for a table takes the whole width."""
    texts = [row for row in part["answers"] if not _rows(row)]
    yield Section(part["title"], rows=[(row["question"], row["answer"] + _file(row)) for row in texts])
    for row in part["answers"]:
        if rows := _rows(row):
            yield Section(row["question"], columns=row["table"]["columns"], lines=rows, last_is_number=False)


def _rows(row: dict[str, Any]) -> list[list[str]]:
    return row.get("table", {}).get("rows", [])


def _file(row: dict[str, Any]) -> str:
    return f"\nSHA-256 {row['file']['digest']}" if row.get("file") else ""


def _people_and_plan(content: dict[str, Any]) -> list[Section]:
    team = [
        (one["name"], " · ".join(filter(None, (one["task"], one["institution"])))) for one in content.get("team", [])
    ]
    plan = [
        (
            one["title"],
            "\n".join(filter(None, (f"{one['starts_on']} – {one['ends_on']}", one["institution"], one["result"]))),
        )
        for one in content.get("plan", [])
    ]
    return [Section(title, rows=rows) for title, rows in ((_("Team"), team), (_("Work plan"), plan)) if rows]


def _budget(content: dict[str, Any]) -> Section:
    categories = dict(BudgetLine.Category.choices)
    lines = [
        [
            line.get("name", ""),
            " · ".join(
                str(word) for word in (categories.get(line.get("category", ""), ""), line.get("purpose", "")) if word
            ),
            _amount(line.get("amount", "0")),
        ]
        for line in content.get("budget", [])
    ]
    return Section(
        _("Budget"),
        columns=[_("Institution"), _("Purpose"), content.get("currency", "")],
        lines=lines,
        total=[_("Total"), "", _amount(content.get("total", "0"))],
    )


def _amount(text: str) -> str:
    return formats.number_format(text, decimal_pos=2, force_grouping=True, use_l10n=True)
