"""People in the administration."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from members.models import Affiliation, Person
from tests.desk import fields, send
from tests.factories import PersonFactory, UserFactory
from tests.members.admin.acts import page

pytestmark = pytest.mark.django_db


def test_person_is_edited_in_plain_lines(desk):
    account = UserFactory(email="scientist@example.org")
    send(
        desk,
        reverse("admin:members_person_add"),
        {
            "name": "Ibn Sina",
            "user": "scientist@example.org",
            "orcid": "https://orcid.org/0000-0002-1825-0097",
            "translations": "fa: ابن سینا\nzh: 伊本·西那",
            "expertise": "medicine, old and new\nlogic",
        },
    )

    person = Person.objects.get()
    assert (person.slug, person.user, person.orcid) == ("ibn-sina", account, "0000-0002-1825-0097")
    assert person.translations == {"fa": "ابن سینا", "zh": "伊本·西那"}
    assert person.expertise == ["medicine, old and new", "logic"]

    sent_back = fields(desk.get(page(person)))
    assert sent_back["expertise"] == ["medicine, old and new\nlogic"]
    assert sent_back["user"] == ["scientist@example.org"]
    send(desk, page(person))
    assert not LogEntry.objects.filter(action_flag=2).exclude(change_message="[]").exists()


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"translations": "no language"}, "is not a language and a name"),
        ({"translations": "zh: a\nzh: b"}, "is there twice"),
        ({"orcid": "0000-0002-1825-0098"}, "typing error"),
        ({"user": "nobody@example.org"}, "There is no account"),
        ({"expertise": "x" * 101}, "at most 100"),
        ({"name": "Ibn <i>Sina</i>"}, "cannot hold “&lt;”"),
        ({"name": "Ibn\u2066Sina"}, "cannot be seen (U+2066)"),
        ({"translations": "fa: http://evil.example"}, "cannot hold a web address"),
    ],
)
def test_what_is_wrong_with_a_person_is_said(desk, changes, complaint):
    response = send(desk, page(PersonFactory()), changes)

    assert complaint in response.content.decode()
    assert Affiliation.objects.count() == 0
