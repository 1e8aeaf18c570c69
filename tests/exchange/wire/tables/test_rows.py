"""Rows: each in its place, a broken one alone, in every encoding, in flat memory."""

from __future__ import annotations

import csv
import gzip
import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.model.tables import Dialect, Row
from kouprey.exchange.wire.tables.rows import LONGEST_LINE, Fault, read_rows
from kouprey.kernel.words.errors import Damaged


def rows(raw: bytes, **dialect: object) -> list[Row | Fault]:
    return list(read_rows(io.BytesIO(raw), Dialect(**dialect)))  # type: ignore[arg-type]  # less than a file


def cells(raw: bytes, **dialect: object) -> list[tuple[str, ...]]:
    return [each.cells for each in rows(raw, **dialect) if isinstance(each, Row)]


CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('"\n,;|#='), max_size=12)


@given(st.lists(st.lists(CELL, min_size=2, max_size=4), max_size=8), st.sampled_from(["utf-8", "utf-16"]))
def test_what_csv_writes_is_read_and_stands_where_it_says(table: list[list[str]], encoding: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(table)
    raw = out.getvalue().encode(encoding)
    found = rows(raw, encoding=encoding)
    wanted = [tuple(map(str.strip, row)) for row in table if "\ufffd" not in "".join(row)]
    assert [each.cells for each in found if isinstance(each, Row)] == wanted
    for each in found:
        text = raw[each.offset :].decode("utf-16-le" if encoding == "utf-16" else encoding)
        assert text.lstrip("\ufeff").startswith('"')


@given(st.binary(max_size=200), st.sampled_from(["utf-8", "utf-16", "latin-1"]), st.sampled_from(['"', "'", ""]))
def test_nothing_raises(raw: bytes, encoding: str, quote: str) -> None:
    for each in rows(raw, encoding=encoding, quote=quote, comment="#"):
        assert each.line >= 1 and 0 <= each.offset <= len(raw)


def test_a_quotation_mark_that_is_never_closed_costs_its_row_alone() -> None:
    found = rows(b'a,b\n"c,d\ne,f\n"g","h"\ni,j\n')
    assert [each.cells if isinstance(each, Row) else each.line for each in found] == [
        ("a", "b"),
        2,
        ("e", "f"),
        ("g", "h"),
        ("i", "j"),
    ]


def test_comments_empty_lines_and_marks_at_the_beginning() -> None:
    raw = '\ufeff# names\n\n  # more\na , "b\nc"\r\n"#no",comment\n'.encode()
    found = rows(raw, comment="#")
    assert [each.cells for each in found if isinstance(each, Row)] == [("a", "b\nc"), ("#no", "comment")]
    assert [(each.line, each.offset) for each in found] == [(4, raw.index(b"a ,")), (6, raw.index(b'"#no'))]


def test_bytes_of_another_encoding_are_refused_row_by_row() -> None:
    raw = "gut,\u00fc\nschlecht,".encode() + b"\xfc\nend,x\n"
    kinds = [each.cells if isinstance(each, Row) else each.error.code for each in rows(raw)]
    assert kinds == [("gut", "\u00fc"), "bad-encoding", ("end", "x")]
    assert cells(b"\xfc,x\n", encoding="latin-1") == [("\u00fc", "x")]


def test_compressed_and_damaged() -> None:
    packed = gzip.compress(b"a,b\n" * 1000)
    assert len(cells(packed)) == 1000
    assert isinstance(rows(packed[:-9])[-1], Fault)


def test_a_line_without_end_is_refused_in_flat_memory() -> None:
    class Endless(io.RawIOBase):
        left = 64 << 20

        def read(self, size: int = -1) -> bytes:
            self.left -= size
            return b"x" * size if self.left > 0 else b""

    tracemalloc.start()
    found = list(read_rows(Endless(), Dialect()))  # type: ignore[arg-type]  # less than a file
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * LONGEST_LINE
    assert found and all(isinstance(each, Fault) and each.error.code == "too-large" for each in found[:-1])


@pytest.mark.parametrize(
    "wrong", [{"delimiter": ""}, {"delimiter": "ab"}, {"delimiter": "\n"}, {"quote": ","}, {"quote": '""'}]
)
def test_what_no_table_is_written_in(wrong: dict[str, str]) -> None:
    with pytest.raises(Damaged):
        rows(b"a,b\n", **wrong)


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_separators(delimiter: str) -> None:
    assert cells(f"a{delimiter}b\n".encode(), delimiter=delimiter) == [("a", "b")]
