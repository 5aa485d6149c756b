"""Applications as pages show them."""

import datetime

from members.actions.applications import accept_application, ask_applicant
from tests.factories import MembershipApplicationFactory

TODAY = datetime.datetime.now(datetime.UTC).date()


def link_of(application) -> str:
    return f"/members/apply/{application.mint_token()}/"


def asked(officer, **fields):
    application = MembershipApplicationFactory(sent=True, **fields)
    accept_application(application=application, by=officer)
    ask_applicant(application=application, text="Which faculty?\nWe mean it.", by=officer)
    application.refresh_from_db()
    return application
