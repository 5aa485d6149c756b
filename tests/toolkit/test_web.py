"""T20: an address that somebody gave opens a page, and is never a program."""

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction

from tests.factories import InstitutionFactory
from toolkit.web import WebAddress, WebField

PROGRAMS = [
    "javascript:alert(1)",
    "JaVaScRiPt://example.org/%0aalert(1)",
    "java\tscript:alert(1)",
    " javascript:alert(1)",
    "vbscript:msgbox(1)",
    "data:text/html,<script>alert(1)</script>",
    "blob:https://example.org/1",
    "file:///etc/passwd",
    "ftp://example.org",
    "https:example.org",
]
FIELDS = [
    field
    for model in apps.get_models()
    for field in model._meta.local_concrete_fields
    if isinstance(field, models.URLField)
]
OF_RECORDS = [field for field in FIELDS if not field.model.__name__.endswith("Event")]  # those keep what was


def test_there_are_addresses_to_check():
    assert len(OF_RECORDS) >= 8


@pytest.mark.parametrize("field", FIELDS, ids=str)
@pytest.mark.parametrize("url", PROGRAMS)
def test_t20_no_record_takes_an_address_that_is_a_program(field, url):
    assert isinstance(field, WebAddress)
    with pytest.raises(ValidationError):
        field.clean(url, field.model())


@pytest.mark.parametrize("url", PROGRAMS)
def test_t20_nor_does_a_form(url):
    with pytest.raises(ValidationError):
        WebField().clean(url)


@pytest.mark.parametrize("typed", ["example.org", "//example.org", "https://example.org", " https://example.org "])
def test_what_people_type_leads_to_a_page(typed):
    assert WebField().clean(typed) == "https://example.org"


@pytest.mark.django_db
@pytest.mark.parametrize("url", [*PROGRAMS, "//example.org"])
def test_t20_nor_does_the_database(url):
    institution = InstitutionFactory()

    with pytest.raises(IntegrityError, match="opens_a_page"), transaction.atomic():
        type(institution).objects.filter(pk=institution.pk).update(website=url)


@pytest.mark.django_db
@pytest.mark.parametrize("field", OF_RECORDS, ids=str)
def test_t20_each_address_has_its_rule_in_the_database(field):
    with connection.cursor() as cursor:
        rules = connection.introspection.get_constraints(cursor, field.model._meta.db_table)

    assert any(name.endswith("opens_a_page") and rule["columns"] == [field.column] for name, rule in rules.items())
