"""PNG and JPEG: decoded and written anew, so that nothing but the pixels stays; turned as a camera meant it."""

import io
import warnings

from PIL import Image, ImageOps

from toolkit.documents.cleaner import Refused

LARGEST_PIXELS = 25_000_000
ORIENTATION = 0x0112


def clean(raw: bytes) -> bytes:
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = LARGEST_PIXELS  # beyond twice that, Pillow opens nothing
    try:
        with Image.open(io.BytesIO(raw), formats=("PNG", "JPEG")) as picture:
            if picture.size[0] * picture.size[1] > LARGEST_PIXELS:
                raise Refused("pixels")
            return _written(picture)
    except Image.DecompressionBombError:
        raise Refused("pixels") from None
    except (OSError, SyntaxError, ValueError) as problem:
        raise Refused("broken") from problem


def _written(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    if picture.format == "PNG":
        upright = picture.copy()
        upright.info = {"transparency": picture.info["transparency"]} if "transparency" in picture.info else {}
        upright.save(written, "PNG")
    elif picture.getexif().get(ORIENTATION, 1) == 1:
        picture.info.pop("comment", None)
        picture.save(written, "JPEG", quality="keep", exif=b"", icc_profile=None)
    else:
        upright = ImageOps.exif_transpose(picture)
        upright.info = {}
        upright.save(written, "JPEG", quality=92)
    return written.getvalue()
