"""Projects and exchange offers that are written as sample and marked so; their dates follow the day of loading."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from zoneinfo import ZoneInfo

from accounts.models import User
from anso_portal.sample.centers import Centers
from anso_portal.sample.institutions import Institutions
from anso_portal.sample.ledger import Ledger
from anso_portal.sample.reading import document
from exchanges.actions.offers import open_offer
from exchanges.models import Offer, Programme
from projects.models import (
    Grant,
    Instalment,
    Milestone,
    Output,
    Participation,
    Project,
    ProjectSite,
    Report,
    ReportVersion,
)
from toolkit.clock import database_now, database_today
from toolkit.names import slugify, unique_slug
from vocabularies.models import Source, Theme

Themes = dict[str, Theme]


def load_projects(ledger: Ledger, institutions: Institutions, centers: Centers, themes: Themes, source: Source) -> None:
    today, now = database_today(), database_now()
    taken = set(Project.objects.exclude(code=None).values_list("code", flat=True))
    numbers = count(1)
    for entry in sorted(document("projects.json"), key=lambda entry: entry["starts"]):
        starts_on = first_of_month(today, entry["starts"])
        project = ledger.create(
            Project(
                slug=_free_slug(Project, entry["title"]),
                code=_free_code(starts_on.year, numbers, taken),
                acronym=entry["acronym"],
                title=entry["title"],
                translations=entry.get("translations", {}),
                summary=entry["summary"],
                keywords=entry["keywords"],
                starts_on=starts_on,
                ends_on=first_of_month(today, entry["ends"] + 1) - timedelta(days=1),
                amount=Decimal(entry["amount"]) if "amount" in entry else None,
                currency=entry.get("currency", ""),
                illustrative=True,
                published_at=now,
                source=source,
            )
        )
        project.themes.set([themes[slug] for slug in entry["themes"]])
        project.sdgs.set(entry["sdgs"])
        project.centers.set([centers[entry["center"]]])
        _add_parts(project, entry, institutions)
        if "grant" in entry:
            _add_grant(project, entry["grant"], today)
        for report in entry.get("reports", []):
            _add_report(project, report, first_of_month(today, report["month"]))
        for milestone in entry.get("milestones", []):
            due_on = first_of_month(today, milestone["month"])
            reached_on = due_on if milestone["month"] < 0 else None
            Milestone.objects.create(project=project, title=milestone["title"], due_on=due_on, reached_on=reached_on)


def _add_grant(project: Project, entry: dict, today) -> None:
    """Signed when the project began; what was due by now is paid."""
    grant = Grant.objects.create(
        project=project,
        number=f"{project.code}/G",
        signed_on=project.starts_on,
        amount=sum(Decimal(part["amount"]) for part in entry["instalments"]),
        currency=entry["currency"],
    )
    for part in entry["instalments"]:
        due_on = first_of_month(today, part["month"])
        paid_on = due_on if part["month"] < 0 else None
        Instalment.objects.create(
            grant=grant, due_on=due_on, amount=Decimal(part["amount"]), condition=part["condition"], paid_on=paid_on
        )


def _add_report(project: Project, entry: dict, due_on) -> None:
    """As if it had been written and read in time."""
    public = entry["public"] if entry["state"] == Report.State.ACCEPTED else ""
    report = Report.objects.create(
        project=project,
        kind=entry["kind"],
        due_on=due_on,
        state=entry["state"],
        wish=entry.get("wish", ""),
        public_text=public,
    )
    if "public" in entry:
        ReportVersion.objects.create(
            report=report,
            number=1,
            public_text=entry["public"],
            private_text=entry["private"],
            submitted_at=database_now() - timedelta(days=3),
            answer=entry.get("answer", ""),
        )


def _add_parts(project: Project, entry: dict, institutions: Institutions) -> None:
    taking_part = [institutions[name] for name in [entry["lead"], *entry["partners"]]]
    Participation.objects.bulk_create(
        Participation(
            project=project,
            role=Participation.Role.PARTNER if position else Participation.Role.LEAD,
            name_as_given=institution.name,
            institution=institution,
            country_id=institution.country_id,
            position=position,
        )
        for position, institution in enumerate(taking_part)
    )
    ProjectSite.objects.bulk_create(
        ProjectSite(
            project=project,
            name=site["name"],
            country_id=site["country"],
            latitude=site["latitude"],
            longitude=site["longitude"],
        )
        for site in entry["sites"]
    )
    Output.objects.bulk_create(Output(project=project, **output) for output in entry.get("outputs", []))


def load_offers(
    ledger: Ledger,
    institutions: Institutions,
    centers: Centers,
    themes: Themes,
    programmes: dict[str, Programme],
    source: Source,
) -> list[Offer]:
    """Gives back those that an officer is still to open, so that people are told; the others open in silence."""
    today, now = database_today(), database_now()
    to_be_opened = []
    for entry in document("offers.json"):
        deadline = datetime.combine(
            today + timedelta(days=entry["apply_in_days"]), time(23, 59), tzinfo=ZoneInfo(entry["zone"])
        )
        starts_on = today + timedelta(days=entry["starts_in_days"])
        announced = entry.get("announced", False)
        offer = ledger.create(
            Offer(
                slug=_free_slug(Offer, entry["title"]),
                title=entry["title"],
                kind=entry["kind"],
                programme=programmes[entry["programme"]] if "programme" in entry else None,
                institution=institutions[entry["institution"]] if "institution" in entry else None,
                center=centers[entry["center"]] if "center" in entry else None,
                country_id=entry["country"],
                city=entry["city"],
                description=entry["description"],
                paid=entry["paid"],
                places=entry["places"],
                starts_on=starts_on,
                ends_on=starts_on + timedelta(days=entry["lasts_days"] - 1),
                apply_by=deadline,
                apply_by_zone=entry["zone"],
                state=Offer.State.DRAFT if announced else entry["state"],
                opened_at=now - timedelta(days=entry["opened_days_ago"]) if "opened_days_ago" in entry else None,
                illustrative=True,
                source=source,
            )
        )
        offer.themes.set([themes[slug] for slug in entry["themes"]])
        offer.eligible_countries.set(entry["eligible"])
        if announced:
            to_be_opened.append(offer)
    return to_be_opened


def announce_offers(offers: list[Offer], *, by: User) -> None:
    for offer in offers:
        open_offer(offer=offer, by=by)


def first_of_month(day: date, months: int) -> date:
    """The first of the month that lies so many months after that of the day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _free_slug(model, title: str) -> str:
    return unique_slug(slugify(title), taken=lambda text: model.objects.filter(slug=text).exists())


def _free_code(year: int, numbers: count, taken: set[str | None]) -> str:
    """ANSO-P-2026-0001; a number that a real project has is passed over."""
    return next(code for code in (f"ANSO-P-{year}-{number:04}" for number in numbers) if code not in taken)
