"""Concerns on the wire: what is written is read again, and anything else is refused as damaged."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.model.concerning import Answered, Said
from kouprey.exchange.wire.concerns import LONGEST, read_concern, write_concern
from kouprey.kernel.words.errors import Damaged

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=200)
IDS = st.binary(min_size=16, max_size=16).map(lambda raw: f"con_{raw.hex()}")
SAID = st.builds(
    lambda id_, kind, about, text: Said(
        v=1,
        id=id_,
        kind=kind,
        about=f"malware--{about}",
        text=text,
        parties=("a.example",),
        tlp="green" if kind == "retag" else "",
    ),
    IDS,
    st.sampled_from(("recall", "retag", "false-positive", "feedback")),
    st.uuids().map(UUID.__str__),
    TEXT,
)
ANSWERED = st.builds(
    lambda id_, outcome, text: Answered(v=1, answers=id_, outcome=outcome, text=text),
    IDS,
    st.sampled_from(("followed", "declined", "noted")),
    TEXT,
)


@given(SAID | ANSWERED)
def test_what_is_written_is_read_again(said: Said | Answered) -> None:
    assert read_concern(write_concern(said)) == said


@given(st.binary(max_size=200) | st.dictionaries(TEXT, TEXT | st.integers()).map(msgspec.json.encode))
def test_anything_else_is_damaged(raw: bytes) -> None:
    with pytest.raises(Damaged):
        read_concern(raw)


@given(SAID, st.data())
def test_a_changed_field_is_damaged(said: Said, data: st.DataObject) -> None:
    value = msgspec.to_builtins(said)
    wrong = {"v": 2, "id": "con_1", "about": "nothing", "parties": [], "kind": "praise", "text": "x" * (LONGEST + 1)}
    name = data.draw(st.sampled_from(sorted(wrong)))
    with pytest.raises(Damaged):
        read_concern(msgspec.json.encode(value | {name: wrong[name]}))
