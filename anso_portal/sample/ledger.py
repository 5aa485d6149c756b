"""Remembers which rows the loading of the sample made, and tells its progress."""

from collections import Counter
from collections.abc import Callable, Iterable

from django.db import models

from anso_portal.models import SampleRecord

Say = Callable[[str], None]

# Two loadings, or a loading and a removal, take turns.
LOCK = "SELECT pg_advisory_xact_lock(hashtext('anso_portal.sample'))"


class Ledger:
    """Rows are noted in the order in which they were made: taken out backwards, each goes after what refers to it.

    Parts of a noted row (names, sites, partners) are not noted: they go with it.
    """

    def __init__(self, say: Say):
        self.say = say
        self.counts: Counter[str] = Counter()
        self._records: list[SampleRecord] = []

    def note(self, rows: Iterable[models.Model]) -> None:
        for row in rows:
            self.counts[row._meta.label_lower] += 1
            self._records.append(SampleRecord(label=row._meta.label_lower, key=str(row.pk)))

    def create(self, row):
        row.save(force_insert=True)
        self.note([row])
        return row

    def find_or_create(self, model: type[models.Model], *, defaults: dict | None = None, **key):
        """A row that is there already is used as it is and stays what it is: a real record."""
        return model._default_manager.filter(**key).first() or self.create(model(**key, **(defaults or {})))

    def save(self) -> None:
        SampleRecord.objects.bulk_create(self._records)
