"""The party card: what the specification shows is read, and a card has one form."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.kernel.seal import keyring, notes
from kouprey.kernel.seal.keys import SigningKey
from kouprey.kernel.words.errors import Damaged
from kouprey.people.model import Card, RootStatement
from kouprey.people.wire import (
    KEEP_MAX,
    is_name,
    is_origin,
    parse_card,
    parse_root_statement,
    render_card,
    render_root_statement,
)

VECTORS = json.loads((Path(__file__).parents[1] / "conformance/lane/card.json").read_text("utf-8"))["cards"]


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> keyring.Keyring:
    return keyring.create(tmp_path_factory.mktemp("ring") / "keys")


@pytest.fixture(scope="module")
def card(ring: keyring.Keyring) -> Card:
    assert ring.root is not None
    return Card(
        party="cert.example",
        name="ក្រសួង\u200bឧទាហរណ៍",
        serial=7,
        issued=1_764_547_200_000_000,
        root=ring.root.vkey("cert.example/root"),
        nodes=tuple(SigningKey.generate().vkey("cert.example/node") for _ in range(4)),
        receipts=(ring.receipt.vkey("cert.example/receipt", alg=4),),
        ages=(ring.age_recipient,),
        url="https://cert.example",
        identities=("identity--5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a10",),
    )


@pytest.mark.parametrize("vector", VECTORS)
def test_the_cards_of_the_specification(vector: dict[str, str]) -> None:
    card = parse_card(vector["note"].encode())
    assert card.serial == 1
    assert card.node.startswith(f"{card.party}/node+")
    assert card.identities == ("identity--5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a10",)


def test_what_we_write_we_read(card: Card, ring: keyring.Keyring) -> None:
    assert parse_card(render_card(card, ring)) == card
    bare = msgspec.structs.replace(card, url="", identities=())
    assert parse_card(render_card(bare, ring)) == bare


@pytest.mark.parametrize(
    "changes",
    [
        {"party": "Cert"},
        {"name": " Cert"},
        {"name": "a" * 201},
        {"name": "Cert\u202eelpmaxe"},
        {"name": "Cert\u2028url http://evil.example"},
        {"name": "Cert\u0085"},
        {"serial": 0},
        {"serial": 10**18},
        {"nodes": ()},
        {"ages": ()},
        {"ages": ("age1nonsense",)},
        {"url": "ftp://cert.example"},
        {"url": "https://user@cert.example"},
        {"identities": ("indicator--5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a10",)},
    ],
)
def test_a_card_that_says_nonsense_is_damaged(card: Card, ring: keyring.Keyring, changes: dict[str, object]) -> None:
    with pytest.raises(Damaged):
        parse_card(render_card(msgspec.structs.replace(card, **changes), ring))


def test_keys_have_their_names_and_types(card: Card, ring: keyring.Keyring) -> None:
    for changes in (
        {"nodes": (ring.node.vkey("cert.example/root"),)},
        {"nodes": (ring.node.vkey("cert.example/node", alg=4),)},
        {"receipts": (ring.receipt.vkey("cert.example/receipt"),)},
        {"nodes": card.nodes + card.nodes[:1]},
        {"root": ring.node.vkey("cert.example/root")},
    ):
        with pytest.raises(Damaged):
            parse_card(render_card(msgspec.structs.replace(card, **changes), ring))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"card/v1", b"card/v2"),
        (b"serial 7", b"serial 07"),
        (b"serial 7", b"serial 7\nserial 8"),
        (b"serial 7\n", b""),
        (b"url https", b"url  https"),
        (b"issued 2025", b"issued 25"),
        (b"Z\n", b"+00:00\n"),
        (b"\nroot", b"\nsurprise 1\nroot"),
    ],
)
def test_a_card_has_one_form(card: Card, ring: keyring.Keyring, old: bytes, new: bytes) -> None:
    text, _ = notes.split_note(render_card(card, ring))
    assert old in text
    assert ring.root is not None
    with pytest.raises(Damaged):
        parse_card(notes.sign_note(text.replace(old, new), [("cert.example/root", ring.root)]))


def test_lines_in_another_order_are_another_card(card: Card, ring: keyring.Keyring) -> None:
    lines = notes.split_note(render_card(card, ring))[0].split(b"\n")
    lines[1], lines[2] = lines[2], lines[1]
    assert ring.root is not None
    with pytest.raises(Damaged):
        parse_card(notes.sign_note(b"\n".join(lines), [("cert.example/root", ring.root)]))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2000), st.integers(1, 255))
def test_a_changed_card_is_damaged(place: int, flip: int) -> None:
    note = bytearray(VECTORS[0]["note"].encode())
    note[place % len(note)] ^= flip
    with pytest.raises(Damaged):
        parse_card(bytes(note))


@given(st.binary(max_size=300))
def test_no_bytes_are_more_than_damaged(raw: bytes) -> None:
    with pytest.raises(Damaged):
        parse_card(raw)


def test_names_and_origins() -> None:
    assert is_name("Dara Sok")
    assert not any(map(is_name, ["", " ", "a\nb", "a\0", "x" * 201]))
    assert is_origin("http://127.0.0.1:8420")
    assert not any(map(is_origin, ["", "https://", "https://a b", "javascript:alert(1)", "https://a#b"]))


BEFORE, ROOT = SigningKey.generate(), SigningKey.generate()
SAID = RootStatement(
    party="cert.example",
    before=BEFORE.vkey("cert.example/root"),
    root=ROOT.vkey("cert.example/root"),
    keep=(b"k" * 32, b"l" * 32),
    issued=1_764_547_200_000_000,
)


def test_a_root_statement_is_signed_by_both_keys() -> None:
    assert parse_root_statement(render_root_statement(SAID, BEFORE, ROOT)) == SAID
    most = msgspec.structs.replace(SAID, keep=tuple(number.to_bytes(32, "big") for number in range(KEEP_MAX)))
    assert parse_root_statement(render_root_statement(most, BEFORE, ROOT)) == most
    for pair in ((BEFORE, BEFORE), (ROOT, ROOT), (BEFORE, SigningKey.generate())):
        with pytest.raises(Damaged):
            parse_root_statement(render_root_statement(SAID, *pair))


@pytest.mark.parametrize(
    "changes",
    [
        {"party": "other.example"},
        {"party": "Not An Id"},
        {"root": SAID.before},
        {"before": BEFORE.vkey("cert.example/node")},
        {"keep": (b"short",)},
        {"keep": tuple(number.to_bytes(32, "big") for number in range(KEEP_MAX + 1))},
    ],
)
def test_what_a_root_statement_may_not_say(changes: dict[str, object]) -> None:
    with pytest.raises(Damaged):
        parse_root_statement(render_root_statement(msgspec.structs.replace(SAID, **changes), BEFORE, ROOT))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2000), st.integers(1, 255))
def test_a_changed_root_statement_is_damaged(place: int, flip: int) -> None:
    note = bytearray(render_root_statement(SAID, BEFORE, ROOT))
    note[place % len(note)] ^= flip
    with pytest.raises(Damaged):
        parse_root_statement(bytes(note))


@given(st.binary(max_size=300))
def test_no_bytes_are_more_than_a_damaged_root_statement(raw: bytes) -> None:
    with pytest.raises(Damaged):
        parse_root_statement(raw)
