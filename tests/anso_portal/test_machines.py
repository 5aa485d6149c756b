"""robots.txt, site maps, the logo."""

import re

import pytest

from anso_portal.views import machines
from tests.factories import InstitutionFactory, OfferFactory, PersonFactory, ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db


def addresses(response) -> list[str]:
    assert response["Content-Type"].startswith("application/xml")
    return re.findall(r"<loc>(.*?)</loc>", response.content.decode())


def test_robots_are_kept_out_of_desks_and_shown_the_site_map(client, settings):
    lines = client.get("/robots.txt").content.decode().splitlines()

    assert "Disallow: /desk/" in lines
    assert f"Sitemap: {settings.PORTAL_BASE_URL}/sitemap.xml" in lines
    assert "Disallow: /members/" not in lines


def test_site_map_holds_public_records_alone(client, settings):
    project = ProjectFactory()
    ProjectFactory(published_at=None)

    index = addresses(client.get("/sitemap.xml"))
    found = addresses(client.get("/sitemap-projects-1.xml"))

    assert f"{settings.PORTAL_BASE_URL}/sitemap-projects-1.xml" in index
    assert found == [f"{settings.PORTAL_BASE_URL}{project.get_absolute_url()}"]


def test_site_map_holds_no_draft_even_for_an_officer(client):
    OfferFactory()
    client.force_login(UserFactory(roles=["officer"]))

    assert addresses(client.get("/sitemap-exchanges-1.xml")) == []


def test_site_map_holds_public_profiles_alone_even_for_an_officer(client, settings):
    person = PersonFactory()
    PersonFactory(is_public=False)
    client.force_login(UserFactory(roles=["officer"]))

    assert addresses(client.get("/sitemap-people-1.xml")) == [f"{settings.PORTAL_BASE_URL}{person.get_absolute_url()}"]


def test_long_site_map_has_pages(client, monkeypatch):
    monkeypatch.setattr(machines, "SITEMAP_PAGE", 2)
    institutions = InstitutionFactory.create_batch(3)

    index = addresses(client.get("/sitemap.xml"))
    found = [addresses(client.get(f"/sitemap-members-{page}.xml")) for page in (1, 2)]

    assert len([address for address in index if "sitemap-members-" in address]) == 2
    assert [len(page) for page in found] == [2, 1]
    assert found[1][0].endswith(institutions[2].get_absolute_url())


@pytest.mark.parametrize("address", ["/sitemap-nothing-1.xml", "/sitemap-members-9.xml", "/sitemap-members-0.xml"])
def test_unknown_site_map_is_not_found(client, address):
    assert client.get(address).status_code == 404


@pytest.fixture
def uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "branding").mkdir()
    (tmp_path / "branding/logo.png").write_bytes(b"picture")
    (tmp_path / "branding/page.html").write_text("<script>alert(1)</script>")
    (tmp_path / "secret.png").write_bytes(b"secret")
    return tmp_path


def test_logo_is_served(client, uploads):
    response = client.get("/media/branding/logo.png")

    assert b"".join(response.streaming_content) == b"picture"
    assert response["Content-Type"] == "image/png"
    assert "max-age" in response["Cache-Control"]


@pytest.mark.parametrize(
    "address",
    [
        "/media/secret.png",
        "/media/branding/../secret.png",
        "/media/branding/%2e%2e/secret.png",
        "/media/branding/..%2fsecret.png",
        "/media/branding//etc/passwd.png",
        "/media/branding/page.html",
        "/media/branding/none.png",
        "/media/branding/a%00.png",
        "/media/branding/",
    ],
)
def test_no_other_upload_is_served(client, uploads, address):
    assert client.get(address).status_code == 404


def test_logo_that_was_never_chosen_is_not_found(client, settings):
    assert isinstance(settings.MEDIA_ROOT, str)  # as the environment gives it
    assert client.get("/media/branding/logo.png").status_code == 404
