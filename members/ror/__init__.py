"""Reads the Research Organization Registry (ROR, schema v2) into the registry of institutions, in bulk.

`reading` takes records out of a file, `mapping` says what a record means here, `loading` writes batches of them.
"""

from members.ror.loading import import_records
from members.ror.report import Refusal, Report

__all__ = ["Refusal", "Report", "import_records"]
