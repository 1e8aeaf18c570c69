"""Nouns of agreements: where a standing stands, and who is still to sign."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.agreements.model import CLAUSES, Document, PartyInDocument, Standing, State, Terms, Version
from kouprey.kernel.words.tlp import TLP

A, B, C = "cert.example", "ministry.example", "operator.example"


def standing(**changes: Any) -> Standing:
    values: dict[str, Any] = {
        "agreement": "agr_1",
        "home": A,
        "version": 1,
        "note_sha256": b"",
        "title": "Exchange",
        "parties": (A, B, C),
        "terms": Terms(),
        "tlp_ceiling": TLP.AMBER,
        "signed": True,
        "starts": 10,
        "ends": 20,
    }
    return Standing(**{**values, **changes})


@pytest.mark.parametrize(
    ("changes", "now", "expected"),
    [
        ({"signed": False, "draft": True}, 15, State.DRAFT),
        ({"signed": False, "suspended_by": (B,)}, 15, State.PROPOSED),
        ({}, 9, State.NOT_YET),
        ({}, 10, State.IN_FORCE),
        ({}, 19, State.IN_FORCE),
        ({}, 20, State.ENDED),
        ({"suspended_by": (C,)}, 15, State.SUSPENDED),
        ({"suspended_by": (C,)}, 9, State.NOT_YET),
        ({"suspended_by": (C,)}, 20, State.ENDED),
    ],
)
def test_state(changes: dict[str, Any], now: int, expected: State) -> None:
    assert standing(**changes).state(now) is expected


def test_a_third_partys_suspension_does_not_come_between_two() -> None:
    assert standing(suspended_by=(C,)).suspended_between(B) == ()
    assert standing(suspended_by=(A, B, C)).suspended_between(B) == (A, B)


def test_who_is_awaited() -> None:
    document = Document(
        v=1,
        title="Exchange",
        parties=tuple(PartyInDocument(id=each, root="") for each in (C, A, B)),
        terms=Terms(starts="2026-12-01T00:00:00Z", ends="2027-12-01T00:00:00Z"),
    )
    version = Version(
        agreement="agr_1",
        number=1,
        previous=b"",
        document_bytes=b"",
        document=document,
        note=b"",
        note_sha256=b"",
        in_force_from=0,
        signers=(),
        proposed_by=A,
        at=0,
    )
    assert version.draft
    assert (version.party_ids, version.missing) == ((A, B, C), (A, B, C))
    assert (document.starts, document.ends) == ("2026-12-01T00:00:00Z", "2027-12-01T00:00:00Z")


def test_clauses_are_numbered_once() -> None:
    assert sorted(map(int, CLAUSES.values())) == list(range(1, len(CLAUSES) + 1))
