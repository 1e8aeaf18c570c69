"""A canary is found wherever in a paper or an archive it is hidden."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from collections.abc import Callable
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from pypdf import PdfWriter
from pypdf.annotations import Link
from pypdf.errors import PdfReadError
from pypdf.generic import (
    DictionaryObject,
    NameObject,
    StreamObject,
    TextStringObject,
)

from kouprey.kernel.paper import render
from leaks.unpacking import texts_of

CANARY = "kanarigreenname"


def paper(*rows: str, title: str = "Plain", about: str = "plain", footer: str = "plain") -> bytes:
    sections = [{"title": "Section", "rows": [["", each] for each in rows]}]
    values = {"head": title, "about": about, "notice": "A notice.", "sections": sections}
    at = 1_790_000_000_000_000
    return render("performance/processing.typ", values, title=title, language="en", at=at, footer=footer)


def changed(change: Callable[[PdfWriter], object]) -> bytes:
    """A paper to which somebody adds something that is not drawn."""
    writer, out = PdfWriter(clone_from=BytesIO(paper("plain"))), BytesIO()
    change(writer)
    writer.write(out)
    return out.getvalue()


def spoken(writer: PdfWriter) -> None:
    """A text for somebody who hears the page, instead of a picture."""
    made = DictionaryObject({NameObject("/Alt"): TextStringObject(f"picture of {CANARY}")})
    writer.root_object[NameObject("/Spoken")] = writer._add_object(made)


def described(writer: PdfWriter) -> None:
    """The properties in their other form, XMP, compressed as a stream."""
    stream = StreamObject()
    stream.set_data(f"<x:xmpmeta>{CANARY}</x:xmpmeta>".encode())
    writer.root_object[NameObject("/Metadata")] = writer._add_object(stream.flate_encode())


def linked(writer: PdfWriter) -> None:
    writer.add_annotation(0, Link(rect=(0, 0, 9, 9), url=f"https://node.example/{CANARY}"))


def zipped(name: str, content: bytes, comment: bytes = b"") -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr(ZipInfo(name), content)
        archive.comment = comment
    return out.getvalue()


HIDDEN: dict[str, Callable[[], bytes]] = {
    "text": lambda: paper(f"It says {CANARY} here."),
    "text in another script beside it": lambda: paper(f"នេះគឺ {CANARY} ។"),
    "a word broken by its column": lambda: paper("x" * 68 + CANARY),
    "the title": lambda: paper(title=CANARY),
    "the foot": lambda: paper(footer=CANARY),
    "properties": lambda: changed(lambda writer: writer.add_metadata({"/Subject": CANARY})),
    "other properties": lambda: changed(described),
    "a bookmark": lambda: changed(lambda writer: writer.add_outline_item(title=CANARY, page_number=0)),
    "where a link leads": lambda: changed(linked),
    "an attachment": lambda: changed(lambda writer: writer.add_attachment("a.txt", CANARY.encode())),
    "the name of an attachment": lambda: changed(lambda writer: writer.add_attachment(f"{CANARY}.txt", b"-")),
    "an archive attached": lambda: changed(lambda writer: writer.add_attachment("a.zip", zipped("b", paper(CANARY)))),
    "a text for those who hear": lambda: changed(spoken),
    "what follows the end": lambda: paper("plain") + f"\n% {CANARY}\n".encode(),
    "a paper in an archive": lambda: zipped("paper.pdf", paper(CANARY)),
    "the name of a file": lambda: zipped(f"{CANARY}.pdf", b"-"),
    "a remark on an archive": lambda: zipped("a", b"-", CANARY.encode()),
    "a packed file": lambda: gzip.compress(CANARY.encode()),
    "a paper in JSON": lambda: json.dumps({"pdf": b64encode(paper(CANARY)).decode()}).encode(),
}


@pytest.mark.parametrize("where", HIDDEN)
def test_it_is_found(where: str) -> None:
    assert CANARY in texts_of(HIDDEN[where]())


def test_nothing_is_found_in_what_says_nothing() -> None:
    for plain in (paper("plain"), zipped("a", b"-"), b'{"pdf": "none"}', b"plain", b""):
        assert CANARY not in texts_of(plain)
    assert texts_of(b'{"text": "' + b"A" * 400 + b'"}') == ""


def test_what_cannot_be_read_is_not_taken_for_empty() -> None:
    with pytest.raises(PdfReadError):
        texts_of(b"%PDF-1.7\nnothing of the kind")
    locked = changed(lambda writer: writer.encrypt("secret", algorithm="RC4-128"))
    with pytest.raises(PdfReadError):
        texts_of(locked)
