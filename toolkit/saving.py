"""Two people who save one text: the later one is told, keeps what was typed, and is shown both."""

import hashlib
import json
from typing import Any


def digest(content: Any) -> str:
    """SHA-256 of canonical JSON: sorted keys, no spaces, UTF-8. What two forms have in common while nobody has saved."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class ChangedMeanwhile(Exception):
    """Somebody has saved another text since this form was opened."""
