"""What entries say, and what is written: nothing hostile stops the sums, and a manifest is exact."""

from __future__ import annotations

import json
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.errors import Damaged
from kouprey.performance import wire
from kouprey.performance.model import EDITABLE, Manifest
from kouprey.performance.rules import CONTEXT, INDICATOR
from kouprey.performance.wire import (
    paper,
    parse_manifest,
    read_said,
    read_targets,
    render_manifest,
    render_table,
    words,
)
from kouprey.performance.wire.register import read_answers

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 1 << 30) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
KEYS = ("id", "type", "modified", "description", "object_refs", "opinion", "source_ref", "targets", "confidence")


def _toml(values: dict[str, str]) -> bytes:
    """A file of answers: TOML writes texts as JSON does."""
    return "".join(f"{name} = {json.dumps(text)}\n" for name, text in values.items()).encode()


@given(st.dictionaries(st.sampled_from(KEYS), JSON) | JSON, st.binary(max_size=20))
def test_nothing_an_entry_says_stops_the_sums(value: object, junk: bytes) -> None:
    raw = msgspec.json.encode(value)
    for each in (raw, junk):
        read_said(each)
        with suppress(Damaged):
            parse_manifest(wire.MANIFEST_HEAD + each + b"\n")
        assert all(a >= 0 and b >= 0 for a, b in read_targets(each)[1])


def test_context_is_a_reason_and_one_thing_more() -> None:
    def flags(**more: object) -> int:
        said = read_said(msgspec.json.encode({"id": "indicator--1", "type": "indicator"} | more))
        assert said is not None
        return said.flags

    why = "Twenty characters say it."
    assert flags() == INDICATOR and flags(confidence=0, description=why) == CONTEXT
    assert flags(confidence=True, description=why) != CONTEXT and flags(description=" " * 30, confidence=1) != CONTEXT


def test_no_cell_is_a_formula() -> None:
    assert render_table([{"a": "=1+1", "b": None}], ("a", "b")) == b"a,b\r\n'=1+1,\r\n"


def test_a_manifest_is_read_as_it_was_written() -> None:
    figures: dict[str, float | None] = {"context": 0.5}
    n: dict[str, int | None] = {"context": 10}
    hashed = wire.figures_hash("agr_1", "2026-Q4", figures, n)
    manifest = Manifest(
        v=1,
        kind="measures",
        party="a.example",
        agreement="agr_1",
        version_sha256="00",
        quarter="2026-Q4",
        language="en",
        made_at="2026-11-26T00:00:00Z",
        pdf_sha256="11",
        figures_sha256=hashed,
        figures=figures,
        n=n,
    )
    text = render_manifest(manifest)
    assert parse_manifest(text) == manifest
    for wrong in (text[1:], text + b"\n", text.replace(b"0.5", b"0.6"), text.replace(b'"v":1', b'"v":2')):
        with pytest.raises(Damaged):
            parse_manifest(wrong)


def test_every_measure_has_its_words() -> None:
    from kouprey.performance.model import SHOWN, State

    assert set(words.WORDS) == set(SHOWN) and set(words.STATES) == set(State)
    assert words.count_text(None) == "fewer than 5" and callable(paper.look)


@given(
    st.binary(max_size=200) | st.dictionaries(st.sampled_from([*EDITABLE, "other"]), st.text(max_size=20)).map(_toml)
)
def test_answers_are_texts_to_what_is_asked_or_refused(raw: bytes) -> None:
    with suppress(Damaged):
        found = read_answers(raw)
        assert found.keys() <= set(EDITABLE) and all(isinstance(text, str) for text in found.values())
