import io
import json
import re

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from anso_portal.context import CACHE_KEY
from anso_portal.models import Branding, ErrorReport
from tests.desk import errors, fields, queries_of, send
from tests.factories import InstitutionFactory, SourceFactory, ThemeFactory, UserFactory
from vocabularies.models import Country, Source, Theme

pytestmark = pytest.mark.django_db

BRANDING = reverse("admin:anso_portal_branding_changelist")
ADD = reverse("admin:anso_portal_branding_add")
REPORTS = reverse("admin:anso_portal_errorreport_changelist")


@pytest.fixture
def desk(client):
    client.force_login(UserFactory(roles=["administrator"]))
    return client


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def picture(form="PNG", size=(3000, 1000), name=None, **options):
    written = io.BytesIO()
    Image.new("RGB", size, "#0b5563").save(written, form, **options)
    return SimpleUploadedFile(name or f"picture.{form.lower()}", written.getvalue())


# --- Name, logo and colours


def test_list_of_the_one_row_is_its_page(desk):
    assert desk.get(BRANDING)["Location"] == ADD
    Branding.objects.create(name="Portal")
    assert desk.get(BRANDING)["Location"] == reverse("admin:anso_portal_branding_change", args=[1])
    assert desk.get(ADD).status_code == 403
    assert desk.post(reverse("admin:anso_portal_branding_delete", args=[1]), {"post": "yes"}).status_code == 403


def test_what_was_saved_shows_at_once(desk, django_capture_on_commit_callbacks):
    cache.set(CACHE_KEY, {"name": "Old"}, 60)

    with django_capture_on_commit_callbacks(execute=True):
        send(desk, ADD, {"name": "New Portal", "colour": "#123456"})

    assert cache.get(CACHE_KEY) is None
    assert "New Portal" in desk.get("/admin/").content.decode()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_logo_is_written_anew_and_small(desk, form):
    exif = Image.Exif()
    exif[0x010E] = "secret"  # the description
    upload = picture(form, exif=exif)
    assert b"secret" in upload.read()
    upload.seek(0)

    send(desk, ADD, {"logo": upload})

    logo = Branding.objects.get().logo
    with Image.open(logo) as stored:
        assert (stored.format, stored.width, stored.height) == ("PNG", 720, 240)
    assert b"secret" not in logo.open().read()
    assert re.fullmatch(r"branding/[0-9a-f]{32}\.png", logo.name)


@pytest.mark.parametrize(
    "upload",
    [
        SimpleUploadedFile("logo.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        SimpleUploadedFile("logo.png", b"no picture"),
        picture("GIF", name="logo.png"),
        picture("BMP", (10, 10), name="logo.png"),
        SimpleUploadedFile("logo.png", picture(size=(300, 300)).read()[:200]),
    ],
    ids=["svg", "text", "gif", "bmp", "cut"],
)
def test_what_is_no_picture_is_refused(desk, upload):
    response = send(desk, ADD, {"logo": upload})

    assert response.status_code == 200
    assert "logo" in response.context["adminform"].form.errors
    assert not Branding.objects.exists()


@pytest.mark.parametrize(("limit", "value"), [("LARGEST_FILE", 100), ("LARGEST_PIXELS", 100)])
def test_pictures_have_a_limit(desk, monkeypatch, limit, value):
    monkeypatch.setattr(f"toolkit.documents.pictures.{limit}", value)

    assert "The picture" in errors(send(desk, ADD, {"logo": picture()}))


def test_replaced_logo_leaves_no_file_behind(desk, tmp_path, django_capture_on_commit_callbacks):
    change = reverse("admin:anso_portal_branding_change", args=[1])
    send(desk, ADD, {"logo": picture()})
    with django_capture_on_commit_callbacks(execute=True):
        send(desk, change, {"logo": picture("JPEG")})
    assert [file.name for file in (tmp_path / "branding").iterdir()] == [Branding.objects.get().logo.name.split("/")[1]]

    with django_capture_on_commit_callbacks(execute=True):
        send(desk, change, {"logo-clear": "on"})
    assert not list((tmp_path / "branding").iterdir())


def test_colours_are_checked(desk):
    assert "A colour is written like" in errors(send(desk, ADD, {"colour": "red"}))


def test_officer_sees_the_branding_and_cannot_change_it(client):
    Branding.objects.create(name="Portal")
    client.force_login(UserFactory(roles=["officer"]))

    address = reverse("admin:anso_portal_branding_change", args=[1])
    assert client.get(address).status_code == 200
    assert client.post(address, {"name": "Mine"}).status_code == 403


# --- Reports of errors


def test_reports_are_only_looked_up_here(desk):
    report = ErrorReport.objects.create(address="/members/x/", record="X", message="Wrong.")
    address = reverse("admin:anso_portal_errorreport_change", args=[report.pk])

    assert "Wrong." in desk.get(address).content.decode()
    assert report.get_absolute_url() in desk.get(address).content.decode()
    assert desk.post(address, {"state": "done", "message": "Other"}).status_code == 403
    assert ErrorReport.objects.values_list("state", "message").get() == ("open", "Wrong.")


@pytest.mark.parametrize("address", ["//evil.example/", "javascript:alert(1)", "https://evil.example/"])
def test_report_links_into_the_portal_only(desk, address):
    ErrorReport.objects.create(address=address, record="X", message="<b>" + "x" * 200)

    text = desk.get(REPORTS).content.decode()

    assert f'href="{address}"' not in text
    assert "<b>" not in text


@pytest.mark.parametrize(
    "address",
    [REPORTS, reverse("admin:vocabularies_theme_changelist"), reverse("admin:vocabularies_source_changelist")],
)
def test_lists_ask_as_often_for_three_as_for_one(desk, address):
    def make():
        ErrorReport.objects.create(address="/", record="X", message="Wrong.")
        ThemeFactory(source=SourceFactory())

    make()
    desk.get(address)
    one = queries_of(desk, address)
    make()
    make()

    assert queries_of(desk, address) == one <= 10


# --- Vocabularies


def test_theme_is_made_with_its_names(desk):
    send(desk, reverse("admin:vocabularies_theme_add"), {"name": "Clean Water", "translations": "zh: 清洁水"})

    theme = Theme.objects.get(slug="clean-water")
    assert theme.names_folded == "clean water 清洁水"


def test_source_of_the_same_name_gets_a_number(desk):
    for _ in range(2):
        send(desk, reverse("admin:vocabularies_source_add"), {"name": "CORDIS"})

    assert sorted(Source.objects.values_list("slug", flat=True)) == ["cordis", "cordis-2"]


@pytest.mark.parametrize("query", ["pakistan", "PK", "巴基斯坦"])
def test_countries_are_found_in_the_languages_of_the_portal_and_keep_their_code(desk, query):
    response = desk.get(reverse("admin:vocabularies_country_changelist"), {"q": query})
    assert [country.pk for country in response.context["cl"].result_list] == ["PK"]

    address = reverse("admin:vocabularies_country_change", args=["PK"])
    assert "code" not in fields(desk.get(address))
    send(desk, address, {"code": "XX", "latitude": "30", "longitude": "70"})
    assert str(Country.objects.get(pk="PK").latitude) == "30.00000"
    assert desk.get(reverse("admin:vocabularies_country_add")).status_code == 403


# --- What was changed lately


def test_changes_are_listed_with_who_made_them_and_what_they_touched(desk):
    institution = InstitutionFactory(city="Lahore")
    send(desk, reverse("admin:members_institution_change", args=[institution.pk]), {"city": "Karachi"})

    response = desk.get(reverse("admin:pghistory_context_changelist"))
    context = next(context for context in response.context["cl"].result_list if context.metadata.get("user"))
    text = desk.get(reverse("admin:pghistory_context_change", args=[context.pk])).content.decode()

    assert context.metadata["route"] == "/admin/members/institution/<path:object_id>/change/"
    assert context.user_name == UserFactory._meta.model.objects.get(pk=context.metadata["user"]).name
    assert "institution: 1 × changed" in text
    assert f"{institution.pk}: Institution: city: Lahore → Karachi" in text
    assert "not sealed yet" in text
    assert "Karachi" not in json.dumps(context.metadata)
