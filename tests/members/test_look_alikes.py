from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from members.actions.facts import write_names
from members.models import Institution, InstitutionName
from members.models.institution import skeleton_of
from members.ror.loading import import_records
from tests.desk import errors, send
from tests.factories import InstitutionFactory, UserFactory
from tests.members.admin.acts import ADD, confirm, page, upload
from tests.members.ror_records import record

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    client.force_login(UserFactory(roles=["officer"]))
    return client


def stray_skeletons() -> list[str]:
    return [name.value for name in InstitutionName.objects.all() if name.skeleton != skeleton_of(name.kind, name.value)]


def test_names_that_look_alike_find_each_other_in_any_language():
    academy = InstitutionFactory(name="Institute of Physics", names=[("Институт физики", "ru", "label")])
    InstitutionFactory(name="Institute of Physiology")

    for name in ("lnstitute of Physics", "INSTITUTE-OF PHYSICS", "ИНСТИТУТ  ФИЗИКИ"):
        assert list(Institution.objects.look_alikes(name)) == [academy]
    assert not Institution.objects.look_alikes("Institute of Chemistry", "", "–").exists()


def test_acronyms_are_shared_and_look_like_nobody():
    InstitutionFactory(acronym="IAS")

    assert not Institution.objects.look_alikes("IAS").exists()


def test_every_path_that_writes_names_writes_their_skeletons():
    institution = InstitutionFactory(name="One", acronym="O", names=[("Eins", "de", "label")])
    write_names(institution, [{"value": "Two", "language": "", "kind": "display"}])
    import_records([record()])
    name = institution.names.get()
    name.value = "Three"
    name.save()

    assert InstitutionName.objects.exclude(institution=institution).exists()
    assert stray_skeletons() == []


def test_migration_fills_what_is_missing():
    InstitutionFactory(name="Institute of Physics", acronym="IP")
    InstitutionName.objects.update(skeleton="")

    import_module("members.migrations.0013_fill_name_skeletons").fill(apps, connection.schema_editor())

    assert stray_skeletons() == []
    assert InstitutionName.objects.get(kind="acronym").skeleton == ""


def test_look_up_is_one_query_by_the_index(django_assert_num_queries):
    InstitutionFactory(name="Institute of Physics")
    with django_assert_num_queries(1):
        assert len(Institution.objects.look_alikes("lnstitute of Physics", "Other")) == 1
    InstitutionFactory(names=[(f"Name {number}", "", "alias") for number in range(300)])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("ANALYZE members_institutionname")
    assert "institutionname_skeleton" in Institution.objects.look_alikes("lnstitute of Physics").explain()


# --- Officers are warned, and decide


def test_new_institution_that_looks_like_another_is_made_once_the_officer_says_so(desk):
    InstitutionFactory(name="Institute of Physics", slug="iop")
    data = {"name": "lnstitute of Physics", "country": "CN"}

    response = send(desk, ADD, data)
    assert "looks like that of Institute of Physics (iop)" in errors(response)
    assert 'type="checkbox" name="another_one"' in response.content.decode()

    send(desk, ADD, {**data, "another_one": "on"})
    assert set(Institution.objects.values_list("name", flat=True)) == {"Institute of Physics", "lnstitute of Physics"}


def test_new_name_that_looks_like_another_institution_is_taken_once_the_officer_says_so(desk):
    InstitutionFactory(name="Institute of Physics", slug="iop")
    other = InstitutionFactory(name="Academy")
    name = {"value": "INSTITUTE OF PHYSICS", "kind": "alias"}

    response = send(desk, page(other), add={"names": [name]})
    assert "looks like that of Institute of Physics (iop)" in errors(response)
    assert 'type="checkbox" name="another_one"' in response.content.decode()
    assert other.names.count() == 1

    send(desk, page(other), {"another_one": "on"}, add={"names": [name]})
    assert other.names.count() == 2


def test_nobody_is_asked_where_no_name_is_new_or_alike(desk):
    institution = InstitutionFactory(name="Institute of Physics")
    InstitutionFactory(name="Institute of Physics")

    response = desk.get(page(institution))
    assert 'type="hidden" name="another_one"' in response.content.decode()
    assert send(desk, page(institution), {"city": "Lahore"}).status_code == 302
    assert send(desk, page(institution), {"names-0-value": "Institute of physics"}).status_code == 200
    assert send(desk, page(institution), {"names-0-value": "Institute of Chemistry"}).status_code == 302


def test_import_takes_a_look_alike_only_where_the_file_says_so(desk):
    InstitutionFactory(name="Institute of Physics", slug="iop")
    row = {"name": "Institute-of-Physics", "country": "CN"}

    refused = upload(desk, [row])
    assert "looks like that of Institute of Physics (iop)" in refused.content.decode()
    assert "confirm_form" not in refused.context

    told = confirm(desk, upload(desk, [{**row, "another_one": "Yes"}]))
    assert told == ["Import finished: 1 new, 0 updated, 0 deleted and 0 skipped institutions."]
    assert Institution.objects.count() == 2
