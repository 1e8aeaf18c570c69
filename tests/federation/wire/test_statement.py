"""Key statements: one text for one statement, signed by the root key, and nothing else is read as one."""

from __future__ import annotations

from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.federation.wire.statement import (
    LANES_MAX,
    Cut,
    KeyStatement,
    open_statement,
    read_statement,
    render_statement,
)
from kouprey.kernel.seal.keys import SigningKey
from kouprey.kernel.seal.notes import sign_note, split_note
from kouprey.kernel.words.errors import Damaged

ROOT, NODE = SigningKey.from_bytes(bytes(32)), SigningKey.from_bytes(b"\x01" * 32)
PARTY = "ministry.example"


def said(count: int = 2, **fields: object) -> KeyStatement:
    cuts = tuple(Cut(f"kouprey/1/{number:064x}", number + 1, bytes(32)) for number in range(count))
    made = KeyStatement(party=PARTY, revoked=NODE.vkey(f"{PARTY}/node"), after=cuts, serial=7, issued=0)
    return msgspec.structs.replace(made, **fields)


@pytest.mark.parametrize("count", [0, 1, LANES_MAX])
def test_what_was_written_is_read(count: int) -> None:
    note = render_statement(said(count), ROOT)
    assert open_statement(note, ROOT.verify_key(f"{PARTY}/root")) == said(count)


@pytest.mark.parametrize(
    "wrong",
    [
        said(LANES_MAX + 1),
        said(party="x"),
        said(serial=0),
        said(revoked=NODE.vkey(f"{PARTY}/root")),
        said(revoked=NODE.vkey("other.example/node")),
        said(after=(Cut("kouprey/1/x", 1, bytes(32)),)),
        said(after=(Cut(f"kouprey/1/{0:064x}", 0, bytes(32)),)),
        said(after=(Cut(f"kouprey/1/{0:064x}", 1, bytes(31)),)),
        said(after=said(1).after * 2),
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: KeyStatement) -> None:
    with pytest.raises(Damaged):
        read_statement(render_statement(wrong, ROOT))


def test_only_the_root_key_of_the_party_signs() -> None:
    note = render_statement(said(), ROOT)
    for key in (NODE.verify_key(f"{PARTY}/root"), ROOT.verify_key("other.example/root")):
        with pytest.raises(Damaged):
            open_statement(note, key)


@given(st.integers(0, 400), st.integers(0, 255))
def test_no_changed_byte_is_read_as_another_statement(place: int, value: int) -> None:
    text = split_note(render_statement(said(), ROOT))[0]
    changed = text[: place % len(text)] + bytes([value]) + text[place % len(text) + 1 :]
    with suppress(Damaged):
        note = sign_note(changed, [(f"{PARTY}/root", ROOT)])
        assert split_note(render_statement(read_statement(note), ROOT))[0] == changed
        assert open_statement(note, ROOT.verify_key(f"{PARTY}/root")) == read_statement(note)
