"""How a file that somebody takes along is called."""

import re
import unicodedata
from urllib.parse import quote

LONGEST = 120
# What a shell or a file system reads otherwise, and what a header ends at.
AWKWARD = re.compile(r'[\\/:*?"<>|;%$`\'&{}~]')


def attachment(name: str) -> str:
    """The value of Content-Disposition as RFC 6266 has it: a plain name, and the real one for programs that know UTF-8."""
    real = safe_name(name)
    plain = unicodedata.normalize("NFKD", real).encode("ascii", "ignore").decode()
    stem, dot, ending = plain.rpartition(".")
    if dot and not re.search(r"\w", stem):
        plain = f"file.{ending}"
    value = f'attachment; filename="{plain.strip() or "file"}"'
    return value if plain == real else f"{value}; filename*=UTF-8''{quote(real, safe='')}"


def safe_name(name: str) -> str:
    """In one line, in one direction, with nothing that a program would take for more than a name."""
    letters = (
        " " if unicodedata.category(letter)[0] == "Z" else letter for letter in unicodedata.normalize("NFC", name)
    )
    visible = "".join(letter for letter in letters if unicodedata.category(letter)[0] != "C")
    words = AWKWARD.sub(" ", visible).split()
    stem, dot, ending = " ".join(words).strip(". ").rpartition(".")
    if not dot:
        return ending[:LONGEST] or "file"
    return f"{stem.strip()[:LONGEST] or 'file'}.{ending.strip()[:10]}"
