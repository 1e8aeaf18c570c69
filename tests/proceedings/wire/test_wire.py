"""Sealed files, grants, messages, events and proofs: read back as they were, and nothing else is taken for one."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.seal import box
from kouprey.kernel.words.errors import KoupreyError
from kouprey.proceedings.model import Handed, Kind
from kouprey.proceedings.wire import (
    Give,
    GoesOn,
    GrantWire,
    Received,
    read_grants,
    read_message,
    read_readers,
    read_sealed,
    write_grants,
    write_head,
    write_message,
)
from kouprey.proceedings.wire.proofs import PROOF, Proof, read_event, read_proof, write_event, write_proof

AGE = b"age-encryption.org/v1\n"
KEYS = [box.new_identity()[1] for _ in range(4)]
NAMES = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=40)
GRANTS = st.lists(st.tuples(st.sampled_from(KEYS), st.binary(max_size=80), NAMES), min_size=1, unique_by=lambda t: t[0])
JUNK = st.binary(max_size=400) | st.text(max_size=300).map(str.encode)


def refusal(call: Any) -> str:
    with pytest.raises(KoupreyError) as caught:
        call()
    return str(caught.value.code)


def handed(grants: list[tuple[str, bytes, str]]) -> tuple[Handed, ...]:
    return tuple(Handed(key=key, box=AGE + raw, name=name) for key, raw, name in grants)


@given(GRANTS, st.binary(max_size=300))
def test_read_sealed_and_read_grants_read_what_was_written(grants: list[Any], body: bytes) -> None:
    made = handed(grants)
    file = read_sealed(BytesIO(write_head(Kind.THING, "ab" * 32, made) + AGE + body))
    assert (file.grants, file.size, file.sha256) == (made, len(AGE + body), "ab" * 32)
    assert read_grants(write_grants(made)) == made


@given(JUNK)
def test_read_sealed_and_read_grants_take_nothing_else(raw: bytes) -> None:
    assert refusal(lambda: read_sealed(BytesIO(raw))) in ("bad-item", "unsafe-json")
    assert refusal(lambda: read_grants(raw)) in ("bad-item", "unsafe-json")
    head = write_head(Kind.THING, "ab" * 32, handed([(KEYS[0], b"", "A")]))
    assert refusal(lambda: read_sealed(BytesIO(head + b"x" + raw))) == "bad-item"


def test_what_a_sealed_file_may_not_say() -> None:
    twice = handed([(KEYS[0], b"", "A"), (KEYS[0], b"", "A")])
    for wrong in (twice, (), (Handed(key="age1no", box=AGE),), (Handed(key=KEYS[0], box=b"x"),)):
        assert refusal(lambda w=wrong: read_grants(write_grants(w))) == "bad-item"
    assert refusal(lambda: read_sealed(BytesIO(write_head(Kind.THING, "AB" * 32, twice[:1]) + AGE))) == "bad-item"


def give(**more: Any) -> Give:
    words: dict[str, Any] = {"v": 1, "dossier": "dos_1", "item": "itm_1", "kind": Kind.THING, "sha256": "ab" * 32}
    words |= {"body": AGE + b"x", "grants": (GrantWire(to=KEYS[0], box=AGE),), "purpose": "court", "basis": "Order"}
    return Give(**(words | {"checkpoint": "c", "goes_on": (GoesOn(since=1, path=(b"p" * 32,)),)} | more))


def test_read_message_reads_what_was_written() -> None:
    said = give()
    assert write_message(read_message(write_message(said))) == write_message(said)
    told = Received(v=1, dossier="d", item="i", sha256="ab", proof=b"{}", size=3, cosignature="")
    assert read_message(write_message(told)) == told
    for wrong in ({"v": 2}, {"body": b"plain"}, {"item": ""}, {"dossier": "é"}, {"basis": "\n"}, {"grants": ()}):
        assert refusal(lambda w=wrong: read_message(write_message(give(**w)))) == "bad-item"


@given(JUNK)
def test_read_message_takes_nothing_else(raw: bytes) -> None:
    assert refusal(lambda: read_message(raw)) in ("bad-item", "unsafe-json")


@given(st.text(max_size=200))
def test_read_readers_takes_names_with_keys_and_nothing_else(text: str) -> None:
    try:
        found = read_readers(text)
    except KoupreyError as error:
        assert error.code == "bad-reader"
    else:
        assert not found, "no text drawn by chance holds a key"


def test_read_readers_reads_lines() -> None:
    (one, two) = read_readers(f"Azman Ali={KEYS[0]}\n\n Bopha {KEYS[1]} ")
    assert (one.name, one.key, two.name, two.key) == ("Azman Ali", KEYS[0], "Bopha", KEYS[1])
    assert refusal(lambda: read_readers(f"A={KEYS[0]}\nB={KEYS[0]}")) == "bad-reader"


@given(st.dictionaries(st.sampled_from(["why", "text"]), NAMES), st.integers(0, 2**40), st.integers(0, 2**40))
def test_read_event_reads_what_write_event_wrote(detail: dict[str, str], position: int, at: int) -> None:
    raw = write_event("a.example/dossier/d", position, "open", "itm", "psn", at, detail, b"s" * 32)
    event = read_event("d", raw)
    assert (event.position, event.at, event.act, event.item, event.by) == (position, at, "open", "itm", "psn")
    assert event.detail == detail and event.raw == raw


@given(JUNK)
def test_read_event_and_read_proof_take_nothing_else(raw: bytes) -> None:
    assert refusal(lambda: read_event("d", raw)) in ("bad-event", "unsafe-json")
    assert refusal(lambda: read_proof(raw)) in ("bad-proof", "unsafe-json")


def test_read_proof_reads_what_write_proof_wrote() -> None:
    made = Proof(format=PROOF, ledger="l", size=1, checkpoint="c", keys=("k",), events=())
    assert read_proof(write_proof(made)) == made
    made.format = "other"
    assert refusal(lambda: read_proof(write_proof(made))) == "bad-proof"
