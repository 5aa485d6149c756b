"""Factories build the least that is valid; whatever matters is written in the test."""

import datetime

import factory
from allauth.mfa.models import Authenticator
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.models import AllianceRole, User
from centers.models import Center, CenterInstitution, CenterSite, Course, CourseSession
from exchanges.models import Offer, Programme
from members.actions.names import keep_names
from members.models import (
    Affiliation,
    Institution,
    InstitutionName,
    InstitutionRole,
    Invitation,
    Meeting,
    Membership,
    MembershipApplication,
    Person,
)
from projects.models import Participation, Project, ProjectSite
from proposals.models import Call, CallOfficer, Partner, Proposal
from toolkit.clock import utc_today
from vocabularies.models import Country, Source, Theme

PASSWORD = "correct horse battery staple"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.Sequence(lambda n: f"Person {n}")

    @factory.post_generation
    def roles(self, create, names, **kwargs):
        """UserFactory(roles=["officer"]) holds these alliance roles today, with the second factor that they need."""
        for name in names or []:
            AllianceRole.objects.create(user=self, role=name)
        if names:
            Authenticator.objects.create(user=self, type=Authenticator.Type.TOTP, data={"secret": "not used"})

    @factory.post_generation
    def password(self, create, value, **kwargs):
        """Hashing is slow on purpose, so only a test that signs in by form asks for a password."""
        if value:
            self.set_password(value)
            self.save()


class SourceFactory(DjangoModelFactory):
    class Meta:
        model = Source

    slug = factory.Sequence(lambda n: f"source-{n}")
    name = factory.Sequence(lambda n: f"Source {n}")


class ThemeFactory(DjangoModelFactory):
    class Meta:
        model = Theme

    slug = factory.Sequence(lambda n: f"theme-{n}")
    name = factory.Sequence(lambda n: f"Theme {n}")


class InstitutionFactory(DjangoModelFactory):
    """InstitutionFactory(member=True) is a member since 2018; names=[("中国科学院", "zh", "label")] adds names."""

    class Meta:
        model = Institution
        skip_postgeneration_save = True

    slug = factory.Sequence(lambda n: f"institution-{n}")
    name = factory.Sequence(lambda n: f"Institution {n}")
    country = factory.LazyFunction(lambda: Country.objects.get(pk="PK"))
    kind = Institution.Kind.UNIVERSITY

    @factory.post_generation
    def names(self, create, others, **kwargs):
        InstitutionName.objects.create(institution=self, value=self.name, kind="display", language="en")
        if self.acronym:
            InstitutionName.objects.create(institution=self, value=self.acronym, kind="acronym")
        for value, language, kind in others or []:
            InstitutionName.objects.create(institution=self, value=value, language=language, kind=kind)
        keep_names(institutions=[self])

    @factory.post_generation
    def member(self, create, value, **kwargs):
        if value:
            MembershipFactory(institution=self)


class MeetingFactory(DjangoModelFactory):
    class Meta:
        model = Meeting

    body = Meeting.Body.ASSEMBLY
    name = factory.Sequence(lambda n: f"General Assembly {n}")
    held_on = datetime.date(2018, 11, 4)


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    institution = factory.SubFactory(InstitutionFactory)
    standing = Membership.Standing.MEMBER
    starts_on = datetime.date(2018, 11, 4)


class PersonFactory(DjangoModelFactory):
    class Meta:
        model = Person

    slug = factory.Sequence(lambda n: f"person-{n}")
    name = factory.Sequence(lambda n: f"Scientist {n}")
    is_public = True


class AffiliationFactory(DjangoModelFactory):
    class Meta:
        model = Affiliation

    person = factory.SubFactory(PersonFactory)
    institution = factory.SubFactory(InstitutionFactory)


class InstitutionRoleFactory(DjangoModelFactory):
    class Meta:
        model = InstitutionRole

    user = factory.SubFactory(UserFactory)
    institution = factory.SubFactory(InstitutionFactory)
    role = InstitutionRole.Role.FOCAL_POINT


class InvitationFactory(DjangoModelFactory):
    """To be editor, unless told otherwise; InvitationFactory(institution=None, role="officer") is of the alliance."""

    class Meta:
        model = Invitation

    email = factory.Sequence(lambda n: f"invited{n}@example.org")
    institution = factory.SubFactory(InstitutionFactory)
    role = "editor"


class CenterFactory(DjangoModelFactory):
    """CenterFactory(sites=["PK", "NP"]) has a site in each of these countries."""

    class Meta:
        model = Center
        skip_postgeneration_save = True

    slug = factory.Sequence(lambda n: f"center-{n}")
    name = factory.Sequence(lambda n: f"Center {n}")

    @factory.post_generation
    def sites(self, create, countries, **kwargs):
        for position, code in enumerate(countries or ["PK"]):
            CenterSite.objects.create(center=self, country_id=code, is_seat=position == 0)


class CourseSessionFactory(DjangoModelFactory):
    """In thirty days. CourseSessionFactory(host=institution) is given at a center that this institution hosts."""

    class Meta:
        model = CourseSession
        skip_postgeneration_save = True

    class Params:
        days = 30
        host = None

    course = factory.LazyAttribute(lambda session: course_at(CenterFactory(), host=session.host))
    starts_on = factory.LazyAttribute(lambda session: utc_today() + datetime.timedelta(days=session.days))
    ends_on = factory.SelfAttribute("starts_on")
    places = 2


def course_at(center, *, host=None, **fields) -> Course:
    if host:
        CenterInstitution.objects.create(center=center, institution=host, role="host", name_as_given=host.name)
    return Course.objects.create(center=center, **({"name": "Laboratory safety", "valid_months": 24} | fields))


class ProjectFactory(DjangoModelFactory):
    """ProjectFactory(lead=institution, partners=[institution]) is published unless published_at=None."""

    class Meta:
        model = Project
        skip_postgeneration_save = True

    slug = factory.Sequence(lambda n: f"project-{n}")
    title = factory.Sequence(lambda n: f"Project {n}")
    published_at = factory.LazyFunction(timezone.now)

    @factory.post_generation
    def lead(self, create, institution, **kwargs):
        if institution:
            ParticipationFactory(project=self, role="lead", institution=institution)

    @factory.post_generation
    def partners(self, create, institutions, **kwargs):
        for institution in institutions or []:
            ParticipationFactory(project=self, role="partner", institution=institution)


class ParticipationFactory(DjangoModelFactory):
    class Meta:
        model = Participation

    project = factory.SubFactory(ProjectFactory)
    institution = factory.SubFactory(InstitutionFactory)
    name_as_given = factory.LazyAttribute(lambda part: part.institution.name if part.institution else "Some institute")
    country = factory.LazyAttribute(lambda part: part.institution.country if part.institution else None)


class ProjectSiteFactory(DjangoModelFactory):
    class Meta:
        model = ProjectSite

    project = factory.SubFactory(ProjectFactory)
    name = "Gwadar"
    country_id = "PK"


class ProgrammeFactory(DjangoModelFactory):
    class Meta:
        model = Programme

    slug = factory.Sequence(lambda n: f"programme-{n}")
    name = factory.Sequence(lambda n: f"Programme {n}")


class OfferFactory(DjangoModelFactory):
    """A complete draft; OfferFactory(open=True) is open without anybody being told."""

    class Meta:
        model = Offer
        skip_postgeneration_save = True

    slug = factory.Sequence(lambda n: f"offer-{n}")
    title = factory.Sequence(lambda n: f"Offer {n}")
    kind = Offer.Kind.VISIT
    institution = factory.SubFactory(InstitutionFactory)
    country = factory.LazyFunction(lambda: Country.objects.get(pk="PK"))
    places = 2
    starts_on = factory.LazyFunction(lambda: timezone.localdate() + datetime.timedelta(days=90))
    apply_by = factory.LazyFunction(lambda: timezone.now() + datetime.timedelta(days=30))

    class Params:
        open = factory.Trait(state=Offer.State.OPEN, opened_at=factory.LazyFunction(timezone.now))


class MembershipApplicationFactory(DjangoModelFactory):
    """A whole draft; MembershipApplicationFactory(sent=True) waits for the secretariat."""

    class Meta:
        model = MembershipApplication

    institution = factory.SubFactory(InstitutionFactory)
    contact_name = "Amina Rahmani"
    contact_position = "Vice-rector"
    contact_email = factory.Sequence(lambda n: f"applicant{n}@example.org")
    motivation = "We share the glaciers of the Pamir."
    consents = True

    class Params:
        sent = factory.Trait(
            state="submitted",
            year=2026,
            serial=factory.Sequence(lambda n: n + 1),
            submitted_at=factory.LazyFunction(timezone.now),
        )
        new = factory.Trait(
            institution=None,
            name="Institute of Glaciers",
            language="en",
            kind="institute",
            country=factory.LazyFunction(lambda: Country.objects.get(pk="TJ")),
            city="Dushanbe",
        )


class CallFactory(DjangoModelFactory):
    """Open for a month from yesterday; CallFactory(officer=user) is given to that officer."""

    class Meta:
        model = Call
        skip_postgeneration_save = True

    slug = factory.Sequence(lambda n: f"call-{n}")
    code = factory.Sequence(lambda n: f"CALL-{n}")
    title = factory.Sequence(lambda n: f"Call {n}")
    kind = Call.Kind.RESEARCH
    summary = "Joint research on water."
    opens_at = factory.LazyFunction(lambda: timezone.now() - datetime.timedelta(days=1))
    closes_at = factory.LazyFunction(lambda: timezone.now() + datetime.timedelta(days=30))
    state = Call.State.PUBLISHED

    @factory.post_generation
    def officer(self, create, user, **kwargs):
        if user:
            CallOfficer.objects.create(call=self, user=user)


class ProposalFactory(DjangoModelFactory):
    """A draft with everything but confirmations; ProposalFactory(lead=institution) is led by it."""

    class Meta:
        model = Proposal
        skip_postgeneration_save = True

    call = factory.SubFactory(CallFactory)
    number = factory.Sequence(lambda n: n + 1)
    applicant = factory.SubFactory(UserFactory)
    title = factory.Sequence(lambda n: f"Proposal {n}")
    summary = "Wells of two valleys compared."
    starts_on = datetime.date(2027, 3, 1)
    ends_on = datetime.date(2028, 2, 28)

    @factory.post_generation
    def lead(self, create, institution, **kwargs):
        Partner.objects.create(proposal=self, institution=institution or InstitutionFactory(), role=Partner.Role.LEAD)
