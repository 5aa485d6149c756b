"""Where a person works and worked."""

import datetime

import pytest

from members.models import Affiliation
from tests.desk import fields
from tests.factories import AffiliationFactory, InstitutionFactory, PersonFactory
from tests.members.profile.acts import LONG_AGO, PAGE
from tests.pages import links, words

pytestmark = pytest.mark.django_db


def test_institution_is_looked_up_by_any_name_and_chosen_from_the_registry(me, person):
    academy = InstitutionFactory(name="Academy", slug="academy", names=[("科学院", "zh", "label")], ror="05qrfxd25")
    InstitutionFactory(name="Academy of old", record_status="inactive")

    for text in ("academy", "科学院", "05qrfxd25"):
        response = me.get("/desk/profile/affiliations/add/", {"q": text})
        assert links(response).count("/desk/profile/affiliations/add/?institution=academy") == 1, text
        assert "of old" not in words(response)
    response = me.post(
        "/desk/profile/affiliations/add/?institution=academy",
        {"position": "Professor", "starts": "2019-02", "ends": ""},
    )

    assert (response.status_code, response["Location"]) == (302, PAGE)
    own = Affiliation.objects.get()
    assert (own.person, own.institution, own.position) == (person, academy, "Professor")
    assert (own.starts_on, own.starts_precision, own.ends_on) == (datetime.date(2019, 2, 1), "month", None)
    assert "from Feb 2019 Professor, Academy" in words(me.get(PAGE))


def test_unknown_institution_leads_to_the_secretariat(me, person):
    response = me.get("/desk/profile/affiliations/add/?q=zzzzqqqq")

    assert "No institution has this name" in words(response)
    assert "/report/" in links(response)
    for slug in ("nowhere", "a\x00b", ""):
        found = me.post("/desk/profile/affiliations/add/", {}, query_params={"institution": slug})
        assert found.status_code == (404 if slug else 302)
    assert not Affiliation.objects.exists()


def test_who_leaves_ends_the_affiliation_and_keeps_it(me, person):
    own = AffiliationFactory(person=person, starts_on=LONG_AGO, starts_precision="year", position="Lecturer")
    page = f"/desk/profile/affiliations/{own.pk}/"

    response = me.post(page, fields(me.get(page)) | {"ends": "2022"})

    assert response.status_code == 302
    own.refresh_from_db()
    assert (own.ends_on, own.ends_precision, own.starts_precision) == (datetime.date(2022, 12, 31), "year", "year")
    assert "2020–2022 Lecturer" in words(me.get(PAGE))
    assert not Affiliation.objects.current().exists()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"starts": "12/2019"}, "Write a date as 2014, 2014-02 or 2014-02-28."),
        ({"ends": "2019-13"}, "Write a date as 2014"),
        ({"starts": "0000"}, "Write a date as 2014"),
        ({"starts": "2019", "ends": "2018"}, "An affiliation cannot end before it begins."),
        ({"starts": "9999"}, "This day is still to come"),
        ({"position": "x" * 201}, "at most 200 characters"),
        ({"position": "Prof <script>"}, "A name cannot hold “<”."),
        ({"position": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_what_is_wrong_with_an_affiliation_is_said(me, person, changes, problem):
    InstitutionFactory(slug="academy")

    response = me.post("/desk/profile/affiliations/add/?institution=academy", {"position": "P", **changes})

    assert response.status_code == 422
    assert problem in words(response)
    assert not Affiliation.objects.exists()


def test_one_year_may_begin_and_end_an_affiliation(me, person):
    InstitutionFactory(slug="academy")

    response = me.post("/desk/profile/affiliations/add/?institution=academy", {"starts": "2019-05", "ends": "2019"})

    assert response.status_code == 302
    assert "May 2019 – 2019" in words(me.get(PAGE))


def test_second_window_on_an_affiliation_is_told_what_the_first_one_saved(me, person):
    own = AffiliationFactory(person=person)
    page = f"/desk/profile/affiliations/{own.pk}/"
    first = second = fields(me.get(page))
    me.post(page, first | {"position": "Lecturer"})

    response = me.post(page, second | {"position": "Professor"})

    assert response.status_code == 409
    assert "This affiliation has changed meanwhile" in words(response)
    assert "today Lecturer" in words(response)
    assert fields(response)["position"] == ["Professor"]
    own.refresh_from_db()
    assert own.position == "Lecturer"
    assert me.post(page, fields(response)).status_code == 302


def test_t17_affiliation_stays_with_its_person_and_institution(me, person):
    own = AffiliationFactory(person=person)
    other, elsewhere = PersonFactory(), InstitutionFactory()
    page = f"/desk/profile/affiliations/{own.pk}/"

    me.post(
        page, fields(me.get(page)) | {"person": other.pk, "institution": elsewhere.pk, "institution_id": elsewhere.pk}
    )

    kept = Affiliation.objects.get()
    assert (kept.person, kept.institution) == (person, own.institution)


def test_affiliation_entered_by_mistake_is_removed(me, person):
    own = AffiliationFactory(person=person)

    assert me.post(f"/desk/profile/affiliations/{own.pk}/remove/").status_code == 302
    assert not Affiliation.objects.exists()
    assert me.post(f"/desk/profile/affiliations/{own.pk}/remove/").status_code == 404


def test_there_is_an_end_to_affiliations(me, person, monkeypatch):
    monkeypatch.setattr("members.actions.profiles.MOST_AFFILIATIONS", 1)
    AffiliationFactory(person=person, institution__slug="academy")

    response = me.post("/desk/profile/affiliations/add/?institution=academy", {"position": "P"})

    assert response.status_code == 422
    assert "That are very many affiliations" in words(response)
