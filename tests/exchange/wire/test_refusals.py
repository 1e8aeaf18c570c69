"""Refusals as a table: one row each, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.model import Refusal
from kouprey.exchange.wire.refusals import COLUMNS, as_csv

text = st.text(st.characters(exclude_characters="\x00\r"), max_size=30)


@given(
    st.lists(
        st.builds(
            Refusal,
            offset=st.integers(-1, 10**12),
            line=st.none() | st.integers(1, 10**9),
            stix_id=st.none() | text,
            code=text,
            what=text,
            why=text,
            remedy=text,
        ),
        max_size=5,
    )
)
def test_every_refusal_is_a_row(refusals: list[Refusal]) -> None:
    table = list(csv.reader(io.StringIO(b"".join(as_csv(refusals)).decode("utf-8"), newline="")))
    assert table[0] == list(COLUMNS) and len(table) == len(refusals) + 1
    for row, each in zip(table[1:], refusals, strict=True):
        assert row[0] == str(each.line or "") and row[1] == ("" if each.offset < 0 else str(each.offset))
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row[2:])
        assert row[4].removeprefix("'") == each.what.encode("utf-8", "replace").decode().removeprefix("'")
