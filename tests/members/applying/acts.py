"""The public form, filled in, and the mail that follows."""

import re

from notifications.emails import write
from notifications.models import Delivery

FORM = "/members/apply/form/"


ANSWERS = {
    "contact_name": "Amina Rahmani",
    "contact_position": "Vice-rector",
    "contact_email": "amina@example.org",
    "motivation": "We share the glaciers\nof the Pamir.",
    "contribution": "",
    "focal_name": "",
    "focal_email": "",
    "consents": "on",
    "key": "one",
}


NEW = {
    "name": "Институт ледников",
    "language": "ru",
    "acronym": "",
    "kind": "institute",
    "country": "TJ",
    "city": "Душанбе",
    "website": "glaciers.example.org",
    "ror": "",
}


def letter_to(address: str) -> str:
    delivery = Delivery.objects.filter(address=address).order_by("-pk")[0]
    return write(delivery)["body_text"]


def link_in(text: str) -> str:
    return re.search(r"https?://[^/\s]+(/members/apply/[\w-]+/)", text)[1]
