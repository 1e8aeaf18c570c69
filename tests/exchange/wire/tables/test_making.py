"""What a row becomes: the same for everybody who says the same, valid, and nothing of a row that is wrong."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.model.tables import Constants, Dialect, Mapping
from kouprey.exchange.wire import findings_of
from kouprey.exchange.wire.tables import check_mapping, read_mapping
from kouprey.kernel.words.errors import Damaged

HEAD = b"value,why,from,until,sure,level,words,more\n"
ROW = b"evil[.]kh,A lure,2026-11-22,2026-12-22,75%,green,c2;lantern,198.51.100.7\n"
MAPPING = """
as = "indicator"
[columns]
value = "domain"
more = "ip"
why = "description"
from = "valid_from"
until = "valid_until"
sure = "confidence"
level = "tlp"
words = "labels"
[constants]
name = "From our list"
[times]
zone = "+07:00"
"""


def test_a_row_with_everything(tables: Any) -> None:
    (first, second), refused = tables.taken(HEAD + ROW, read_mapping(MAPPING))
    assert not refused
    assert first["pattern"] == "[domain-name:value = 'evil.kh']"
    assert second["pattern"] == "[ipv4-addr:value = '198.51.100.7']"
    assert first["created"] == first["modified"] == first["valid_from"] == "2026-11-21T17:00:00.000Z"
    assert (first["valid_until"], first["confidence"], first["labels"]) == (
        "2026-12-21T17:00:00.000Z",
        75,
        ["c2", "lantern"],
    )
    assert (first["name"], first["description"], first["created_by_ref"]) == ("From our list", "A lure", tables.AUTHOR)
    assert {each.code for each in findings_of(first, "indicator")} <= {"uuid-version"}
    again, _ = tables.taken(HEAD + ROW, read_mapping(MAPPING))
    assert again == [first, second] and first["id"] != second["id"]
    other, _ = tables.taken(HEAD + ROW.replace(b"A lure", b"Another"), read_mapping(MAPPING))
    assert other[0]["id"] != first["id"]


def test_observed_values_are_what_everybody_calls_so(tables: Any) -> None:
    mapping = Mapping(columns={"value": "value", "level": "tlp"})
    (only,), _ = tables.taken(HEAD + ROW, mapping)
    assert only["type"] == "domain-name" and only["id"] == "domain-name--" + only["id"][13:]
    assert set(only) == {"type", "spec_version", "id", "value", "object_marking_refs"}
    (bare,), _ = tables.taken(b"evil.kh\n", Mapping(columns={"1": "domain"}))
    assert bare["id"] == only["id"] and "object_marking_refs" not in bare


def test_a_cve_is_a_vulnerability(tables: Any) -> None:
    mapping = Mapping(
        kind="indicator", columns={"1": "cve"}, constants=Constants(valid_from="2026-11-22", confidence="high")
    )
    (made,), _ = tables.taken(b"CVE-2026-1234\n", mapping)
    assert (made["type"], made["name"], made["confidence"]) == ("vulnerability", "CVE-2026-1234", 85)
    assert not [each for each in findings_of(made, "vulnerability") if each.severity == "must"]
    _, (refused,) = tables.taken(b"CVE-2026-1234\n", Mapping(columns={"1": "cve"}))
    assert refused.code == "not-observable"


@pytest.mark.parametrize(
    ("row", "code", "cell"),
    [
        (ROW.replace(b"evil[.]kh", b"evil kh"), "bad-value", "'evil kh'"),
        (ROW.replace(b"75%", b"sure"), "bad-confidence", "'sure'"),
        (ROW.replace(b"green", b"pink"), "bad-tlp", "'pink'"),
        (ROW.replace(b"2026-12-22", b"soon"), "bad-time", "'soon'"),
        (ROW.replace(b"2026-12-22", b"2026-11-01"), "bad-times", ""),
        (ROW.replace(b"2026-11-22", b""), "no-time", ""),
        (ROW.replace(b"evil[.]kh", b"-").replace(b"198.51.100.7", b""), "no-value", ""),
        (ROW.replace(b"A lure", b"A, lure"), "ragged-row", ""),
        (ROW.replace(b",198.51.100.7", b""), "ragged-row", ""),
    ],
)
def test_a_row_that_is_wrong_is_refused_whole_with_its_place(tables: Any, row: bytes, code: str, cell: str) -> None:
    made, (refused,) = tables.taken(HEAD + row + ROW, read_mapping(MAPPING))
    assert len(made) == 2
    assert (refused.code, refused.line, refused.offset) == (code, 2, len(HEAD))
    assert cell in refused.why and refused.remedy


@pytest.mark.parametrize(
    ("mapping", "why"),
    [
        (Mapping(), "No column is a value"),
        (Mapping(columns={"a": "nonsense"}), "nothing called"),
        (Mapping(columns={"a": "ip", "b": "name"}), "has no name"),
        (Mapping(columns={"a": "ip"}, constants=Constants(labels="x")), "has no labels"),
        (Mapping(kind="indicator", columns={"a": "ip"}), "from when on"),
        (Mapping(kind="indicator", columns={"a": "ip", "b": "name", "c": "name"}), "Two columns"),
    ],
)
def test_mappings_that_cannot_be_followed(mapping: Mapping, why: str) -> None:
    with pytest.raises(Damaged, match=why):
        check_mapping(mapping)


@pytest.mark.parametrize("named", ["nowhere", "0", "-1", "9", "9" * 5_000])
def test_columns_that_are_not_there(tables: Any, named: str) -> None:
    with pytest.raises(Damaged, match="no column"):
        tables.taken(HEAD + ROW, Mapping(columns={named: "ip"}))


@pytest.mark.parametrize(
    "text", ["x", "as = 'nothing'", "[columns]\na = 1", "[colums]\na = 'ip'", "[file]\nencoding = 'ebcdic'", "[[[["]
)
def test_mapping_files_that_cannot_be_read(text: str) -> None:
    with pytest.raises(Damaged):
        read_mapping(text)


def test_the_mapping_that_the_documents_show_is_one() -> None:
    page = (Path(__file__).parents[4] / "docs" / "how-to" / "import-a-table.md").read_text("utf-8")
    mapping = read_mapping(page.partition("```toml")[2].partition("```")[0])
    check_mapping(mapping)
    assert mapping.file == Dialect(comment="#") and mapping.times.zone == "Asia/Phnom_Penh"


def test_constants_may_be_times_and_numbers_of_toml() -> None:
    said = read_mapping(
        "[constants]\nvalid_from = 2026-11-22T09:00:00Z\nconfidence = 60\nlabels = ['a', 'b']"
    ).constants
    assert (said.valid_from, said.confidence, said.labels) == ("2026-11-22 09:00:00+00:00", "60", "a, b")


def _written(value: dict[str, Any]) -> str:
    """TOML, with every value in the one line that it allows."""
    return "\n".join(f"{name} = {_inline(each)}" for name, each in value.items())


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_inline(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return str(value) if isinstance(value, date) else json.dumps(value)


_WORD = st.sampled_from(
    ["columns", "constants", "times", "file", "as", "ip", "value", "zone", "name", "1", "indicator"]
)
_SAID = st.recursive(
    _WORD | st.text(max_size=8) | st.integers() | st.booleans() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORD, inner, max_size=3),
    max_leaves=8,
)


@given(st.text(max_size=200) | st.dictionaries(_WORD, _SAID, max_size=4).map(_written))
def test_any_text_is_a_mapping_or_refused(text: str) -> None:
    try:
        mapping = read_mapping(text)
    except Damaged:
        return
    try:
        check_mapping(mapping)
    except Damaged:
        return
    assert mapping.columns
