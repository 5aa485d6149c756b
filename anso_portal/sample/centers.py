"""The ten centers with their sites, hosts and lead institutes."""

from datetime import date

from anso_portal.sample.institutions import Institutions
from anso_portal.sample.ledger import Ledger
from anso_portal.sample.reading import addresses, document, parts, table
from centers.models import Center, CenterInstitution, CenterSite
from toolkit.dates import Precision
from toolkit.names import slugify, unique_slug
from vocabularies.models import Source, Theme

Centers = dict[str, Center]


def load_centers(ledger: Ledger, institutions: Institutions, themes: dict[str, Theme], source: Source) -> Centers:
    """`centers.json` adds what the table has no column for: further sites, and which institution each name means."""
    more = {entry["name"]: entry for entry in document("centers.json")}
    centers = {}
    for row in table("cas_overseas_centers.csv"):
        entry = more.get(row["name"], {})
        centers[row["name"]] = Center.objects.filter(name=row["name"]).first() or _center(
            ledger, row, entry, institutions, [themes[slug] for slug in entry.get("themes", [])], source
        )
    return centers


def _center(
    ledger: Ledger, row: dict[str, str], entry: dict, institutions: Institutions, themes: list[Theme], source: Source
) -> Center:
    year = row["established_year"]
    center = ledger.create(
        Center(
            slug=unique_slug(slugify(row["name"]), taken=lambda text: Center.objects.filter(slug=text).exists()),
            name=row["name"],
            acronym=row["acronym"],
            translations={"zh": row["name_zh"]},
            summary=entry.get("summary", ""),
            fields=parts(row["fields"]),
            established_on=date(int(year), 1, 1) if year else None,
            established_precision=Precision.YEAR if year else Precision.UNKNOWN,
            history="\n".join(part[:1].upper() + part[1:] for part in parts(row["key_dates"])),
            website=row["website"],
            source=source,
            source_urls=addresses(row["provenance"]),
        )
    )
    center.themes.set(themes)
    CenterSite.objects.bulk_create(_sites(center, row, entry))
    CenterInstitution.objects.bulk_create(
        CenterInstitution(center=center, role=role, name_as_given=name, institution=_meant(name, entry, institutions))
        for role, names in [
            (CenterInstitution.Role.HOST, parts(row["host_partner"])),
            (CenterInstitution.Role.LEAD, [row["cas_lead_institute"]] if row["cas_lead_institute"] else []),
        ]
        for name in names
    )
    return center


def _sites(center: Center, row: dict[str, str], entry: dict) -> list[CenterSite]:
    """One town is the seat. Of several branches the sources do not say which one is."""
    only = {"city": row["city"], "country": row["country_iso2"], "latitude": row["lat"], "longitude": row["lon"]}
    places = entry.get("sites", [only])
    return [
        CenterSite(
            center=center,
            is_seat=len(places) == 1,
            city=place["city"],
            country_id=place["country"],
            latitude=place["latitude"],
            longitude=place["longitude"],
        )
        for place in places
    ]


def _meant(name: str, entry: dict, institutions: Institutions):
    """A name that the file does not answer for stays a name: the record of that institute is not held."""
    known = entry.get("institutions", {}).get(name)
    return institutions[known] if known else None
