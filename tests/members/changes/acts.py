"""How the people of an institution propose changes, and an officer decides on them."""

from members.models import ChangeRequest
from tests.desk import fields


def at(part="", slug="academy") -> str:
    return f"/desk/institution/{slug}/edit/{part}{'/' if part else ''}"


def save(client, part, changes, slug="academy", **options):
    """The page as it stands, with some fields changed."""
    address = at(part, slug)
    return client.post(address, fields(client.get(address)) | changes, **options)


def send_in(client, slug="academy", note=""):
    address = at("send", slug)
    return client.post(address, fields(client.get(address)) | {"note": note})


def moderate(client, change, **verdicts):
    """moderate(client, change, place="accept", names=("refuse", "Why"))."""
    address = f"/desk/moderation/{change.pk}/"
    data = fields(client.get(address))
    for item in change.items.all():
        verdict, reason = (
            verdicts[item.field] if isinstance(verdicts[item.field], tuple) else (verdicts[item.field], "")
        )
        data |= {f"item-{item.pk}-verdict": verdict, f"item-{item.pk}-reason": reason}
    return client.post(address, data)


def proposed(client, **parts) -> ChangeRequest:
    for part, changes in parts.items():
        assert save(client, part, changes).status_code == 302
    send_in(client)
    return ChangeRequest.objects.get(state="proposed")
