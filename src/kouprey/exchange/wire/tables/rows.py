"""Rows of a table of any length, each with its place; a broken row costs itself and never the rows after it."""

from __future__ import annotations

import codecs
import csv
import re
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

from kouprey.exchange.model.tables import Dialect, Row
from kouprey.exchange.wire.window import CHUNK, unpacked
from kouprey.kernel.words import unzstd
from kouprey.kernel.words.errors import Damaged, TooLarge

LONGEST_LINE = 1 << 20
"""Characters of a line; what is longer is no table."""

# Bytes that are no UTF-8, what is no UTF-16, and what no engine keeps.
_STRANGE = re.compile("[\udc80-\udcff\ufffd\0]")


class Fault(NamedTuple):
    """A row that cannot be read, and where it begins."""

    line: int
    offset: int
    error: Damaged


class _Line(NamedTuple):
    text: str
    line: int
    offset: int


class _Lines:
    """The lines of a stream, decoded, with their places; some can be given back."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._read = unpacked(stream)
        self._encoding = encoding
        self._back: deque[_Line] = deque()
        self._source = self._decoded()
        self.taken: list[_Line] = []
        """Of the row that is being read."""

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        # For csv.reader, which must be able to go on after what looked like the end.
        line = self.take()
        if line is None:
            raise StopIteration
        self.taken.append(line)
        return line.text

    def take(self) -> _Line | None:
        """The next line, None at the end."""
        return self._back.popleft() if self._back else next(self._source, None)

    def give_back(self, lines: list[_Line]) -> None:
        """They come again."""
        self._back.extendleft(reversed(lines))

    def _decoded(self) -> Iterator[_Line]:
        number, offset = 1, 0
        for text, size in self._texts():
            # The mark at the beginning has its bytes and is no letter.
            yield _Line(text if offset else text.removeprefix("\ufeff"), number, offset)
            number += 1
            offset += size

    def _texts(self) -> Iterator[tuple[str, int]]:
        """Each line with its end, and how many bytes it has."""
        chunk = self._read(CHUNK)
        decode, width = self._decoder(chunk[:2])
        rest = ""
        while True:
            rest += decode(chunk, not chunk)
            lines = rest.split("\n")
            rest = lines.pop()
            for line in lines:
                yield line + "\n", width(line + "\n")
            if len(rest) > LONGEST_LINE:
                # In pieces: each is refused, and memory stays flat.
                yield rest[: LONGEST_LINE + 1], width(rest[: LONGEST_LINE + 1])
                rest = rest[LONGEST_LINE + 1 :]
            if not chunk:
                break
            chunk = self._read(CHUNK)
        if rest:
            yield rest, width(rest)

    def _decoder(self, mark: bytes) -> tuple[Callable[[bytes, bool], str], Callable[[str], int]]:
        if self._encoding == "utf-16":
            # The mark stays in the text, so that places are true; what is no UTF-16 becomes U+FFFD, which no value has.
            name = "utf-16-be" if mark == codecs.BOM_UTF16_BE else "utf-16-le"
            decoder = codecs.getincrementaldecoder(name)("replace")
            return decoder.decode, lambda text: len(text.encode("utf-16-le", "surrogatepass"))
        if self._encoding == "latin-1":
            return codecs.getincrementaldecoder("latin-1")().decode, len
        # Bytes that are no UTF-8 stay recognisable, and their row is refused.
        decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        return decoder.decode, lambda text: len(text.encode("utf-8", "surrogateescape"))


def read_rows(stream: BinaryIO, dialect: Dialect) -> Iterator[Row | Fault]:
    """The rows of a table, without comments and empty lines; the header is the first of them. Memory is flat.

    Damaged when nothing can be written as the dialect says.
    """
    _check(dialect)
    lines = _Lines(stream, dialect.encoding)
    reader = csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote or None,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        skipinitialspace=True,
        strict=True,
    )
    try:
        while (first := lines.take()) is not None:
            bare = first.text.strip()
            if not bare or (dialect.comment and bare.startswith(dialect.comment)):
                continue
            lines.give_back([first])
            lines.taken = []
            yield _row(reader, lines, first)
    except (zlib.error, EOFError, unzstd.ZstdBroken) as error:
        last = lines.taken[-1] if lines.taken else _Line("", 1, 0)
        yield Fault(
            last.line,
            last.offset,
            Damaged(
                "The data cannot be read beyond this point.",
                f"The compressed data is damaged: {error}.",
                "Rows before this point were read. Ask the sender for the data again.",
                code="broken-stream",
            ),
        )


def _check(dialect: Dialect) -> None:
    marks = dialect.delimiter + dialect.quote
    if (
        len(dialect.delimiter) != 1
        or len(dialect.quote) > 1
        or len(set(marks)) < len(marks)
        or set(marks) & set("\r\n\0")
    ):
        raise Damaged(
            "No table is written so.",
            "The separator is one character, the quotation mark another one or none, and neither ends a line.",
            "Name others.",
            code="bad-dialect",
        )


def _row(reader: Iterator[list[str]], lines: _Lines, first: _Line) -> Row | Fault:
    try:
        cells = next(reader)
    except (csv.Error, StopIteration) as error:
        # A quotation mark that is never closed swallows what follows; that comes again.
        lines.give_back(lines.taken[1:])
        return Fault(first.line, first.offset, _unreadable(first, str(error)))
    text = "".join(line.text for line in lines.taken)
    if len(first.text) > LONGEST_LINE:
        return Fault(first.line, first.offset, _unreadable(first, ""))
    if _STRANGE.search(text) is not None:
        return Fault(
            first.line,
            first.offset,
            Damaged(
                "The row is not in the encoding that was named.",
                "It has bytes that stand for no letter there.",
                "Name another encoding, such as latin-1.",
                code="bad-encoding",
            ),
        )
    return Row(cells=tuple(cell.strip() for cell in cells), line=first.line, offset=first.offset)


def _unreadable(first: _Line, why: str) -> Damaged:
    if len(first.text) > LONGEST_LINE or "larger than field limit" in why:
        return TooLarge(
            "The row is too long.",
            f"A line has at most {LONGEST_LINE} characters, and a cell 131,072.",
            "Look whether a quotation mark is never closed, or name another one.",
            code="too-large",
        )
    return Damaged(
        "The row cannot be read.",
        f"Its quotation marks do not fit: {why}." if why else "Its quotation marks do not fit.",
        "Close them, double those within a cell, or name another quotation mark.",
        code="bad-row",
    )
