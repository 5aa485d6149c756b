"""The vocabularies that every portal has: countries (ISO 3166-1 with CLDR names) and the goals of the United Nations.

Called by a migration, so models come as arguments and not by import.
"""

import csv
import json
from pathlib import Path

from toolkit.names import fold
from vocabularies.countries import country_name

DATA = Path(__file__).parent / "data"
SEARCHED_LANGUAGES = ("en", "fr", "es", "pt", "ru", "zh", "ar", "fa", "ur")


def load_countries(country_model) -> None:
    with (DATA / "countries.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    country_model.objects.bulk_create(
        [
            country_model(
                code=row["code"],
                continent=row["continent"],
                latitude=row["latitude"] or None,
                longitude=row["longitude"] or None,
                names_folded=fold(" ".join(country_name(row["code"], language) for language in SEARCHED_LANGUAGES)),
            )
            for row in rows
        ],
        ignore_conflicts=True,
    )


def load_goals(sdg_model) -> None:
    rows = json.loads((DATA / "sdgs.json").read_text(encoding="utf-8"))
    sdg_model.objects.bulk_create([sdg_model(**row) for row in rows], ignore_conflicts=True)
