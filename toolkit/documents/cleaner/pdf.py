"""PDF: without who wrote it, without programs, and without files inside."""

import io

import pikepdf

from toolkit.documents.cleaner import Refused

MOST_PAGES, MOST_OBJECTS = 500, 200_000
# What names somebody or some machine, and what acts when a page or a field is opened.
NAMING = ("/Metadata", "/PieceInfo", "/LastModified")
ACTING = ("/AA", "/JS", "/OpenAction")
ACTIONS = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/Rendition", "/RichMediaExecute"}
EMBEDDING = {"/FileAttachment", "/Movie", "/Sound", "/Screen", "/3D", "/RichMedia"}


def clean(raw: bytes) -> bytes:
    try:
        with pikepdf.open(io.BytesIO(raw)) as document:
            if document.is_encrypted:
                raise Refused("password")
            if len(document.pages) == 0 or len(document.pages) > MOST_PAGES:
                raise Refused("pages")
            if len(document.objects) > MOST_OBJECTS:
                raise Refused("unpacks")
            _make_nameless(document)
            written = io.BytesIO()
            document.save(
                written,
                object_stream_mode=pikepdf.ObjectStreamMode.generate,
                deterministic_id=True,
            )
    except pikepdf.PasswordError as problem:
        raise Refused("password") from problem
    except (pikepdf.PdfError, RuntimeError, ValueError, RecursionError) as problem:
        raise Refused("broken") from problem
    return written.getvalue()


def _make_nameless(document: pikepdf.Pdf) -> None:
    _drop(document.trailer, "/Info", "/ID")
    _drop(document.Root, "/AF", "/Collection", "/Perms", "/Legal")
    form = document.Root.get("/AcroForm")
    if form is not None and ("/XFA" in form or "/SigFlags" in form):  # a program, or signatures that no longer hold
        _drop(document.Root, "/AcroForm")
    if "/Names" in document.Root:
        _drop(document.Root.Names, "/JavaScript", "/EmbeddedFiles")
    for item in document.objects:
        if isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
            _clean_dictionary(item)
    for page in document.pages:
        if "/Annots" in page:
            kept = [note for note in page.Annots if _is_dictionary(note) and str(note.get("/Subtype")) not in EMBEDDING]
            for note in kept:
                _clean_dictionary(note)
            page.Annots = pikepdf.Array(kept)


def _drop(item, *names: str) -> None:
    for name in names:
        if name in item:
            del item[name]


def _is_dictionary(item) -> bool:
    return isinstance(item, pikepdf.Dictionary)


def _clean_dictionary(item) -> None:
    _drop(item, *NAMING, *ACTING)
    if str(item.get("/S")) in ACTIONS:
        item["/S"], item["/URI"] = pikepdf.Name("/URI"), pikepdf.String("about:blank")
        _drop(item, "/F", "/D", "/Win", "/Fields")
    if str(item.get("/Type")) == "/Filespec":
        _drop(item, "/EF")
    if "/Subtype" in item and "/Rect" in item:  # an annotation: /T is its author, or the name of a field
        _drop(item, "/M", *(() if "/FT" in item else ("/T", "/CreationDate", "/NM")))
        action = item.get("/A")
        if _is_dictionary(action):
            _clean_dictionary(action)
