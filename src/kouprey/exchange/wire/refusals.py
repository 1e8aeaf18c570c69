"""Refusals of an import as a table for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from kouprey.exchange.model import Refusal
from kouprey.exchange.wire.export import safe_cell

COLUMNS = ("line", "byte", "id", "code", "what", "why", "remedy")


def as_csv(refusals: Iterable[Refusal]) -> Iterator[bytes]:
    """One row each, in UTF-8; no cell is taken for a formula. `line` and `byte` are empty where there is none."""
    yield _row(COLUMNS)
    for each in refusals:
        texts = (each.stix_id or "", each.code, each.what, each.why, each.remedy)
        place = (str(each.line or ""), str(each.offset) if each.offset >= 0 else "")
        yield _row((*place, *(safe_cell(text) for text in texts)))


def _row(cells: Iterable[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue().encode("utf-8", "replace")
