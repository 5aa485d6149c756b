"""What administrators do with institutions."""

import io

import tablib
from django.urls import reverse

LIST = reverse("admin:members_institution_changelist")
ADD = reverse("admin:members_institution_add")
IMPORT = reverse("admin:members_institution_import")


def page(record, name="change"):
    return reverse(f"admin:members_{record._meta.model_name}_{name}", args=[record.pk])


def names_of(institution):
    return set(institution.names.values_list("kind", "value", "origin"))


def upload(client, rows, *, form="csv", name=None):
    data = tablib.Dataset(*[list(row.values()) for row in rows], headers=list(rows[0]))
    content = data.export(form)
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    file.name = name or f"institutions.{form}"
    return client.post(IMPORT, {"import_file": file, "format": "0" if form == "csv" else "1", "resource": "0"})


def confirm(client, response):
    address = reverse("admin:members_institution_process_import")
    answer = client.post(address, response.context["confirm_form"].initial, follow=True)
    return [str(message) for message in answer.context["messages"]]
