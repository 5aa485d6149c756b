"""What `load_sample` puts in, counted against the files that the portal ships."""

import csv
import datetime
import gzip
import json
from collections import Counter
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.utils import timezone

from accounts.models import AllianceRole, User
from anso_portal.models import AboutFact, SampleRecord
from anso_portal.sample.people import logins_file
from anso_portal.sample.reading import DATA
from centers.models import Center, CenterInstitution, CenterSite
from exchanges.models import Offer, Programme, Stay
from members.models import (
    Institution,
    InstitutionName,
    InstitutionRole,
    Meeting,
    Membership,
    MembershipApplication,
    Message,
    Person,
)
from news.models import NewsItem
from notifications.digests import write_digests
from notifications.models import Delivery, Event, Follow, Notification
from projects.models import Participation, Project, ProjectCountry
from tests.sample import all_rows, command, sample_loaded
from toolkit.names import fold
from vocabularies.models import Theme
from workflow.models import Step

FOUNDED = datetime.date(2018, 11, 4)


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    with sample_loaded(django_db_blocker) as output:
        yield output


pytestmark = pytest.mark.usefixtures("loaded", "db")


def read(name):
    content = (DATA / name).read_bytes()
    text = (gzip.decompress(content) if name.endswith(".gz") else content).decode()
    return (
        list(csv.DictReader(text.splitlines())) if ".csv" in name else [json.loads(line) for line in text.splitlines()]
    )


def ror_of(row):
    return row["ror_id"].removeprefix("https://ror.org/")


def found(row):
    return Institution.objects.get(ror=ror_of(row)) if row["ror_id"] else Institution.objects.get(name=row["name"])


# --- Institutions


def test_load_sample_brings_the_institutions_of_the_file_and_hosts_and_leads_of_the_centers():
    rows = read("anso_members.csv")

    assert len({found(row).pk for row in rows}) == 92
    others = Institution.objects.exclude(pk__in=[found(row).pk for row in rows]).exclude(
        applications__illustrative=True
    )
    assert {institution.name for institution in others} == {
        "Forest Research Institute, Myanmar",
        "Higher Education Commission",
        "Instituto Nacional de Pesquisas Espaciais",
        "Ministry of Agriculture of the Republic of Kazakhstan",
        "National Space Science Center",
        "Quaid-i-Azam University",
        "South China Sea Institute Of Oceanology",
        "Xinjiang Institute of Ecology and Geography",
        "Xinjiang Technical Institute of Physics & Chemistry",
    }


def test_load_sample_makes_members_of_the_confirmed_and_likely_ones_only():
    expected = {found(row) for row in read("anso_members.csv") if row["membership_status"] in ("confirmed", "likely")}

    assert set(Institution.objects.members()) == expected
    assert len(expected) == 25
    assert Institution.objects.partners().count() == 76


def test_load_sample_dates_memberships_as_precisely_as_they_are_known():
    known = Counter(
        Membership.objects.filter(application=None).values_list(
            "starts_on", "starts_precision", "founding", "meeting__name"
        )
    )

    assert known == {
        (FOUNDED, "day", True, "General Assembly 1"): 21,
        (datetime.date(2019, 1, 1), "year", False, None): 1,
        (timezone.now().date(), "unknown", False, None): 3,
    }
    assert Institution.objects.members(day=FOUNDED).count() == 21
    assert Institution.objects.members(day=FOUNDED - datetime.timedelta(days=1)).count() == 0


def test_load_sample_says_where_a_membership_is_doubtful():
    likely = [found(row) for row in read("anso_members.csv") if row["membership_status"] == "likely"]

    assert all("not confirmed" in institution.memberships.get().note for institution in likely)
    assert not Membership.objects.filter(source_urls=[], application=None).exists()


def test_load_sample_takes_all_names_of_the_ror_records():
    missing = []
    for record in read("ror_records.jsonl.gz"):
        institution = Institution.objects.get(ror=record["id"].removeprefix("https://ror.org/"))
        names = set(institution.names.values_list("value", flat=True))
        missing += [name["value"] for name in record["names"] if name["value"] not in names]
        assert institution.name == next(name["value"] for name in record["names"] if "ror_display" in name["types"])

    assert missing == []


@pytest.mark.parametrize(
    ("words", "ror"),
    [
        ("中国科学院", "034t30j35"),
        ("Российская академия наук", "05qrfxd25"),
        ("TUBITAK", "04w9kkr77"),
        ("05gb9dv72", "05gb9dv72"),
        ("universidad de chile", "047gc3g35"),
    ],
)
def test_load_sample_makes_an_institution_findable_by_each_of_its_names(words, ror):
    assert ror in Institution.objects.filter(names_folded__contains=fold(words)).values_list("ror", flat=True)


def test_load_sample_names_an_institution_without_ror_record_as_the_file_does():
    comsats = Institution.objects.get(acronym="COMSATS")

    assert comsats.slug == "commission-on-science-and-technology-for-sustainable-development-in-the-south"
    assert [(name.value, name.kind) for name in comsats.names.all()] == [
        ("COMSATS", "acronym"),
        ("Commission on Science and Technology for Sustainable Development in the South", "display"),
    ]


def test_load_sample_corrects_kind_scope_and_place():
    kinds = {"national academy": "academy", "university": "university", "funding agency": "funder"}
    kinds |= {"international organisation": "organisation", "research institute": "institute"}
    for row in read("anso_members.csv"):
        institution = found(row)
        assert institution.kind == kinds[row["type"]], row["name"]
        assert institution.scope == ("international" if institution.kind == "organisation" else "national")
        assert institution.country_id == row["country_iso2"]
        assert abs(institution.latitude - Decimal(row["lat"])) < Decimal("0.01"), row["name"]

    assert Institution.objects.get(ror="015h5sy57").city == "Juja"
    assert Institution.objects.get(ror="033jvzr14").city == "Matara"


def test_load_sample_does_not_invent_a_place():
    institute = Institution.objects.get(name="Forest Research Institute, Myanmar")

    assert (institute.city, institute.latitude, institute.website) == ("", None, "")


def test_every_sample_institution_has_one_display_name_and_a_source():
    assert Institution.objects.count() == InstitutionName.objects.filter(kind="display").count()
    assert not Institution.objects.filter(source=None).exists()


# --- The alliance


def test_load_sample_makes_themes_of_research_themes_only():
    rows = read("themes.csv")

    assert set(Theme.objects.values_list("slug", flat=True)) == {
        r["slug"] for r in rows if r["kind"] == "research_theme"
    }
    assert set(Programme.objects.values_list("slug", flat=True)) == {
        r["slug"] for r in rows if r["kind"] == "programme"
    }
    assert (Theme.objects.count(), Programme.objects.count()) == (9, 6)
    assert AboutFact.objects.count() == len(read("anso_facts.csv")) + len(rows) - 9 - 6 == 26
    assert Theme.objects.get(slug="ai-governance").translations == {"zh": "人工智能发展与治理"}


def test_load_sample_knows_the_four_assemblies():
    assert list(
        Meeting.objects.filter(body="assembly").order_by("held_on").values_list("name", "held_on", "place")
    ) == [
        ("General Assembly 1", FOUNDED, "Beijing"),
        ("General Assembly 2", datetime.date(2022, 1, 20), "online"),
        ("General Assembly 3", datetime.date(2023, 11, 4), "Chongqing"),
        ("General Assembly 4", datetime.date(2025, 10, 30), "Beijing"),
    ]


# --- Centers


def test_load_sample_brings_the_ten_centers():
    for row in read("cas_overseas_centers.csv"):
        center = Center.objects.get(name=row["name"])
        assert (center.acronym, center.translations["zh"]) == (row["acronym"], row["name_zh"])
        assert (str(center.established_on.year) if center.established_on else "") == row["established_year"]
        assert fold(row["name_zh"]) in center.names_folded
        assert center.source_urls
        lead = center.participations.filter(role="lead").values_list("name_as_given", flat=True)
        assert list(lead) == ([row["cas_lead_institute"]] if row["cas_lead_institute"] else [])

    assert Center.objects.count() == 10
    assert Center.objects.filter(established_on=None).count() == 5
    assert Center.objects.get(acronym="CPJRC").history.splitlines()[1].endswith("page posted 2024-04-11)")


def test_load_sample_gives_one_center_its_sites_in_three_countries():
    several = CenterSite.objects.filter(center__acronym="RCEECA").order_by("pk")

    assert [(site.city, site.country_id, site.is_seat) for site in several] == [
        ("Almaty", "KZ", False),
        ("Bishkek", "KG", False),
        ("Dushanbe", "TJ", False),
    ]
    assert CenterSite.objects.count() == 12
    assert CenterSite.objects.filter(is_seat=True).count() == 9
    assert not CenterSite.objects.filter(latitude=None).exists()


def test_load_sample_links_hosts_and_leads_only_where_it_is_certain():
    unlinked = CenterInstitution.objects.filter(institution=None).values_list("role", "name_as_given")

    assert set(unlinked) == {
        ("lead", "Institute of Mountain Hazards and Environment, CAS (Chengdu)"),
        ("lead", "Institute of Tibetan Plateau Research, CAS (ITP)"),
        ("lead", "National Astronomical Observatories, CAS (NAOC)"),
        ("lead", "Wuhan Botanical Garden, CAS"),
        ("lead", "Xishuangbanna Tropical Botanical Garden, CAS (XTBG)"),
    }
    assert CenterInstitution.objects.filter(role="host").count() == 11


def test_load_sample_gives_a_center_a_theme_only_where_its_field_says_so():
    assert list(Center.objects.exclude(themes=None).values_list("acronym", "themes__slug")) == [
        ("CPJRC", "disaster-risk-reduction")
    ]


# --- Projects of other registers


@pytest.mark.parametrize(
    ("source", "file", "count", "currency"),
    [("cordis", "projects_cordis.csv.gz", 81, "EUR"), ("snsf-r4d", "projects_r4d.csv.gz", 92, "CHF")],
)
def test_load_sample_brings_the_projects_of_a_register(source, file, count, currency):
    rows = read(file)
    projects = Project.objects.filter(source__slug=source)

    assert projects.count() == len(rows) == count
    assert not projects.exclude(of_alliance=False, illustrative=False, code=None, themes=None).exists()
    assert not projects.filter(published_at=None).exists()
    assert set(projects.values_list("currency", flat=True)) == {currency}
    assert sum(projects.values_list("amount", flat=True)) == sum(Decimal(row["budget"]) for row in rows)
    numbers = {urls[0].rpartition("/")[2] for urls in projects.values_list("source_urls", flat=True)}
    assert numbers == {row["project_id"].partition(":")[2] for row in rows}


@pytest.mark.parametrize("file", ["projects_cordis.csv.gz", "projects_r4d.csv.gz"])
def test_load_sample_keeps_the_names_of_partners_as_given(file):
    for row in read(file):
        project = Project.objects.get(source_urls__0__endswith="/" + row["project_id"].partition(":")[2])
        parts = list(project.participations.all())
        assert [part.name_as_given for part in parts if part.role == "lead"] == [row["lead_org"]]
        partners = [(part.name_as_given, part.country_id or "") for part in parts if part.role == "partner"]
        given = list(zip(row["partner_orgs"].split("|"), row["partner_countries"].split("|"), strict=True))
        assert set(partners) <= set(given)
        left_out = [name for name, country in given if (name, country) not in partners]
        assert all(fold(row["lead_org"]) in fold(name) for name in left_out), left_out
        assert len(partners) == len(set(partners))


def test_load_sample_counts_a_lead_that_is_named_again_once():
    project = Project.objects.get(source_urls__0__endswith="/146777")

    partners = project.participations.filter(role="partner")
    assert [(part.name_as_given[:24], part.country_id) for part in partners] == [
        ("Pogramme genre, globalis", None),
        ("Institut d'études politi", "CH"),
        ("Gender Studies Center Un", None),
        ("Graduate Institute Chemi", None),
        ("Indonesian Consortium fo", "ID"),
    ]


def test_load_sample_dates_projects_with_their_precision():
    swiss = Project.objects.get(source_urls__0__endswith="/146777")
    european = Project.objects.get(source_urls__0__endswith="/703309")

    assert (swiss.starts_on, swiss.starts_precision) == (datetime.date(2014, 2, 1), "month")
    assert (swiss.ends_on, swiss.ends_precision) == (datetime.date(2017, 2, 28), "month")
    assert (european.ends_on, european.ends_precision) == (datetime.date(2016, 3, 31), "day")


def test_load_sample_links_partners_only_where_it_is_certain():
    linked = Participation.objects.filter(project__of_alliance=False).exclude(institution=None)

    assert Counter(linked.values_list("name_as_given", "institution__name")) == {
        ("Chulalongkorn University (Bangkok)", "Chulalongkorn University"): 1,
        (
            "ICIMOD International Centre for Integrated Mountain Development (Kathmandu)",
            "International Centre for Integrated Mountain Development",
        ): 1,
        ("IVANE JAVAKHISHVILI TBILISI STATE UNIVERSITY", "Tbilisi State University"): 1,
        ("TURKIYE BILIMSEL VE TEKNOLOJIK ARASTIRMA KURUMU", "Türkiye Bilimsel ve Teknolojik Araştırma Kurumu"): 1,
        ("UNITED NATIONS EDUCATIONAL, SCIENTIFIC AND CULTURAL ORGANIZATION -UNESCO", "UNESCO"): 2,
        ("University of Antananarivo (Antananarivo)", "University of Antananarivo"): 1,
    }


# --- What is written as sample


def test_illustrative_projects_are_marked_and_lie_around_today():
    projects = Project.objects.filter(illustrative=True).with_status()

    assert Counter(project.status for project in projects) == {"active": 8, "completed": 3, "planned": 2}
    assert all(project.of_alliance and project.published_at and project.centers.count() == 1 for project in projects)
    assert all("illustrative" not in f"{project.title} {project.summary}".lower() for project in projects)
    assert [project.code[-4:] for project in projects.order_by("starts_on", "code")] == [
        f"{n:04}" for n in range(1, 14)
    ]
    assert all(project.code.startswith(f"ANSO-P-{project.starts_on.year}-") for project in projects)
    assert Project.objects.filter(of_alliance=True).count() == 13


def test_illustrative_projects_have_partners_and_sites_in_several_countries():
    projects = Project.objects.filter(illustrative=True)

    assert not Participation.objects.filter(project__in=projects, institution=None).exists()
    assert all(project.sites.count() >= 2 for project in projects)
    counts = Counter(ProjectCountry.objects.filter(project__in=projects).values_list("project", flat=True))
    assert min(counts.values()) >= 2


def test_illustrative_offers_are_open_closed_and_draft():
    offers = Offer.objects.with_status()

    assert Counter((offer.state, offer.status) for offer in offers) == {
        ("open", "open"): 6,
        ("closed", "closed"): 1,
        ("draft", "closed"): 1,
    }
    assert all(offer.illustrative for offer in offers)
    assert {offer.apply_by.astimezone(ZoneInfo(offer.apply_by_zone)).time() for offer in offers} == {
        datetime.time(23, 59)
    }
    assert len({offer.apply_by_zone for offer in offers}) == 8
    assert Counter(offer.kind for offer in offers) == {
        "training": 2,
        "fellowship": 2,
        "visit": 2,
        "workshop": 1,
        "conference": 1,
    }
    assert Offer.objects.exclude(state="draft").filter(opened_at=None).count() == 0


# --- People


def test_load_sample_writes_the_sign_ins_for_the_operator_alone():
    logins = json.loads(logins_file().read_text())

    assert logins_file().stat().st_mode & 0o777 == 0o600
    assert Counter(login["role"] for login in logins) == {
        "administrator": 1,
        "officer": 2,
        "focal_point": 3,
        "editor": 1,
        "scientist": 2,
        "reviewer": 3,
    }
    assert all(set(login) == {"role", "name", "email", "password"} for login in logins)
    assert len({login["password"] for login in logins}) == 12
    for login in logins:
        user = User.objects.get(email=login["email"])
        assert user.check_password(login["password"])
        assert user.name == login["name"]
        assert EmailAddress.objects.filter(user=user, email=user.email, verified=True, primary=True).exists()


def test_sample_people_hold_the_roles_of_their_sign_ins():
    assert Counter(AllianceRole.objects.current().values_list("role", flat=True)) == {
        "administrator": 1,
        "officer": 2,
        "reviewer": 3,
    }
    roles = InstitutionRole.objects.current()
    assert Counter(roles.values_list("role", flat=True)) == {"focal_point": 3, "deputy": 1, "editor": 1}
    assert roles.filter(role="focal_point").values("institution").distinct().count() == 3
    assert not roles.filter(user__email__startswith="scientist").exists()


def test_sample_people_are_marked_and_belong_somewhere():
    assert Person.objects.filter(illustrative=True).count() == Person.objects.count() == 15
    assert not Person.objects.filter(affiliations=None).exists()
    assert Person.objects.exclude(user=None).count() == 10


def test_first_focal_point_has_a_deputy_and_somebody_who_does_not_answer():
    institution = InstitutionRole.objects.get(user__email="focal.point.1@example.org").institution

    assert institution.roles.current().get(role="deputy").ends_on
    invitation = institution.invitations.open().get()
    assert (invitation.role, invitation.token_hash) == ("editor", None)
    assert not Delivery.objects.filter(address=invitation.email).exists()


@pytest.mark.parametrize("role", ["focal_point", "scientist", "reviewer"])
def test_first_of_each_role_has_something_to_do(role):
    email = next(login["email"] for login in json.loads(logins_file().read_text()) if login["role"] == role)

    assert Notification.objects.filter(subscriber__user__email=email, read_at=None).exists()


def test_first_scientist_has_a_message():
    message = Message.objects.get()

    assert (message.sender.email, message.recipient.email) == ("scientist.2@example.org", "scientist.1@example.org")
    assert not message.withheld
    assert Notification.objects.filter(event__kind="message.received").count() == 1


def test_load_sample_announces_three_offers_to_those_who_follow():
    opened = Event.objects.filter(kind="offer.opened")
    assert opened.count() == 3
    told = Notification.objects.filter(event__in=opened)
    daily = told.filter(mail="daily")
    at_once = told.exclude(pk__in=daily)
    assert told.count() == 14
    assert Delivery.objects.filter(state="pending", notifications__in=at_once).count() == at_once.count() < 14
    assert set(daily.values_list("subscriber__user__email", flat=True)) == {"officer.2@example.org"}
    assert not told.filter(subscriber__user__email="officer.1@example.org").exists()  # who announced them
    assert Follow.objects.count() == 23


def test_load_sample_leaves_digests_of_several_readers():
    """What they were told lies a day back, so that the first digests are in the mail at once."""
    waiting = Notification.objects.filter(mail="daily")
    readers = set(waiting.values_list("subscriber__user__email", flat=True))
    assert "officer.2@example.org" in readers
    assert set(waiting.values_list("event__kind", flat=True)) == {"offer.opened", "news.posted"}

    assert write_digests() == len(readers) > 1

    assert not waiting.exists()


def test_load_sample_has_news_that_was_told_and_some_that_waits():
    assert sorted(NewsItem.objects.values_list("state", flat=True)) == ["published", "submitted"]
    assert all(NewsItem.objects.values_list("illustrative", flat=True))


def test_load_sample_has_stays_for_each_to_act_on():
    states = {stay.state: stay for stay in Stay.objects.select_related("applicant")}
    assert set(states) == {"submitted", "agreed", "report_due"}
    assert states["report_due"].report.submitted_at
    assert states["report_due"].letters.get().number.startswith("INV-")
    assert Offer.objects.get(title__startswith="Observing run").places_taken == 1


# --- As a whole


def test_load_sample_says_what_it_did(loaded):
    assert "101 institutions, 25 of them members." in loaded
    assert "186 projects." in loaded


def test_load_sample_twice_changes_nothing(loaded):
    before, logins = all_rows(), logins_file().read_text()

    output = command("load_sample")

    assert all_rows() == before
    assert logins_file().read_text() == logins
    assert output == "The sample alliance is loaded already: nothing was added or changed.\n"


def test_load_sample_gives_new_passwords_where_the_file_is_gone():
    old = json.loads(logins_file().read_text())
    logins_file().unlink()

    output = command("load_sample")

    new = json.loads(logins_file().read_text())
    assert "12 sample accounts have new passwords" in output
    assert [login["email"] for login in new] == [login["email"] for login in old]
    assert all(User.objects.get(email=login["email"]).check_password(login["password"]) for login in new)
    assert not {login["password"] for login in new} & {login["password"] for login in old}


def test_every_row_of_the_sample_is_one_that_a_form_would_accept():
    checked = 0
    for label in SampleRecord.objects.values_list("label", flat=True).distinct():
        model = apps.get_model(label)
        for row in model._base_manager.all():
            row.full_clean()
            checked += 1

    assert checked == SampleRecord.objects.count()


def test_two_applications_wait_for_an_officer_and_are_marked():
    waiting, endorsed = MembershipApplication.objects.order_by("-submitted_at")

    assert (waiting.state, waiting.institution) == ("submitted", None)
    assert (endorsed.state, list(endorsed.institution.memberships.values_list("standing", flat=True))) == (
        "endorsed",
        ["candidate", "endorsed"],
    )
    for application in (waiting, endorsed):
        assert application.illustrative
        assert "(illustrative)" in application.title
        assert application.reference
    assert list(Step.objects.of(endorsed).values_list("target", flat=True)) == [
        "submitted",
        "checking",
        "checked",
        "endorsed",
    ]
