"""Manifests: whatever is changed in one, it is refused, or it is another that its maker signed."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.federation.model import LanePart
from kouprey.federation.wire.manifest import read_manifest, signed_text
from kouprey.federation.wire.parcel import new_manifest
from kouprey.kernel.seal.keys import SigningKey, VerifyKey
from kouprey.kernel.words.errors import Damaged, Refused

ORIGIN = "kouprey/1/" + "ab" * 32
KEY = SigningKey.from_bytes(b"n" * 32)


def node_keys(party: str) -> Iterable[VerifyKey]:
    return [KEY.verify_key("ministry.example/node")] if party == "ministry.example" else []


@given(st.binary(max_size=40), st.integers(0, 600), st.integers(0, 40), st.booleans())
@settings(max_examples=100, deadline=None)
def test_a_changed_manifest_is_refused(noise: bytes, at: int, lost: int, signed: bool) -> None:
    manifest = new_manifest(
        parcel="0" * 32,
        made_by="ministry.example",
        made_at="2026-11-22T09:00:00Z",
        seq=1,
        recipients=["operator.example"],
        lanes=[LanePart(origin=ORIGIN, start=0, end=2)],
    )
    whole = msgspec.json.encode(manifest)
    at %= len(whole)
    changed = whole[:at] + noise + whole[at + lost :]
    # Signed anew it is a manifest of its maker, and must still be one that can be.
    signature = KEY.sign(signed_text(changed if signed else whole))
    try:
        read = read_manifest(changed, signature, "operator.example", node_keys)
    except (Damaged, Refused):
        return
    assert (changed == whole or signed) and msgspec.json.encode(read) == changed


def test_what_a_revoked_key_signed_is_refused_by_name() -> None:
    made = new_manifest(
        parcel="0" * 32,
        made_by="ministry.example",
        made_at="2026-11-22T09:00:00Z",
        seq=1,
        recipients=["operator.example"],
        lanes=[LanePart(origin=ORIGIN, start=0, end=2)],
    )
    document, thief = msgspec.json.encode(made), SigningKey.from_bytes(b"t" * 32)
    gone = [thief.verify_key("ministry.example/node")]
    with pytest.raises(Refused) as refused:
        read_manifest(document, thief.sign(signed_text(document)), "operator.example", node_keys, lambda _: gone)
    assert refused.value.code == "revoked-key" and "has revoked" in str(refused.value)
    with pytest.raises(Damaged) as strange:
        read_manifest(document, thief.sign(signed_text(document)), "operator.example", node_keys)
    assert strange.value.code == "bad-signature"


def test_only_what_is_brought_can_be_of_an_ended_epoch() -> None:
    part = LanePart(origin=ORIGIN, start=0, end=2, ended=True)
    said = {
        "parcel": "0" * 32,
        "made_by": "ministry.example",
        "made_at": "2026-11-22T09:00:00Z",
        "seq": 1,
        "recipients": ["operator.example"],
    }
    made = new_manifest(**said, lanes=[part])  # type: ignore[arg-type]  # as it stands in the test above
    document = msgspec.json.encode(made)
    assert b'"to":2,"ended":true' in document
    assert read_manifest(document, KEY.sign(signed_text(document)), "operator.example", node_keys) == made
    with pytest.raises(Damaged) as refused:
        new_manifest(**said, lanes=[], wants=[part])  # type: ignore[arg-type]  # likewise
    assert "wants" in refused.value.why
    # What is false is left out, and nothing else is one of the forms a manifest can have.
    false = document.replace(b'"ended":true', b'"ended":false')
    with pytest.raises(Damaged):
        read_manifest(false, KEY.sign(signed_text(false)), "operator.example", node_keys)
