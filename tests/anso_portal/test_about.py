import pytest

from anso_portal.models import AboutFact
from tests.pages import body, heading, links, words

pytestmark = pytest.mark.django_db


def test_facts_stand_in_groups_with_their_sources(client):
    urls = ["https://www.anso.org.cn/a", "https://mta.hu/b", "javascript:alert(1)"]
    AboutFact.objects.create(key="founded", value="2018-11-04", detail="In Beijing.", source_urls=urls, position=1)
    AboutFact.objects.create(key="founding_members", value="37", position=2)
    AboutFact.objects.create(key="general_assembly", value="1", detail="Beijing", position=3)
    AboutFact.objects.create(key="president", value="2018-2023", detail="Bai Chunli", position=4)
    AboutFact.objects.create(key="a_new_kind", value="something", position=5)

    response = client.get("/about/")

    text = words(response)
    assert "How it began 4 Nov 2018 In Beijing. Source: anso.org.cn, mta.hu 37 founding members" in text
    assert "General Assembly Assembly 1 Beijing" in text
    assert "Presidents 2018-2023 Bai Chunli" in text
    assert "A new kind something" in text
    assert "https://mta.hu/b" in links(response)
    assert "javascript:" not in body(response)


def test_fact_is_told_in_the_language_of_the_reader(client):
    AboutFact.objects.create(
        key="president", value="2018", detail="given", translations={"en": {"detail": "in English"}, "zh": "没有"}
    )

    assert "2018 in English" in words(client.get("/about/"))


def test_alliance_without_facts_has_a_whole_page(client):
    response = client.get("/about/")

    assert heading(response) == "Alliance of International Science Organizations"
    assert "Where the data come from" in words(response)


@pytest.mark.parametrize("address", ["/privacy/", "/accessibility/"])
def test_pages_of_words_can_be_read(client, address):
    response = client.get(address)

    assert response.status_code == 200
    assert heading(response)


@pytest.mark.parametrize("address", ["/about/", "/privacy/", "/accessibility/"])
def test_pages_of_words_can_only_be_read(client, address):
    assert client.post(address).status_code == 405
