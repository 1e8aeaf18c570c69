"""Badges and lists as documents."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.capacity.model import Achievement, Competency, Holder, KeyLine
from kouprey.capacity.wire.badge import (
    did_document,
    did_web,
    identity_hash,
    method_of,
    read_badge,
    read_list,
    write_badge,
    write_list,
)
from kouprey.capacity.wire.tables import competencies
from kouprey.kernel.seal.integrity import multikey, sign_document
from kouprey.kernel.seal.keys import SigningKey
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import DAY, SECOND

SECRET = SigningKey.from_bytes(bytes(range(32)))
KEY = multikey(SECRET.public)
NOW = 1_700_000_000 * SECOND
BASE = "https://node.example"


def sign(document: dict[str, Any]) -> bytes:
    made = sign_document(document, SECRET, method=method_of(BASE, KEY), created="2026-11-22T00:00:00Z")
    return json.dumps(made).encode()


def badge() -> bytes:
    wanted = Achievement(
        id="ach_1",
        name="Hand-offs",
        description="d",
        criteria="c",
        competencies=(Competency(framework="ecsf", code="2"),),
    )
    document = write_badge(
        "bdg_1",
        wanted,
        Holder(party="p", id="n", name="Dara", mail="dara@cert.example"),
        issuer=did_web(BASE),
        issuer_name="CERT",
        base=BASE,
        salt="salt",
        issued=NOW,
        until=NOW + DAY,
        result=88,
        index=7,
        names=competencies(),
    )
    return sign(document)


def test_what_a_badge_says_is_read_back() -> None:
    shown = read_badge(badge())
    assert (shown.issuer, shown.key, shown.index, shown.result) == ("did:web:node.example", KEY, 7, "88")
    assert shown.identity_hash == identity_hash("DARA@cert.example", "salt")
    assert "Cyber Incident Responder" in badge().decode()
    assert shown.status_list == f"{BASE}/badges/status/1"


def test_a_list_says_who_is_in_it() -> None:
    read = read_list(sign(write_list(BASE, did_web(BASE), [7], issued=NOW, until=NOW + DAY)))
    assert read.revoked(7) and not read.revoked(8)
    with pytest.raises(Damaged):
        read.revoked(10**7)


def test_names_of_nodes_are_those_of_https_alone() -> None:
    assert did_web("https://node.example:8443") == "did:web:node.example%3A8443"
    assert did_web("http://node.example") == did_web("") == ""
    assert method_of("", KEY) == f"did:key:{KEY}#{KEY}"
    document = did_document(BASE, [KeyLine(key=KEY, not_before=1, not_after=NOW)])
    assert document["verificationMethod"][0]["expires"].startswith("2023-")


@given(st.integers(0, 2500), st.binary(max_size=8), st.booleans())
def test_anything_is_read_or_refused(at: int, put: bytes, lists: bool) -> None:
    """read_badge and read_list say what they cannot read."""
    raw = sign(write_list(BASE, did_web(BASE), [7], issued=NOW, until=NOW + DAY)) if lists else badge()
    changed = raw[:at] + put + raw[at + len(put) :]
    for read in (read_badge, read_list):
        with contextlib.suppress(Damaged):
            read(changed)
