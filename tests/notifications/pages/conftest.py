"""Somebody who reads."""

import pytest

from exchanges.actions.offers import open_offer
from tests.factories import OfferFactory


@pytest.fixture
def reader(follower):
    return follower("country:PK", name="Reader")


@pytest.fixture
def tell(officer):
    """tell("Two places") announces an offer of this title in Pakistan."""

    def announce(title="Two places"):
        return open_offer(offer=OfferFactory(title=title), by=officer)

    return announce
