import pytest
from django.utils import timezone

from tests.exchanges.acts import DAY, TODAY
from tests.factories import InstitutionFactory, InstitutionRoleFactory, OfferFactory, ProgrammeFactory, UserFactory


@pytest.fixture
def home():
    return InstitutionFactory(country_id="KE", name="Home University")


@pytest.fixture
def host():
    return InstitutionFactory(country_id="PK", name="Host Academy")


@pytest.fixture
def speakers(home, host):
    return {
        "home": InstitutionRoleFactory(institution=home).user,
        "host": InstitutionRoleFactory(institution=host).user,
    }


@pytest.fixture
def officer():
    return UserFactory(roles=["officer"])


@pytest.fixture
def programme():
    return ProgrammeFactory(
        rules=[
            {"rule": "different_countries", "roles": ["home", "host"]},
            {"rule": "duration", "unit": "days", "least": 5, "most": 90},
        ]
    )


@pytest.fixture
def offer(host, programme):
    return OfferFactory(
        institution=host,
        center=None,
        programme=programme,
        state="open",
        places=2,
        starts_on=TODAY + 60 * DAY,
        ends_on=TODAY + 80 * DAY,
        apply_by=timezone.now() + 10 * DAY,
    )
