"""The logo as an administrator uploads it, made harmless: decoded, made small, and written anew without what came along."""

import io

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "WEBP")
LARGEST_FILE = 5 << 20
LARGEST_PIXELS = 25_000_000
SHOWN = (1200, 240)  # Twice what a page shows, for dense screens.


def cleaned_logo(upload: UploadedFile) -> ContentFile:
    if upload.size and upload.size > LARGEST_FILE:
        raise ValidationError(_("The picture is larger than 5 MB."))
    try:
        upload.seek(0)
        with Image.open(upload, formats=FORMATS) as picture:
            if picture.width * picture.height > LARGEST_PIXELS:
                raise ValidationError(_("The picture has more than 25 million pixels."))
            small = ImageOps.exif_transpose(picture).convert("RGBA")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise ValidationError(_("This is no picture in PNG, JPEG or WebP.")) from None
    small.thumbnail(SHOWN)
    written = io.BytesIO()
    small.save(written, "PNG", optimize=True)
    return ContentFile(written.getvalue(), name="logo.png")
