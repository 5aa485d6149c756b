import pytest

from tests.factories import (
    CenterFactory,
    InstitutionFactory,
    InstitutionRoleFactory,
    OfferFactory,
    PersonFactory,
    ProjectFactory,
    SourceFactory,
    ThemeFactory,
    UserFactory,
)
from tests.listing import exported
from tests.pages import body, heading, links, statements, words

pytestmark = pytest.mark.django_db


def page(client, theme):
    response = client.get(theme.get_absolute_url())
    assert response.status_code == 200
    return response


def test_page_says_what_the_theme_is_and_where_that_is_from(client):
    source = SourceFactory(name="Board minutes", url="https://example.org/minutes")
    theme = ThemeFactory(
        name="Climate change", translations={"zh": "气候变化"}, description="A priority.", source=source
    )

    response = page(client, theme)

    assert heading(response) == "Climate change"
    assert '<li lang="zh" dir="ltr">气候变化</li>' in body(response)
    assert "A priority." in words(response)
    assert "Source: Board minutes" in words(response)
    assert "https://example.org/minutes" in links(response)


def test_figures_count_what_their_lists_hold(client):
    theme = ThemeFactory()
    for _ in range(2):
        ProjectFactory(lead=InstitutionFactory()).themes.add(theme)
    ProjectFactory()
    ProjectFactory(published_at=None, lead=InstitutionFactory(country_id="BR")).themes.add(theme)
    CenterFactory().themes.add(theme)
    OfferFactory(open=True).themes.add(theme)
    OfferFactory().themes.add(theme)
    PersonFactory().themes.add(theme)
    PersonFactory(is_public=False).themes.add(theme)

    found = {label: (number, url) for number, label, url in page(client, theme).context["figures"]}

    assert {label: number for label, (number, _url) in found.items()} == {
        "projects": 2,
        "center": 1,
        "open exchange": 1,
        "country": 1,
        "person with a public profile": 1,
    }
    assert found["person with a public profile"][1] == f"/people/?theme={theme.slug}"
    client.force_login(UserFactory())
    for label in ("projects", "center", "open exchange", "person with a public profile"):
        number, url = found[label]
        assert len(exported(client, url, "json")) == number


def test_rows_lead_on(client):
    theme, other = ThemeFactory(), ThemeFactory()
    institution = InstitutionFactory(name="The Lead")
    project, center, offer = ProjectFactory(lead=institution), CenterFactory(), OfferFactory(open=True)
    for record in (project, center, offer):
        record.themes.add(theme)

    response = page(client, theme)

    for record in (project, center, offer, institution, other):
        assert record.get_absolute_url() in links(response)
    assert "/countries/PK/" in links(response)
    assert "Institutions with most projects Institution Projects The Lead Pakistan 1" in words(response)


def test_drafts_hide_from_strangers(client):
    theme = ThemeFactory()
    ProjectFactory(title="Secret", published_at=None, lead=InstitutionFactory(name="Secret lead")).themes.add(theme)
    OfferFactory(title="Secret offer").themes.add(theme)

    assert "Secret" not in words(page(client, theme))


def test_empty_theme_is_whole(client):
    text = words(page(client, ThemeFactory(name="New theme")))

    assert "No projects known yet." in text
    assert "None is open today. Follow the theme" in text


def test_unknown_theme_is_not_found(client):
    assert client.get("/themes/nothing/").status_code == 404


def test_page_can_only_be_read(client):
    assert client.post(ThemeFactory().get_absolute_url()).status_code == 405


def fill(theme, count):
    for _ in range(count):
        institution = InstitutionFactory()
        for record in (ProjectFactory(lead=institution), CenterFactory(), OfferFactory(open=True), PersonFactory()):
            record.themes.add(theme)


@pytest.mark.parametrize(("who", "budget"), [("visitor", 20), ("scientist", 24)])
def test_statements_stay_within_the_budget_whatever_the_number_of_rows(client, who, budget):
    one, many = ThemeFactory(), ThemeFactory()
    fill(one, 1)
    fill(many, 25)
    if who == "scientist":
        client.force_login(InstitutionRoleFactory().user)

    cost = statements(client, many.get_absolute_url())

    assert cost <= budget
    assert cost == statements(client, one.get_absolute_url())
