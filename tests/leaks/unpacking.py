"""What stands in papers and archives: everything a reader could take out of a PDF, a ZIP file or a packed one."""

from __future__ import annotations

import gzip
import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from pypdf import PdfReader
from pypdf.generic import ArrayObject, ByteStringObject, DictionaryObject, IndirectObject, StreamObject
from zstandard import ZstdDecompressor

_PDF, _ZIP, _GZIP, _ZSTD = b"%PDF", b"PK\x03\x04", b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_BASE64 = re.compile(rb'"([A-Za-z0-9+/]{64,}={0,2})"')
"""A value of JSON that is long enough to hold one of them."""
_BROKEN = re.compile(r"[-\u00ad\u2010]?[ \t]*\n\s*")
"""A line that was broken within a word, with the hyphen that may have been set for it."""
_DEEPEST = 5
_LARGEST = 64 << 20


def is_packed(data: bytes) -> bool:
    """Whether what is said cannot be read off the bytes themselves."""
    return data[:4] in (_PDF, _ZIP, _ZSTD) or data[:2] == _GZIP


@lru_cache(maxsize=128)
def texts_of(data: bytes, deep: int = 0) -> str:
    """Everything in packed bytes, and in those that stand in base64 in a text; "" for plain ones.

    What cannot be opened raises: a paper that nobody can read is not one that says nothing.
    """
    assert deep < _DEEPEST, "packed so often that no reader would unpack it"
    if data[:4] == _PDF:
        found = list(_of_pdf(data, deep))
    elif data[:4] == _ZIP:
        found = list(_of_zip(data, deep))
    elif data[:2] == _GZIP:
        found = list(_within(gzip.decompress(data), deep))
    elif data[:4] == _ZSTD:
        found = list(_within(ZstdDecompressor().decompress(data, max_output_size=_LARGEST), deep))
    else:
        found = [texts_of(each, deep + 1) for each in _of_json(data)]
    return "\n".join(found)


def _of_json(data: bytes) -> Iterator[bytes]:
    for match in _BASE64.finditer(data):
        try:
            inner = b64decode(match[1], validate=True)
        except Base64Error:
            continue
        if is_packed(inner):
            yield inner


def _within(data: bytes, deep: int) -> Iterator[str]:
    """The bytes as they are, and what is packed in them."""
    yield data.decode("utf-8", "replace")
    yield texts_of(data, deep + 1)


def _of_zip(data: bytes, deep: int) -> Iterator[str]:
    with ZipFile(BytesIO(data)) as archive:
        yield archive.comment.decode("utf-8", "replace")
        for each in archive.infolist():
            yield each.filename
            yield (each.comment + each.extra).decode("utf-8", "replace")
            yield from _within(archive.read(each), deep)


def _of_pdf(data: bytes, deep: int) -> Iterator[str]:
    """What is drawn, and what is not: properties, bookmarks, links, attachments, texts for those who hear the paper."""
    reader = PdfReader(BytesIO(data), strict=True)
    # Between the parts of a file, and after its end, stands what no reader of PDF shows; comments are such.
    yield data.decode("latin-1")
    for page in reader.pages:
        drawn = page.extract_text()
        # A word that is broken at the end of a line, or by the spaces of justified text, is the same word.
        yield from (drawn, _BROKEN.sub("", drawn), "".join(drawn.split()))
    for generation, numbers in reader.xref.items():
        for number in numbers:
            yield from _of_object(IndirectObject(number, generation, reader).get_object(), deep)
    for number in reader.xref_objStm:
        yield from _of_object(IndirectObject(number, 0, reader).get_object(), deep)
    yield from _of_object(reader.trailer, deep)


def _of_object(value: Any, deep: int) -> Iterator[str]:
    """All words of one object; what it points at is an object of its own."""
    if isinstance(value, StreamObject):
        yield from _within(value.get_data(), deep)
    if isinstance(value, DictionaryObject):
        for name in value:
            yield str(name)
            yield from _of_object(value.raw_get(name), deep)
    elif isinstance(value, ArrayObject):
        for each in value:
            yield from _of_object(each, deep)
    elif isinstance(value, ByteStringObject):
        yield from (value.decode("latin-1"), value.decode("utf-16", "replace"))
    elif isinstance(value, str):
        yield value
