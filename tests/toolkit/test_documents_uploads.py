"""T8, T18, T35: what is sent is kept without names, programs and bombs, or it is refused in a sentence."""

import io
import random
import resource
import struct
import time
import zipfile
import zlib

import openpyxl
import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from openpyxl.comments import Comment
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from toolkit.documents import uploads
from toolkit.documents.uploads import clean_upload

WHO = "Zorabel Quintesse"
CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>{WHO}</dc:creator>'
    f"<cp:lastModifiedBy>{WHO}</cp:lastModifiedBy></cp:coreProperties>"
)
WORD = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p>'
    '<w:ins w:id="1" w:author="{who}" w:date="2026-01-01T00:00:00Z"><w:r><w:t>Our plan</w:t></w:r></w:ins>'
    "</w:p></w:body></w:document>"
)


def zipped(parts: dict[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def docx(**more: str | bytes) -> bytes:
    parts = {"[Content_Types].xml": "<Types/>", "word/document.xml": WORD.format(who=WHO), "docProps/core.xml": CORE}
    return zipped(parts | {name.replace("__", "/"): content for name, content in more.items()})


def docx_with(name: str, content: str | bytes) -> bytes:
    return docx(**{name: content})


def xlsx() -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    book.properties.creator = book.properties.lastModifiedBy = WHO
    book.active["A1"] = "Our budget"
    book.active["A1"].comment = Comment("Too much?", WHO)
    book.save(file)
    return file.getvalue()


def pdf(change=lambda document: None) -> bytes:
    document, file = pikepdf.new(), io.BytesIO()
    document.add_blank_page(page_size=(200, 200))
    document.docinfo["/Author"] = document.docinfo["/Producer"] = WHO
    with document.open_metadata(set_pikepdf_as_editor=False) as about:
        about["dc:creator"] = [WHO]
    change(document)
    document.save(file)
    return file.getvalue()


def annotated(document) -> None:
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[0, 0, 9, 9], T=WHO, Contents="Look"
    )
    document.pages[0].Annots = pikepdf.Array([document.make_indirect(note)])


def acting(document) -> None:
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    document.Root.OpenAction = script
    document.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=["a", document.make_indirect(script)]))
    link = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Link,
        Rect=[0, 0, 9, 9],
        A=pikepdf.Dictionary(S=pikepdf.Name.Launch, F="calc.exe"),
    )
    document.pages[0].Annots = pikepdf.Array([link])


def holding(document) -> None:
    document.attachments["cv.txt"] = pikepdf.AttachedFileSpec(document, WHO.encode(), filename=f"{WHO}.txt")


def png(**info) -> bytes:
    file, words = io.BytesIO(), PngInfo()
    words.add_text("Author", WHO)
    words.add_itxt("Comment", WHO)
    Image.new("RGB", (8, 4), "red").save(file, "PNG", pnginfo=words, **info)
    return file.getvalue()


def jpeg(orientation: int = 1) -> bytes:
    file, exif = io.BytesIO(), Image.Exif()
    exif[0x013B], exif[0x8298], exif[0x0112] = WHO, WHO, orientation
    Image.new("RGB", (8, 4), "red").save(file, "JPEG", exif=exif, comment=WHO)
    return file.getvalue()


def sent(name: str, raw: bytes):
    return clean_upload(ContentFile(raw, name=name))


def everything_in(raw: bytes) -> bytes:
    """The bytes, and what they unpack to."""
    if raw.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return raw + b"".join(name.encode() + archive.read(name) for name in archive.namelist())
    if raw.startswith(b"%PDF"):
        with pikepdf.open(io.BytesIO(raw)) as document:
            plain = io.BytesIO()
            document.save(plain, qdf=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
            return plain.getvalue()
    return raw


FIXTURES = {
    "properties.docx": docx(),
    "remarks.docx": docx_with(
        "word__comments.xml", f'<w:comments><w:comment w:author="{WHO}" w:initials="ZQ"/></w:comments>'
    ),
    "people.docx": docx_with("word__people.xml", f'<w15:people><w15:person w15:author="{WHO}"/></w15:people>'),
    "picture.docx": docx_with("word__media__image1.jpg", jpeg()),
    "drawn.docx": docx_with("word__media__image1.png", png()),
    "template.docx": docx_with(
        "word___rels__settings.xml.rels",
        f'<Relationships><Relationship Target="file:///C:/{WHO}/a.dotx" TargetMode="External"/></Relationships>',
    ),
    "linked.docx": docx_with(
        "word___rels__document.xml.rels",
        rf'<Relationships><Relationship TargetMode="External" Target="C:\Users\{WHO}\a.xlsx"/></Relationships>',
    ),
    "chart.docx": docx_with("word__embeddings__sheet1.xlsx", xlsx()),
    "custom.docx": docx_with("docProps__custom.xml", f"<Properties><property>{WHO}</property></Properties>"),
    "app.docx": docx_with("docProps__app.xml", f"<Properties><Manager>{WHO}</Manager></Properties>"),
    "budget.xlsx": xlsx(),
    "properties.pdf": pdf(),
    "annotated.pdf": pdf(annotated),
    "holding.pdf": pdf(holding),
    "picture.png": png(),
    "picture.jpg": jpeg(),
    "turned.jpeg": jpeg(6),
}


@pytest.mark.parametrize("name", FIXTURES)
def test_t8_no_name_of_the_author_stays(name):
    raw = FIXTURES[name]
    assert WHO.encode() in everything_in(raw) or WHO.encode("utf-16-be") in everything_in(raw)

    kept = sent(name, raw)

    assert kept.extension == name.rpartition(".")[2].replace("jpeg", "jpg")
    for spelled in (WHO.encode(), WHO.encode("utf-16-be"), WHO.encode("utf-16-le")):
        assert spelled not in everything_in(kept.content)


def test_what_counts_stays():
    assert b"Our plan" in everything_in(sent("a.docx", docx()).content)
    assert openpyxl.load_workbook(io.BytesIO(sent("a.xlsx", xlsx()).content)).active["A1"].value == "Our budget"
    with pikepdf.open(io.BytesIO(sent("a.PDF", pdf(annotated)).content)) as document:
        assert str(document.pages[0].Annots[0].Contents) == "Look"
    with Image.open(io.BytesIO(sent("a.jpeg", jpeg(6)).content)) as picture:
        assert picture.size == (4, 8)  # turned upright, for what says so is gone


def test_link_to_the_web_stays():
    link = '<Relationships><Relationship Target="https://example.org/x" TargetMode="External"/></Relationships>'
    kept = everything_in(sent("a.docx", docx_with("word___rels__document.xml.rels", link)).content)

    assert b"https://example.org/x" in kept


def test_the_same_file_is_kept_as_the_same_bytes():
    for name in ("properties.docx", "properties.pdf", "picture.png"):
        assert sent(name, FIXTURES[name]).content == sent(name, FIXTURES[name]).content


def test_t18_pdf_does_nothing_by_itself():
    plain = everything_in(sent("a.pdf", pdf(acting)).content)

    for word in (b"JavaScript", b"Launch", b"OpenAction", b"calc.exe", b"app.alert"):
        assert word not in plain


def test_t18_picture_that_is_also_a_page_is_a_picture_only():
    raw = jpeg() + b"<html><script>alert(1)</script></html>"

    assert b"script" not in sent("a.jpg", raw).content


# --- What is refused


def locked_pdf() -> bytes:
    document, file = pikepdf.new(), io.BytesIO()
    document.add_blank_page()
    document.save(file, encryption=pikepdf.Encryption(owner="o", user="u"))
    return file.getvalue()


def many_entries() -> bytes:
    return zipped({f"{number:x}": "" for number in range(20_000)})


def spaces(megabytes: int, *, wbits: int) -> bytes:
    """A stream of so many megabytes of spaces, made without making them: one packed block over and over."""
    packer, block = zlib.compressobj(9, wbits=wbits), b" " * (1 << 20)
    first = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + again * (megabytes - 1) + packer.flush()


def bomb_inside(megabytes: int) -> bytes:
    """A DOCX whose text unpacks to that."""
    size, data, name = megabytes << 20, spaces(megabytes, wbits=-15), b"word/document.xml"
    head = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 33, 0, len(data), size, len(name), 0)
    entry = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 8, 0, 33, 0, len(data), size, len(name), 0, 0, 0, 0, 0, 0)
    at = len(head) + len(name) + len(data)
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, len(entry) + len(name), at, 0)
    return head + name + data + entry + name + end


def lying_zip() -> bytes:
    """It says 10 bytes, and unpacks to 20 MB."""
    raw = docx_with("word__styles.xml", bytes(20 << 20))
    return raw.replace(struct.pack("<I", 20 << 20), struct.pack("<I", 10))


def wide_png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(99))) + chunk(b"IEND", b"")


def pdf_bomb() -> bytes:
    """An object stream that unpacks to 3 GB."""
    packed = spaces(3_000, wbits=15)
    stream = b"2 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream\nendobj\n"
    body = b"%PDF-1.5\n" + stream % (len(packed), packed)
    table = struct.pack(">BHB", 0, 0, 0) + struct.pack(">BHB", 2, 2, 0) + struct.pack(">BHB", 1, 9, 0)
    rows = zlib.compress(table)
    at = len(body)
    body += b"3 0 obj\n<</Type/XRef/Size 3/W[1 2 1]/Root 1 0 R/Filter/FlateDecode/Length %d>>\nstream\n" % len(rows)
    return body + rows + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF" % at


REFUSED = {
    "empty.pdf": (lambda: b"", "file_empty"),
    "large.pdf": (lambda: b"%PDF-" + bytes(uploads.LARGEST), "file_large"),
    "noending": (lambda: pdf(), "file_ending"),
    "page.html": (lambda: b"<html>", "file_ending"),
    "drawing.svg": (lambda: b"<svg/>", "file_ending"),
    "old.doc": (lambda: b"\xd0\xcf\x11\xe0", "file_ending"),
    "macros.docm": (lambda: docx(), "file_ending"),
    "script.pdf.exe": (lambda: pdf(), "file_ending"),
    "page.pdf": (lambda: b"<html><script>", "file_kind"),
    "word.pdf": (lambda: docx(), "file_kind"),
    "archive.docx": (lambda: zipped({"a.txt": "a"}), "file_kind"),
    "pdf.png": (lambda: pdf(), "file_kind"),
    "gif.png": (lambda: b"GIF89a<script>", "file_kind"),
    "cut.pdf": (lambda: pdf()[:300], "file_broken"),
    "noise.pdf": (lambda: b"%PDF-1.4 " + random.Random(1).randbytes(5_000), "file_broken"),
    "cut.docx": (lambda: docx()[:200], "file_broken"),
    "cut.png": (lambda: png()[:40], "file_broken"),
    "noise.jpg": (lambda: b"\xff\xd8\xff" + random.Random(2).randbytes(5_000), "file_broken"),
    "outside.docx": (lambda: docx_with("..__..__etc__passwd", "x"), "file_broken"),
    "wide.docx": (lambda: docx_with("word__styles.xml", "<w:styles/>".encode("utf-16")), "file_broken"),
    "entity.docx": (lambda: docx_with("word__styles.xml", "<!DOCTYPE a [<!ENTITY b 'c'>]><w:styles/>"), "file_broken"),
    "locked.pdf": (lambda: locked_pdf(), "file_password"),
    "macro.docx": (lambda: docx_with("word__vbaProject.bin", b"x"), "file_program"),
    "active.xlsx": (lambda: docx_with("xl__activeX__activeX1.bin", b"x"), "file_program"),
    "object.docx": (lambda: docx_with("word__embeddings__oleObject1.ole", b"x"), "file_embedded"),
    "entries.docx": (lambda: many_entries(), "file_unpacks"),
    "zeros.docx": (lambda: bomb_inside(4000), "file_unpacks"),
    "lying.docx": (lambda: lying_zip(), "file_broken"),
    "flood.png": (lambda: wide_png(50_000, 50_000), "file_pixels"),
    "flood.jpg": (lambda: jpeg().replace(struct.pack(">HH", 4, 8), struct.pack(">HH", 60_000, 60_000)), "file_pixels"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_t35_what_is_no_document_is_refused_in_a_sentence(name):
    make, code = REFUSED[name]
    raw = make()

    with pytest.raises(ValidationError) as refused:
        sent(name, raw)

    assert refused.value.code == code
    assert str(refused.value.messages[0]).endswith((".", "?"))


@pytest.mark.parametrize("name", ["entries.docx", "zeros.docx", "lying.docx", "flood.png", "flood.jpg"])
def test_t35_bombs_cost_neither_time_nor_memory(name):
    raw = REFUSED[name][0]()
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(ValidationError):
        sent(name, raw)

    assert time.process_time() - start < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 << 10


def test_t35_pdf_that_unpacks_to_gigabytes_ends_at_the_limit_of_its_process():
    with pytest.raises(ValidationError) as refused:
        sent("bomb.pdf", pdf_bomb())

    assert refused.value.code in {"file_unpacks", "file_broken"}


def test_names_of_any_length_and_script_are_taken():
    for name in ("a" * 251 + ".png", "بحث.png", "a.b.c.PNG", "../../etc/passwd.png", "\r\nX: y.png"):
        assert sent(name, png()).extension == "png"
