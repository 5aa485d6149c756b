"""How stays come about in tests, as far as is asked."""

import datetime

from allauth.account.models import EmailAddress

from exchanges.actions.stays import answer_stay, approve_stay, begin_stay, submit_stay
from exchanges.models import Stay
from tests.factories import UserFactory

TODAY = datetime.datetime.now(datetime.UTC).date()
DAY = datetime.timedelta(days=1)


def scientist(**fields):
    user = UserFactory(**fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def draft(offer, home, person=None, **fields):
    stay = begin_stay(offer=offer, home=home, by=person or scientist())
    Stay.objects.filter(pk=stay.pk).update(**({"purpose": "To measure wells."} | fields))
    stay.refresh_from_db()
    return stay


def submitted(offer, home, **fields):
    stay = draft(offer, home, **fields)
    return submit_stay(stay=stay, by=stay.applicant)


def agreed(offer, home, speakers, **fields):
    stay = submitted(offer, home, **fields)
    for kind in ("home", "host"):
        answer_stay(stay=stay, kind=kind, agrees=True, by=speakers[kind])
    stay.refresh_from_db()
    return stay


def approved(offer, home, speakers, officer, **fields):
    stay = agreed(offer, home, speakers, **fields)
    approve_stay(stay=stay, by=officer)
    stay.refresh_from_db()
    return stay
