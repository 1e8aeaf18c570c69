"""Rules of the exchange: repeats, conflicts, variants, and who may give a new version."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.rules import classify, may_version

CARDS = {
    "cert.example": ["identity--00000000-0000-4000-8000-00000000000a"],
    "operator.example": ["identity--00000000-0000-4000-8000-00000000000b"],
    "thief.example": ["identity--00000000-0000-4000-8000-00000000000c"],
}
CERT, OPERATOR, THIEF = (identities[0] for identities in CARDS.values())


@pytest.mark.parametrize(
    ("kept", "raw", "verdict"),
    [
        ([], b'{"a":1}', "new"),
        ([b'{"a":1}'], b'{"a":1}', "repeat"),
        ([b'{"a":1,"b":2}'], b'{ "b": 2.0, "a": 1e0 }', "repeat"),
        ([b'{"a":1}', b'{"a":2}'], b'{"a": 2}', "repeat"),
        ([b'{"a":1}'], b'{"a":true}', "conflict"),
        ([b'{"a":1}', b'{"a":2}'], b'{"a":3}', "conflict"),
    ],
)
def test_classify(kept: list[bytes], raw: bytes, verdict: str) -> None:
    assert classify(kept, raw, observable=False) == verdict
    assert classify(kept, raw, observable=True) == verdict.replace("conflict", "variant")


@given(
    st.lists(st.dictionaries(st.sampled_from("ab"), st.sampled_from([0, 1, False, 1.0]), max_size=2), max_size=8),
    st.randoms(),
)
def test_the_number_of_kept_bodies_does_not_depend_on_the_order(
    values: list[dict[str, object]], chance: object
) -> None:
    def kept(bodies: list[bytes]) -> int:
        held: list[bytes] = []
        for raw in bodies:
            if classify(held, raw, observable=False) != "repeat":
                held.append(raw)
        return len(held)

    bodies = [json.dumps(value).encode() for value in values]
    assert kept(bodies) == kept(bodies[::-1]) == kept(sorted(bodies))


def test_a_party_may_version_what_its_identities_created() -> None:
    assert may_version(CERT, "cert.example", CARDS).allowed
    assert may_version(CERT.upper(), "cert.example", CARDS).allowed


@pytest.mark.parametrize("created_by", [None, "identity--00000000-0000-4000-8000-00000000ffff"])
def test_what_nobody_reserved_is_free(created_by: str | None) -> None:
    assert may_version(created_by, "operator.example", CARDS).allowed


@pytest.mark.parametrize("created_by", [CERT, CERT.upper()])
def test_what_another_party_created_is_reserved(created_by: str) -> None:
    decision = may_version(created_by, "operator.example", CARDS)
    assert not decision.allowed
    assert decision.because[0].code == "reserved-author"
    assert "cert.example" in decision.because[0].text


def test_a_stranger_to_the_cards_may_not_either() -> None:
    assert not may_version(CERT, "stranger.example", CARDS).allowed


def test_leaving_the_creator_out_frees_nothing() -> None:
    assert not may_version(None, "operator.example", CARDS, earlier_creators=[None, CERT]).allowed
    assert not may_version(OPERATOR, "operator.example", CARDS, earlier_creators=[CERT]).allowed
    assert may_version(None, "cert.example", CARDS, earlier_creators=[CERT]).allowed


def test_an_identity_object_is_its_partys() -> None:
    assert not may_version(None, "operator.example", CARDS, stix_id=CERT).allowed
    assert may_version(None, "cert.example", CARDS, stix_id=CERT).allowed


def test_an_identity_on_two_cards_is_nobodys_until_cleared_up() -> None:
    cards = CARDS | {"thief.example": [THIEF, CERT]}
    for author in ("thief.example", "cert.example"):
        decision = may_version(CERT, author, cards)
        assert not decision.allowed
        assert decision.because[0].code == "disputed-author"
    assert may_version(THIEF, "thief.example", cards).allowed
