"""A picture as somebody uploads it, made harmless: decoded, made small, and written anew without what came along.

What is refused is refused before a pixel is decoded: the header says how large a picture will be.
"""

import io
import secrets
import struct

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from toolkit.documents.cleaner.image import LARGEST_PIXELS, ORIENTATION

FORMATS = ("PNG", "JPEG", "WEBP")
LARGEST_FILE = 5 << 20

PLAIN_MODES = ("L", "LA", "RGB", "RGBA")  # the others are made small only after they have become RGBA
LYING = {5, 6, 7, 8}  # orientations of EXIF that swap width and height


def clean_picture(upload: File, *, within: tuple[int, int]) -> ContentFile:
    """A PNG of at most that width and height, under a name that nobody can guess."""
    if upload.size and upload.size > LARGEST_FILE:
        raise ValidationError(_("The picture is larger than 5 MB."), code="picture")
    try:
        upload.seek(0)
        _check_pixels(*_webp_size(upload.read(30)))  # Pillow would make room for all of its pixels on opening it.
        upload.seek(0)
        with Image.open(upload, formats=FORMATS) as picture:
            _check_pixels(*picture.size)
            if getattr(picture, "is_animated", False):
                raise ValidationError(_("The picture moves: send one that stands still."), code="picture")
            small = _made_small(picture, within)
    except Image.DecompressionBombError:
        raise _too_many_pixels() from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, struct.error):
        raise ValidationError(_("This is no picture in PNG, JPEG or WebP."), code="picture") from None
    written = io.BytesIO()
    small.save(written, "PNG", optimize=True)
    return ContentFile(written.getvalue(), name=f"{secrets.token_hex(16)}.png")


def _made_small(picture: Image.Image, within: tuple[int, int]) -> Image.Image:
    """Small first and turned upright then, which needs a fraction of the memory."""
    width, height = within[::-1] if picture.getexif().get(ORIENTATION) in LYING else within
    small = picture if picture.mode in PLAIN_MODES else picture.convert("RGBA")
    small.thumbnail((width, height))
    upright = ImageOps.exif_transpose(small).convert("RGBA")
    upright.info.clear()
    return upright


def _check_pixels(width: int, height: int) -> None:
    if width * height > LARGEST_PIXELS:
        raise _too_many_pixels()


def _too_many_pixels() -> ValidationError:
    return ValidationError(_("The picture has more than 25 million pixels."), code="picture")


def _webp_size(head: bytes) -> tuple[int, int]:
    """Width and height as the first chunk of a WebP says; nothing for what is none."""
    if head[:4] != b"RIFF" or head[8:12] != b"WEBP" or len(head) < 30:
        return 0, 0
    match head[12:16]:
        case b"VP8X":
            return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
        case b"VP8L":
            (bits,) = struct.unpack("<I", head[21:25])
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        case _:
            width, height = struct.unpack("<HH", head[26:30])
            return width & 0x3FFF, height & 0x3FFF
