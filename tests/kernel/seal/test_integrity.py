"""Proofs inside documents: the vector of the W3C byte for byte, one of our own, and what was changed."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.seal.integrity import (
    base58,
    canonical,
    multikey,
    parse_base58,
    parse_multikey,
    sign_document,
    verify_document,
)
from kouprey.kernel.seal.keys import SigningKey
from kouprey.kernel.words.errors import Damaged

SHARED = Path(os.environ.get("KOUPREY_SHARED", Path(__file__).parents[4] / "shared")) / "data" / "capacity" / "vc"
SEED = SigningKey.from_bytes(bytes(range(32)))
KEY = "z6MkehRgf7yJbgaGfYsdoAsKdBPE3dj2CYhowQdcjqSJgvVd"
DOCUMENT = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiableCredential"],
    "name": "ភាសាខ្មែរ",
    "n": 70,
    "issuer": f"did:key:{KEY}",
}


def signed() -> dict[str, Any]:
    return sign_document(DOCUMENT, SEED, method=f"did:key:{KEY}#{KEY}", created="2026-11-22T00:00:00Z")


def test_the_vector_of_the_w3c_comes_out_byte_for_byte() -> None:
    if not SHARED.is_dir():
        pytest.skip("no samples beside the checkout (KOUPREY_SHARED)")
    pair, unsigned, wanted = (
        json.loads((SHARED / name).read_text("utf-8")) for name in ("keyPair.json", "unsigned.json", "signedJCS.json")
    )
    key = SigningKey.from_bytes(parse_base58(pair["privateKeyMultibase"][1:])[2:])
    assert multikey(key.public) == pair["publicKeyMultibase"]
    assert canonical(unsigned).decode() == (SHARED / "canonDocJCS.txt").read_text("utf-8").strip()
    proof = wanted["proof"]
    made = sign_document(unsigned, key, method=proof["verificationMethod"], created=proof["created"])
    assert canonical(made) == canonical(wanted)
    assert verify_document(wanted, key.public)


def test_our_own_vector_comes_out_byte_for_byte() -> None:
    assert multikey(SEED.public) == KEY
    value = "z3GUb8ESYZpbvLGGjGnJTWCLoaZrqo69Q24Jb6aGEALXJ3wwmUaJ2CfLx1qxcEgPUyxuTiMXdm4D96g7MmhP9Wnbz"
    assert signed()["proof"]["proofValue"] == value
    assert verify_document(signed(), SEED.public)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("n",), 71),
        (("name",), "ភាសា"),
        (("proof", "created"), "2026-11-22T00:00:01Z"),
        (("proof", "proofPurpose"), "authentication"),
        (("proof", "cryptosuite"), "eddsa-rdfc-2022"),
        (("proof", "@context"), ["https://other.example"]),
        (("proof", "proofValue"), "z0"),
        (("proof", "proofValue"), 7),
        (("proof",), "none"),
    ],
)
def test_what_was_changed_is_not_good(path: tuple[str, ...], value: Any) -> None:
    made = json.loads(json.dumps(signed()))
    held = made
    for name in path[:-1]:
        held = held[name]
    held[path[-1]] = value
    assert not verify_document(made, SEED.public)


def test_another_key_is_not_good() -> None:
    assert not verify_document(signed(), SigningKey.from_bytes(bytes(32)).public)


def test_what_has_no_canonical_form_is_refused() -> None:
    with pytest.raises(Damaged) as found:
        canonical({"n": 2**60})
    assert found.value.code == "not-canonical"


@given(st.binary(max_size=80))
def test_base58_comes_back(data: bytes) -> None:
    assert parse_base58(base58(data)) == data


@given(st.text(max_size=100))
def test_multikeys_are_read_or_refused(text: str) -> None:
    """parse_multikey and parse_base58 give a key or say why not."""
    try:
        assert multikey(parse_multikey(text)) == text
    except Damaged as error:
        assert error.code == "bad-key"
