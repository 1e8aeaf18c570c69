"""Messages as entries carry them: what is written is read back, and anything else is refused with a reason."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.agreements.model import HANDOFF_KINDS
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import TLP
from kouprey.response.model import Decline, Due, HandOff, Message, Urgency, Verb
from kouprey.response.wire import id_of, read_message, write_message, write_request

LABEL = Label(owner="ministry.example", agreement="agr_x", tlp=TLP.GREEN, kind="hand-off", exercise="drill")
NONCE = "0123456789abcdef"
ID = "ab" * 32
TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=300)
WORD = st.text(st.characters(categories=("L", "N", "P", "Zs")), max_size=60).filter(str.isprintable)
TIME = st.integers(0, 4 * 10**15)


@given(
    st.sampled_from(HANDOFF_KINDS),
    st.sampled_from(Urgency),
    WORD.filter(bool),
    TEXT,
    TIME,
    st.lists(WORD.filter(bool), max_size=4),
    st.integers(0, 10**12),
)
def test_a_request_is_read_back(
    kind: str, urgency: Urgency, title: str, text: str, at: int, refs: list[str], later: int
) -> None:
    due = Due(acknowledge=at + later, decide=at + later + 1, pause_s=60)
    asked = HandOff(
        id="",
        agreement="agr_x",
        asking="ministry.example",
        asked="operator.example",
        kind=kind,
        urgency=urgency,
        title=title,
        text=text,
        tlp=TLP.GREEN,
        at=at,
        due=due,
        refs=tuple(refs),
        exercise="drill",
    )
    said = Message(
        id="", handoff="", verb=Verb.REQUEST, author="ministry.example", at=at, seen=(), text=text, number="7"
    )
    raw = write_request(asked, said, NONCE)
    message, read = read_message(raw, LABEL)
    assert read == msgspec.structs.replace(asked, id=id_of(raw))
    assert message == msgspec.structs.replace(said, id=id_of(raw), handoff=id_of(raw))


@given(st.sampled_from([verb for verb in Verb if verb is not Verb.REQUEST]), TEXT, WORD, TIME)
def test_whatever_follows_is_read_back(verb: Verb, text: str, word: str, at: int) -> None:
    reason = str(Decline.CAPACITY) if verb is Verb.DECLINE else ""
    said = Message(
        id="",
        handoff=ID,
        verb=verb,
        author="ministry.example",
        at=at,
        seen=(ID, "cd" * 32),
        text=text,
        person=word,
        reason=reason,
        other="c.example",
    )
    raw = write_message(said, NONCE)
    assert read_message(raw, LABEL) == (msgspec.structs.replace(said, id=id_of(raw)), None)


GOOD = {
    "v": 1,
    "verb": "accept",
    "at": "2026-11-27T09:00:00.000000Z",
    "nonce": NONCE,
    "handoff": ID,
    "seen": [ID],
}
ASKED = {
    "v": 1,
    "verb": "request",
    "at": "2026-11-27T09:00:00.000000Z",
    "nonce": NONCE,
    "to": "operator.example",
    "kind": "act",
    "urgency": "urgent",
    "title": "x",
    "text": "x",
}


def test_the_examples_are_read() -> None:
    for each in (GOOD, ASKED):
        read_message(msgspec.json.encode(each), LABEL)
    # A field that a later version adds is passed over.
    read_message(msgspec.json.encode(GOOD | {"later": 1}), LABEL)


@pytest.mark.parametrize(
    "wrong",
    [
        GOOD | {"v": 2},
        GOOD | {"verb": "cry"},
        GOOD | {"at": "yesterday"},
        GOOD | {"nonce": "short"},
        GOOD | {"handoff": ""},
        GOOD | {"handoff": "../../etc"},
        GOOD | {"seen": []},
        GOOD | {"seen": ["x"]},
        GOOD | {"seen": [ID] * 65},
        GOOD | {"text": "x" * 20_001},
        GOOD | {"text": "\0"},
        GOOD | {"person": "a\nb"},
        GOOD | {"verb": "decline", "reason": "no mood"},
        GOOD | {"other": "not a party"},
        ASKED | {"kind": "dance"},
        ASKED | {"to": "ministry.example"},
        ASKED | {"to": ""},
        ASKED | {"title": ""},
        ASKED | {"title": "a\nb"},
        ASKED | {"handoff": ID},
        ASKED | {"urgency": "panic"},
        ASKED | {"refs": ["x"] * 101},
        ASKED | {"refs": ["x" * 501]},
        ASKED | {"instead_of": "x"},
        ASKED | {"due": {"acknowledge": "2020-01-01T00:00:00Z"}},
        ASKED | {"due": {"decide": "2099-01-01T00:00:00Z"}},
        ASKED | {"due": {"pause_s": -1}},
        [],
        "x",
    ],
)
def test_what_is_none_is_refused(wrong: object) -> None:
    with pytest.raises(Damaged) as refused:
        read_message(msgspec.json.encode(wrong), LABEL)
    assert refused.value.code in ("bad-hand-off", "unsafe-json") and refused.value.what


@given(st.binary(max_size=300) | st.recursive(st.none() | st.booleans() | TEXT, st.lists).map(msgspec.json.encode))
def test_nothing_but_a_refusal_comes_of_rubbish(raw: bytes) -> None:
    try:
        read_message(raw, LABEL)
    except KoupreyError as error:
        assert error.code
