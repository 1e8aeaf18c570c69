"""The canonical text, the signature over it, and what is refused."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisories.conftest import content
from kouprey.advisories.model import Signed, Statement
from kouprey.advisories.wire.statement import (
    LARGEST,
    canonical,
    check_signature,
    hash_of,
    read_signed,
    read_statement,
    sign_statement,
    write_signed,
    write_statement,
)
from kouprey.kernel.seal.keys import SigningKey
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.kernel.words.time import SECOND

KEY = SigningKey.from_bytes(b"\x01" * 32)
SAID = Statement(
    id="XX-CERT-2026-0001",
    number=1,
    previous="",
    publisher="cert.example",
    name="CERT",
    issued=1_795_000_000 * SECOND,
    url="https://cert.example/s/XX-CERT-2026-0001",
    content=content(),
)
SIGNED = sign_statement(SAID, KEY)
FILE = write_signed(SIGNED)


def test_what_is_written_is_read_again() -> None:
    assert read_statement(write_statement(SAID)) == SAID
    assert read_signed(FILE) == SIGNED and check_signature(SIGNED) == SAID
    assert SIGNED.raw == canonical(json.loads(SIGNED.raw)) and len(hash_of(SIGNED.raw)) == 64
    assert SIGNED.key.startswith("cert.example/node+")


@given(st.integers(0, len(FILE) - 1), st.integers(1, 255))
def test_one_changed_byte_of_a_signed_file_is_refused(place: int, change: int) -> None:
    changed = bytearray(FILE)
    changed[place] ^= change
    with pytest.raises(KoupreyError):
        read_signed(bytes(changed))


@given(st.integers(0, len(SIGNED.raw) - 1), st.integers(1, 255))
def test_one_changed_byte_of_the_text_is_refused(place: int, change: int) -> None:
    changed = bytearray(SIGNED.raw)
    changed[place] ^= change
    with pytest.raises(Damaged) as caught:
        check_signature(Signed(raw=bytes(changed), key=SIGNED.key, signature=SIGNED.signature))
    assert caught.value.code == "bad-signature"


@given(st.one_of(st.binary(max_size=60), st.integers(0, len(SIGNED.raw)).map(lambda end: SIGNED.raw[:end])))
def test_no_bytes_make_another_error(raw: bytes) -> None:
    for read in (read_statement, read_signed):
        try:
            read(raw)
        except KoupreyError:
            continue
        assert raw in (SIGNED.raw, FILE)


@pytest.mark.parametrize(
    "more",
    [
        {"v": 2},
        {"id": "somewhere"},
        {"number": 0},
        {"number": 2},
        {"previous": "ab" * 32},
        {"publisher": "CERT"},
        {"issued": "yesterday"},
        {"issued": "2026-11-28T07:00:00.5Z"},
        {"verdict": "maybe"},
        {"unknown": 1},
        {"languages": {}},
        {"languages": {"en": {"title": "a", "body": "b", "what_to_do": "", "more": "c"}}},
        {"claims": [{"text": "a"}]},
    ],
)
def test_what_is_signed_and_no_statement_is_refused(more: dict[str, Any]) -> None:
    raw = canonical(json.loads(SIGNED.raw) | more)
    with pytest.raises(Damaged) as caught:
        check_signature(Signed(raw=raw, key=SIGNED.key, signature=KEY.sign(raw)))
    assert caught.value.code == "bad-statement"


def test_one_text_only_and_by_its_own_publisher_only() -> None:
    spaced = json.dumps(json.loads(SIGNED.raw)).encode()
    with pytest.raises(Damaged, match="cannot be read"):
        read_statement(spaced)
    other = Signed(raw=SIGNED.raw, key=KEY.vkey("other.example/node"), signature=SIGNED.signature)
    with pytest.raises(Damaged, match="somebody else"):
        check_signature(other)
    value = {"v": 2, "statement": SIGNED.raw.decode(), "key": SIGNED.key, "signature": b64encode(b"x" * 64).decode()}
    for wrong in (msgspec.json.encode(value), b" " * (LARGEST + 1), b"{}"):
        with pytest.raises(Damaged):
            read_signed(wrong)
