"""The portal's own colours as a small stylesheet, so that no page needs an inline style.

Whatever an administrator picks stays readable: each tone is moved towards black or white until it has the contrast
that WCAG asks for on the grounds it stands on.
"""

import colorsys
import re

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from anso_portal.context import branding

WHITE, BLACK = "#ffffff", "#000000"
LIGHT_GROUNDS = ("#ffffff", "#f4f8f7")  # paper and paper-tint of portal.css, light and dark
DARK_GROUNDS = ("#0e1720", "#14212c", "#182733")
TEXT = 5.2  # more than WCAG's 4.5, so that it also holds on the tint of the colour itself


def luminance(colour: str) -> float:
    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(channel) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white), as WCAG 2 measures."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def mix(colour: str, towards: str, share: float) -> str:
    parts = (a + (b - a) * share for a, b in zip(_channels(colour), _channels(towards), strict=True))
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def readable(colour: str, grounds: tuple[str, ...], towards: str) -> str:
    """The colour itself where it can be read on all grounds, else as little darker or lighter as does."""
    for step in range(21):
        tone = mix(colour, towards, step / 20)
        if all(contrast(tone, ground) >= TEXT for ground in grounds):
            return tone
    return towards


def sheet(colour: str, accent: str) -> str:
    brand, brand_dark = readable(colour, LIGHT_GROUNDS, BLACK), readable(mix(colour, WHITE, 0.35), DARK_GROUNDS, WHITE)
    accent_light, accent_dark = (
        readable(accent, LIGHT_GROUNDS, BLACK),
        readable(mix(accent, WHITE, 0.35), DARK_GROUNDS, WHITE),
    )
    deep = _deep(colour)
    deep_accent = readable(mix(accent, WHITE, 0.3), (deep,), WHITE)
    tokens = {
        "brand": (brand, brand_dark),
        "on-brand": (WHITE, mix(brand_dark, BLACK, 0.85)),
        "brand-tint": (mix(brand, WHITE, 0.91), mix(brand_dark, DARK_GROUNDS[0], 0.88)),
        "accent": (accent_light, accent_dark),
        "deep": (deep, deep),
        "deep-accent": (deep_accent, deep_accent),
        "on-deep-accent": (mix(deep_accent, BLACK, 0.86),) * 2,
        "land": (mix(deep, WHITE, 0.12),) * 2,
    }
    lines = "".join(f"  --{name}: light-dark({light}, {dark});\n" for name, (light, dark) in tokens.items())
    return f":root {{\n{lines}}}\n"


@require_safe
@cache_control(public=True, max_age=86400)
def colours(request: HttpRequest) -> HttpResponse:
    """The address carries the colours after its question mark, so a change is a new address."""
    known = branding()
    return HttpResponse(sheet(known["colour"], known["accent"]), content_type="text/css; charset=utf-8")


def _channels(colour: str) -> tuple[float, float, float]:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise ValueError(f"{colour!r} is not a colour such as #0b5563.")
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _deep(colour: str) -> str:
    """The ground of the hero: the hue of the main colour, dark enough for white text."""
    hue, _lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    red, green, blue = colorsys.hls_to_rgb(hue, 0.125, min(saturation, 0.75))
    return "#" + "".join(f"{round(part * 255):02x}" for part in (red, green, blue))
