"""`remove_sample` takes out what `load_sample` made, and nothing that is real or that something real needs."""

import pytest
from django.core.cache import cache

from accounts.models import User
from anso_portal.context import CACHE_KEY, branding
from anso_portal.models import SampleRecord
from anso_portal.sample.people import logins_file
from centers.models import Center
from exchanges.actions.offers import open_offer
from exchanges.models import Offer
from members.models import Institution, InstitutionRelation, Membership, Person
from notifications import topics
from notifications.actions import post_mail
from notifications.following import follow_topic
from notifications.models import Delivery, Event, Follow, Notification
from projects.models import Project
from tests.factories import (
    AffiliationFactory,
    InstitutionFactory,
    InstitutionRoleFactory,
    MembershipFactory,
    OfferFactory,
    PersonFactory,
    ProjectFactory,
    UserFactory,
)
from tests.sample import all_rows, command, sample_loaded
from vocabularies.models import Source, Theme
from workflow.models import Step

PAKISTAN_ACADEMY, RUSSIAN_ACADEMY, RUHUNA, CAS = "05gb9dv72", "05qrfxd25", "033jvzr14", "034t30j35"


@pytest.fixture(scope="module")
def before():
    """What was there when the sample came: one of its institutions among it, under another name."""
    return {}


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker, before):
    def make_real_records():
        academy = InstitutionFactory(ror=PAKISTAN_ACADEMY, name="The Academy, as we write it", kind="other")
        MembershipFactory(institution=InstitutionFactory(ror=RUSSIAN_ACADEMY), standing="observer")
        ProjectFactory(slug="real-project", lead=academy, code="ANSO-P-2022-0001")
        UserFactory(email="reviewer.3@example.org")
        Theme.objects.create(slug="climate-change", name="Our climate")
        before.update(all_rows())

    with sample_loaded(django_db_blocker, make_real_records) as output:
        yield output


pytestmark = pytest.mark.usefixtures("loaded", "db")


def sample_institution(ror=RUHUNA):
    return Institution.objects.get(ror=ror)


def is_noted(row):
    return SampleRecord.objects.filter(label=row._meta.label_lower, key=str(row.pk)).exists()


def test_remove_sample_leaves_the_tables_as_they_were(before):
    output = command("remove_sample")

    assert all_rows() == before
    assert "records of the sample were removed, 0 were kept.\n" in output
    assert "import it again" in output


def test_load_sample_uses_what_is_there_and_does_not_change_it(loaded):
    academy = sample_institution(PAKISTAN_ACADEMY)

    assert (academy.name, academy.kind) == ("The Academy, as we write it", "other")
    assert not is_noted(academy)
    assert academy.memberships.get().founding
    assert is_noted(academy.memberships.get())
    assert sample_institution(RUSSIAN_ACADEMY).memberships.get().standing == "observer"
    assert Theme.objects.get(slug="climate-change").name == "Our climate"
    assert not is_noted(Theme.objects.get(slug="climate-change"))
    assert Project.objects.filter(code__endswith="-0001").get().slug == "real-project"
    assert "reviewer.3@example.org belongs to somebody here already" in loaded
    assert User.objects.filter(email__iexact="reviewer.3@example.org").get().name.startswith("Person")


def test_remove_sample_keeps_an_institution_that_a_real_project_needs():
    ruhuna = sample_institution()
    project = ProjectFactory(title="Wells of the south", partners=[ruhuna])

    output = command("remove_sample")

    assert set(Institution.objects.values_list("ror", flat=True)) == {PAKISTAN_ACADEMY, RUSSIAN_ACADEMY, RUHUNA}
    assert ruhuna.names.filter(value="University of Ruhuna").exists()
    assert list(Source.objects.values_list("slug", flat=True)) == [ruhuna.source.slug]
    assert project.participations.get().institution == ruhuna
    assert "Kept: institution “University of Ruhuna”, because project “Wells of the south” needs it.\n" in output
    assert not SampleRecord.objects.exists()


def test_remove_sample_keeps_a_center_with_its_hosts_where_a_real_offer_is():
    center = Center.objects.get(acronym="CSL-CER")
    OfferFactory(title="A real stay", institution=None, center=center)

    output = command("remove_sample")

    assert list(Center.objects.all()) == [center]
    assert set(center.participations.values_list("institution__ror", flat=True)) == {RUHUNA, "0192yj155"}
    assert not Institution.objects.filter(ror=CAS).exists()  # the parent of one of them, which is no need
    assert list(Offer.objects.values_list("title", flat=True)) == ["A real stay"]
    assert "because exchange offer “A real stay” needs it" in output


def real_decision(institution):
    MembershipFactory(institution=institution, starts_on="2024-05-01")


def real_affiliation(institution):
    AffiliationFactory(institution=institution)


def real_role(institution):
    InstitutionRoleFactory(institution=institution)


def real_child(institution):
    InstitutionRelation.objects.create(institution=InstitutionFactory(), kind="parent", other=institution)


@pytest.mark.parametrize("need", [real_decision, real_affiliation, real_role, real_child])
def test_remove_sample_keeps_an_institution_that_something_real_needs(need):
    ruhuna = sample_institution()
    need(ruhuna)

    command("remove_sample")

    assert Institution.objects.filter(pk=ruhuna.pk).exists()
    assert not Institution.objects.filter(ror=CAS).exists()


def test_remove_sample_takes_the_sample_decision_from_an_institution_that_stays():
    cas = sample_institution(CAS)
    ProjectFactory(lead=cas)

    command("remove_sample")

    assert Institution.objects.get(ror=CAS) == cas
    assert list(Membership.objects.values_list("institution__ror", flat=True)) == [RUSSIAN_ACADEMY]


def test_remove_sample_keeps_a_theme_of_a_real_project():
    ProjectFactory().themes.add(Theme.objects.get(slug="food-security"))

    command("remove_sample")

    assert set(Theme.objects.values_list("slug", flat=True)) == {"climate-change", "food-security"}


def test_remove_sample_keeps_no_account_whoever_it_worked_for():
    user = User.objects.get(email="focal.point.1@example.org")
    InstitutionRoleFactory(user=user, institution=InstitutionFactory())
    Person.objects.filter(user=user).update(user=None)
    PersonFactory(user=user)

    command("remove_sample")

    assert list(User.objects.values_list("email", flat=True)) == ["reviewer.3@example.org"]


def test_remove_sample_ends_what_was_told_about_it(before):
    reader = UserFactory()
    theme = Theme.objects.get(slug="energy-security")
    follow_topic(topic=topics.resolve(f"theme:{theme.pk}"), by=reader)
    follow_topic(topic=topics.resolve("country:NP"), by=reader)
    officer = User.objects.get(email="officer.1@example.org")
    open_offer(offer=Offer.objects.get(state="draft"), by=officer)
    post_mail(address="editor@example.org", purpose="account.password_reset")
    assert Notification.objects.filter(subscriber__user=reader).count() == 1

    command("remove_sample")

    assert list(Follow.objects.values_list("topic", flat=True)) == ["country:NP"]
    assert not Notification.objects.exists()
    assert not Delivery.objects.exists()
    assert not Event.objects.exists()
    assert not Step.objects.exists()


def test_remove_sample_deletes_the_sign_ins_and_the_line_on_every_page(django_capture_on_commit_callbacks):
    cache.delete(CACHE_KEY)
    assert branding()["sample_loaded"]

    with django_capture_on_commit_callbacks(execute=True):
        logins = logins_file().read_text()
        command("remove_sample")

    assert not logins_file().exists()
    assert cache.get(CACHE_KEY) is None
    assert not branding()["sample_loaded"]
    cache.delete(CACHE_KEY)
    logins_file().write_text(logins)


def test_remove_sample_passes_over_what_somebody_deleted():
    Offer.objects.filter(state="closed").delete()
    Project.objects.filter(illustrative=True).first().delete()

    assert "0 were kept" in command("remove_sample")


def test_remove_sample_twice_says_that_nothing_is_there(before):
    command("remove_sample")

    assert command("remove_sample") == "There is no sample here.\n"
    assert all_rows() == before


def test_load_sample_again_uses_what_was_kept():
    ProjectFactory(partners=[sample_institution()])
    OfferFactory(institution=None, center=Center.objects.get(acronym="RCEECA"))
    command("remove_sample")

    command("load_sample")

    assert (Institution.objects.count(), Center.objects.count()) == (102, 10)
    assert not is_noted(sample_institution())
