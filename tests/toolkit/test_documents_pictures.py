"""Pictures that people send (T18, T35): written anew, small, and refused before they cost anything."""

import io
import resource
import struct
import zlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import InMemoryStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from PIL import Image

from toolkit.documents import clean_picture, picture_response

WITHIN = (480, 240)
SCRIPT = b"<html><script>alert(1)</script></html>"


def upload(content: bytes, name="logo.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def picture(form="PNG", size=(60, 40), mode="RGB", **options) -> bytes:
    written = io.BytesIO()
    Image.new(mode, size, "teal" if mode == "RGB" else None).save(written, form, **options)
    return written.getvalue()


def png_of(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG that promises so many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + body


def webp_of(width: int, height: int) -> bytes:
    frame = picture("WEBP")[12:]
    head = (
        b"VP8X"
        + struct.pack("<I", 10)
        + bytes(4)
        + (width - 1).to_bytes(3, "little")
        + (height - 1).to_bytes(3, "little")
    )
    body = b"WEBP" + head + frame
    return b"RIFF" + struct.pack("<I", len(body)) + body


def moving(form: str) -> bytes:
    written = io.BytesIO()
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(written, form, save_all=True, append_images=frames[1:], duration=100)
    return written.getvalue()


def opened(cleaned) -> Image.Image:
    return Image.open(io.BytesIO(cleaned.read()))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize(
    ("size", "small"), [((60, 40), (60, 40)), ((3000, 1000), (480, 160)), ((1000, 3000), (80, 240))]
)
def test_picture_becomes_a_small_png(form, size, small):
    cleaned = clean_picture(upload(picture(form, size)), within=WITHIN)

    assert opened(cleaned).format == "PNG"
    cleaned.seek(0)
    assert opened(cleaned).size == small


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_mode_of_png_is_read(mode):
    written = io.BytesIO()
    Image.new(mode, (900, 30)).save(written, "PNG")

    assert opened(clean_picture(upload(written.getvalue()), within=WITHIN)).size == (480, 16)


def test_nothing_that_came_along_stays():
    exif = Image.Exif()
    exif[0x010E] = "secret"
    content = picture("JPEG", exif=exif, comment=b"secret", icc_profile=b"secret" * 30) + b"secret"
    assert content.count(b"secret") > 3

    assert b"secret" not in clean_picture(upload(content), within=WITHIN).read()


def test_picture_that_lies_on_its_side_stands_up():
    exif = Image.Exif()
    exif[0x0112] = 6

    assert opened(clean_picture(upload(picture("JPEG", (1000, 3000), exif=exif)), within=WITHIN)).size == (480, 160)


@pytest.mark.parametrize(
    "content",
    [picture() + SCRIPT, picture("JPEG", comment=SCRIPT), png_of(10, 10, (b"tEXt", b"Comment\0" + SCRIPT))],
    ids=["appended", "comment", "text"],
)
def test_t18_page_hidden_in_a_picture_is_gone(content):
    try:
        cleaned = clean_picture(upload(content, "logo.html"), within=WITHIN)
    except ValidationError:
        return
    assert b"script" not in cleaned.read()


@pytest.mark.parametrize(
    "content",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
        SCRIPT,
        b"GIF89a/*" + SCRIPT,
        b"%PDF-1.7 " + SCRIPT,
        picture("GIF"),
        picture("BMP"),
        picture("TIFF"),
        picture("ICO"),
        picture(size=(300, 300))[:200],
        picture("WEBP")[:25],
        b"",
        b"\0" * 100,
    ],
    ids=["svg", "xml", "html", "gif-html", "pdf", "gif", "bmp", "tiff", "ico", "cut", "cut-webp", "empty", "zeros"],
)
def test_t18_what_is_no_plain_picture_is_refused(content):
    with pytest.raises(ValidationError, match="no picture"):
        clean_picture(upload(content), within=WITHIN)


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_picture_that_moves_is_refused(form):
    with pytest.raises(ValidationError, match="moves"):
        clean_picture(upload(moving(form)), within=WITHIN)


@pytest.mark.parametrize(
    "content",
    [
        png_of(50_000, 50_000),
        png_of(2**31 - 1, 2**31 - 1),
        png_of(9_000, 9_000),
        webp_of(16_383, 16_383),
        webp_of(2**24, 2**24),
        png_of(10, 10, (b"zTXt", b"k\0\0" + zlib.compress(b"x" * 200_000_000))),
        picture() + b"\0" * (5 << 20),
    ],
    ids=["50k", "2G", "9k", "webp-16k", "webp-16M", "text-bomb", "file"],
)
def test_t35_flood_of_pixels_is_refused_before_it_comes(content):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ValidationError):
        clean_picture(upload(content), within=WITHIN)

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024  # KiB


def test_names_tell_nothing_and_never_meet():
    names = {clean_picture(upload(picture(), "../../evil.html"), within=WITHIN).name for _ in range(3)}

    assert len(names) == 3
    assert all(len(name) == 36 and name.endswith(".png") for name in names)


@pytest.mark.parametrize(
    ("public", "cached"), [(True, "public, max-age=31536000, immutable"), (False, "private, no-store")]
)
def test_t18_picture_goes_out_as_a_picture_and_nothing_else(public, cached):
    storage = InMemoryStorage()
    name = storage.save("logos/a.png", clean_picture(upload(picture()), within=WITHIN))

    response = picture_response(storage, name, public=public)

    assert response["Content-Type"] == "image/png"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Cache-Control"] == cached


@pytest.mark.parametrize("name", ["logos/missing.png", "logos"])
def test_picture_that_is_gone_is_not_found(name):
    storage = InMemoryStorage()
    storage.save("logos/a.png", clean_picture(upload(picture()), within=WITHIN))

    with pytest.raises(Http404):
        picture_response(storage, name, public=True)
