"""Records of ROR as small as its schema allows."""

import gzip
import json
from pathlib import Path

CAS, UST, RAS = "034t30j35", "04c4dkn09", "05qrfxd25"


def record(ror=CAS, name="Chinese Academy of Sciences", **changes) -> dict:
    return {
        "id": f"https://ror.org/{ror}",
        "status": "active",
        "types": ["government"],
        "names": [{"value": name, "types": ["ror_display", "label"], "lang": "en"}],
        "established": 1949,
        "links": [{"type": "website", "value": "https://www.cas.cn/"}],
        "locations": [place("CN", "Beijing", 39.9075, 116.39723)],
        "external_ids": [],
        "relationships": [],
        "domains": [],
        "admin": {
            "created": {"date": "2018-11-14", "schema_version": "1.0"},
            "last_modified": {"date": "2026-02-24", "schema_version": "2.1"},
        },
        **changes,
    }


def place(code, city="", lat=None, lng=None) -> dict:
    details = {"name": city, "lat": lat, "lng": lng, "country_code": code}
    return {"geonames_id": 1, "geonames_details": details}


def name(value, *types, lang=None) -> dict:
    return {"value": value, "types": list(types), "lang": lang}


def related(type_, ror) -> dict:
    return {"type": type_, "label": "", "id": f"https://ror.org/{ror}"}


def lines_file(folder: Path, records, packed=False) -> Path:
    text = "".join((item if isinstance(item, str) else json.dumps(item)) + "\n" for item in records)
    path = folder / "records.jsonl"
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    return path
