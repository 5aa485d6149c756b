"""Logos (T11, T18, T35): sent by an institution, seen by nobody else before an officer has accepted them."""

import io

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from members.models import ChangeItem, ChangeRequest, Institution
from tests.desk import fields, send
from tests.factories import InstitutionFactory, InstitutionRoleFactory, UserFactory
from tests.pages import body, statements, words

pytestmark = pytest.mark.django_db

PART, SEND = "/desk/institution/academy/edit/logo/", "/desk/institution/academy/edit/send/"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "logos"


def picture(colour="teal", form="PNG", size=(600, 300), name="logo.png", **options) -> SimpleUploadedFile:
    written = io.BytesIO()
    Image.new("RGB", size, colour).save(written, form, **options)
    return SimpleUploadedFile(name, written.getvalue())


def upload(client, file, **changes):
    return client.post(PART, fields(client.get(PART)) | {"logo": file} | changes)


def send_in(client) -> ChangeRequest:
    client.post(SEND, fields(client.get(SEND)))
    return ChangeRequest.objects.get(state="proposed")


def decide(officer, change, verdict, reason=""):
    address, item = f"/desk/moderation/{change.pk}/", change.items.get()
    data = {f"item-{item.pk}-verdict": verdict, f"item-{item.pk}-reason": reason}
    return officer.post(address, fields(officer.get(address)) | data)


def files(media) -> list[str]:
    return sorted(file.name for file in media.iterdir()) if media.exists() else []


def test_logo_is_written_anew_under_a_name_nobody_can_guess(client, editor, media):
    exif = Image.Exif()
    exif[0x010E] = "secret"
    assert upload(client, picture(form="JPEG", exif=exif, name="../../me.html")).status_code == 302

    (name,) = files(media)
    stored = (media / name).read_bytes()
    assert ChangeItem.objects.get().after == f"logos/{name}"
    assert len(name) == 36
    assert b"secret" not in stored
    assert Image.open(io.BytesIO(stored)).size == (480, 240)


@pytest.mark.parametrize(
    "file",
    [
        SimpleUploadedFile("logo.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        SimpleUploadedFile("logo.png", b"<html><script>alert(1)</script></html>"),
        SimpleUploadedFile("logo.png", b""),
        picture(form="GIF"),
    ],
    ids=["svg", "html", "empty", "gif"],
)
def test_what_is_no_picture_is_refused_beside_the_field(client, editor, media, file):
    response = upload(client, file)

    assert response.status_code == 422
    assert "There is a problem" in words(response)
    assert files(media) == []
    assert not ChangeRequest.objects.exists()


def test_proposed_logo_is_seen_by_those_who_may_see_the_request(client, editor, institution, officer):
    upload(client, picture())
    draft = ChangeRequest.objects.get()
    address = f"/desk/institution/academy/changes/{draft.pk}/after.png"
    name = ChangeItem.objects.get().after.removeprefix("logos/")

    own = client.get(address)
    assert own["Content-Type"] == "image/png"
    assert own["X-Content-Type-Options"] == "nosniff"
    assert own["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert own["Cache-Control"] == "private, no-store"
    assert officer.get(address).status_code == 404
    send_in(client)
    assert officer.get(address).status_code == 200
    assert client.get(address.replace("after", "before")).status_code == 404
    assert client.get(address.replace("after", "during")).status_code == 404
    assert client.get(f"/members/academy/{name}").status_code == 404
    assert client.get(f"/media/logos/{name}").status_code == 404
    assert client.get(f"/media/branding/{name}").status_code == 404
    stranger = type(client)()
    stranger.force_login(InstitutionRoleFactory().user)
    for method in ("get", "head"):
        assert getattr(stranger, method)(address).status_code == 404
    assert type(client)().get(address).status_code == 302
    assert client.post(address).status_code == 405


def test_accepted_logo_is_public_and_kept_by_caches(client, editor, institution, officer):
    upload(client, picture())
    decide(officer, send_in(client), "accept")
    institution.refresh_from_db()
    visitor = type(client)()

    assert institution.logo_url in body(visitor.get("/members/academy/"))
    served = visitor.get(institution.logo_url)
    assert served.status_code == 200
    assert served["Cache-Control"] == "public, max-age=31536000, immutable"
    assert served["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert served["Content-Disposition"].startswith("attachment")
    assert "Set-Cookie" not in served
    other = InstitutionFactory()
    assert visitor.get(institution.logo_url.replace("academy", other.slug)).status_code == 404
    assert visitor.get("/members/academy/" + "0" * 32 + ".png").status_code == 404


def test_logo_can_be_removed_and_the_decided_request_still_shows_it(client, editor, institution, officer, media):
    upload(client, picture())
    decide(officer, send_in(client), "accept")
    assert client.post(PART, fields(client.get(PART)) | {"remove": "on"}).status_code == 302
    change = send_in(client)
    decide(officer, change, "accept")

    institution.refresh_from_db()
    assert not institution.logo
    assert "<img" not in body(client.get("/members/academy/")).partition("<main")[2].partition("</header>")[0]
    assert client.get(f"/desk/institution/academy/changes/{change.pk}/before.png").status_code == 200
    assert len(files(media)) == 1


@pytest.mark.django_db(transaction=True)
def test_pictures_that_nobody_shows_leave_no_file(client, editor, institution, media):
    upload(client, picture("red"))
    upload(client, picture("blue"))
    assert len(files(media)) == 1

    client.post("/desk/institution/academy/edit/withdraw/")
    assert files(media) == []


@pytest.mark.django_db(transaction=True)
def test_late_picture_is_not_stored_and_the_other_one_is_shown(client, editor, institution, media):
    data = fields(client.get(PART))
    upload(client, picture("red"))

    late = client.post(PART, data | {"logo": picture("blue")})

    assert late.status_code == 409
    assert "Choose your picture again" in words(late)
    assert "/after.png" in body(late)
    assert len(files(media)) == 1


def test_many_pictures_are_stopped(client, editor, monkeypatch, media):
    monkeypatch.setattr("members.views.edit.PICTURES_AN_HOUR", 1)
    upload(client, picture("red"))

    response = upload(client, picture("blue"))

    assert response.status_code == 429
    assert len(files(media)) == 1


def test_logo_costs_the_public_page_nothing(client, institution):
    bare = statements(client, "/members/academy/")
    Institution.objects.update(logo="logos/" + "0" * 32 + ".png")

    assert statements(client, "/members/academy/") == bare
    assert not default_storage.exists("logos/" + "0" * 32 + ".png")


@pytest.mark.django_db(transaction=True)
def test_admin_replaces_a_logo_by_the_same_rules(client, institution, media):
    client.force_login(UserFactory(roles=["administrator"]))
    address = reverse("admin:members_institution_change", args=[institution.pk])
    send(client, address, {"logo": picture("red")})
    institution.refresh_from_db()
    first = institution.logo_url

    assert client.get(first).status_code == 200
    assert f'href="{first}"' in body(client.get(address))
    send(client, address, {"logo": picture("blue")})
    institution.refresh_from_db()
    assert institution.logo_url != first
    assert files(media) == [institution.logo.name.removeprefix("logos/")]
    refused = send(client, address, {"logo": SimpleUploadedFile("logo.png", b"no picture")})
    assert "not an image" in str(refused.context["errors"])
    refused = send(client, address, {"logo": picture(form="GIF")})
    assert "no picture in PNG, JPEG or WebP" in str(refused.context["errors"])
