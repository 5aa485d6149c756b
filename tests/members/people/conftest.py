"""Three people with a public profile."""

import pytest
from django.core.cache import cache

from tests.factories import AffiliationFactory, InstitutionFactory, PersonFactory, ThemeFactory, UserFactory
from tests.members.people.acts import LONG_AGO


@pytest.fixture(autouse=True)
def nobody_has_asked_yet():
    cache.clear()


@pytest.fixture
def signed_in(client):
    client.force_login(UserFactory())
    return client


@pytest.fixture
def three():
    """Ayesha in Pakistan, Bandula in Sri Lanka and before in Pakistan, Chen without an institution."""
    qau, ruhuna = InstitutionFactory(slug="qau"), InstitutionFactory(slug="ruhuna", country_id="LK")
    water = ThemeFactory(slug="water", name="Water")
    ayesha = PersonFactory(name="Ayesha Malik", expertise=["glacier floods", "drones"], languages=["en", "ur"])
    bandula = PersonFactory(name="Bandula Perera", expertise=["drinking water"], languages=["en", "si"])
    chen = PersonFactory(name="Chen Wei", translations={"zh": "陈伟"}, expertise=["drones"], languages=["zh"])
    AffiliationFactory(person=ayesha, institution=qau, position="Lecturer")
    AffiliationFactory(person=bandula, institution=ruhuna, position="Professor", starts_on=LONG_AGO)
    AffiliationFactory(person=bandula, institution=qau, ends_on=LONG_AGO)
    bandula.themes.add(water)
    return ayesha, bandula, chen
