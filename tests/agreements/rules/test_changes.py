"""What is stricter than what: tightening never widens, and versions are compared clause by clause."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.agreements.model import (
    ApprovalRule,
    Document,
    Emergency,
    HandOffTerm,
    Narrowing,
    Onward,
    PartyInDocument,
    Quotas,
    Standing,
    Terms,
    Way,
)
from kouprey.agreements.rules import changes, decide, decide_set
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import PAP, TLP, parse_tlp

HOME, PEER, THIRD = "cert.example", "ministry.example", "operator.example"
PARTIES = (HOME, PEER, THIRD)
NOW = 1_000
many = settings(max_examples=400, deadline=None)

KINDS = ["intelligence", "sighting", "hand-off"]
USES = ["protection", "research", "law-enforcement"]


def some(words: list[str] | tuple[str, ...], least: int = 0) -> Any:
    return st.sets(st.sampled_from(list(words)), min_size=least).map(lambda made: tuple(sorted(made)))


NARROWINGS = st.builds(
    Narrowing,
    agreement=st.just("agr_1"),
    version=st.just(1),
    party=st.sampled_from(PARTIES),
    serial=st.just(1),
    at=st.just(0),
    tlp_ceiling=st.sampled_from(["", *(level.word for level in TLP)]),
    pap_ceiling=st.sampled_from(["", *(level.word for level in PAP)]),
    onward=st.sampled_from(["", *map(str, Onward)]),
    types=st.none() | some(KINDS, 1),
    purposes=st.none() | some(USES, 1),
    parties=st.none() | some(PARTIES, 1),
)
LABELS = st.builds(
    Label,
    owner=st.sampled_from(PARTIES),
    agreement=st.sampled_from(["", "agr_1"]),
    tlp=st.sampled_from(TLP),
    pap=st.sampled_from(PAP),
    kind=st.sampled_from(KINDS),
    purposes=some(USES),
    sealed_to=some(PARTIES),
)
READERS = st.builds(Reader, party=st.sampled_from(PARTIES), clearance=st.just(TLP.RED)) | st.builds(
    Reader, party=st.just(HOME), local=st.just(True), clearance=st.sampled_from(TLP)
)
TERMS = st.builds(
    Terms,
    tlp_ceiling=st.sampled_from([level.word for level in TLP]),
    pap_ceiling=st.sampled_from([level.word for level in PAP]),
    types=some(KINDS, 1),
    purposes=some(USES, 1),
    onward=st.sampled_from([str(each) for each in Onward]),
)


def standing(terms: Terms, narrowed: tuple[Narrowing, ...] = ()) -> dict[str, Standing]:
    made = Standing(
        agreement="agr_1",
        home=HOME,
        version=1,
        note_sha256=b"1",
        title="Exchange",
        parties=PARTIES,
        terms=terms,
        tlp_ceiling=parse_tlp(terms.tlp_ceiling),
        signed=True,
        starts=0,
        narrowed=narrowed,
    )
    return {"agr_1": made}


@many
@given(st.lists(LABELS, max_size=3), READERS, TERMS, st.lists(NARROWINGS, max_size=3), st.sampled_from(["", *USES]))
def test_tightening_never_allows_what_was_denied(
    labels: list[Label], reader: Reader, terms: Terms, narrowed: list[Narrowing], purpose: str
) -> None:
    if decide_set(labels, reader, standing(terms, tuple(narrowed)), purpose, NOW).allowed:
        # Nor does any part of it: with each narrowing the answer only becomes stricter.
        for count in range(len(narrowed)):
            assert decide_set(labels, reader, standing(terms, tuple(narrowed[:count])), purpose, NOW).allowed


@many
@given(LABELS, READERS, TERMS, st.lists(NARROWINGS, max_size=3), st.sampled_from(["", *USES]))
def test_what_counts_is_the_strictest_of_document_and_notices(
    label: Label, reader: Reader, terms: Terms, narrowed: list[Narrowing], purpose: str
) -> None:
    """A notice that names no parties decides as a document that says the same for the two between which it comes."""
    label = msgspec.structs.replace(label, agreement="")
    plain = [msgspec.structs.replace(each, parties=None) for each in narrowed]
    own = [each for each in plain if each.party in (HOME, reader.party)]
    held = decide(label, reader, standing(terms, tuple(plain)), purpose, NOW)
    strict = changes.effective(terms, own)
    written = decide(label, reader, standing(strict), purpose, NOW)
    if strict.purposes:
        assert held.allowed == written.allowed
    assert held.allowed <= written.allowed or not strict.purposes


@many
@given(TERMS, NARROWINGS)
def test_effective_terms_are_never_looser(terms: Terms, said: Narrowing) -> None:
    made = changes.tighten(terms, said)
    assert parse_tlp(made.tlp_ceiling) <= parse_tlp(terms.tlp_ceiling)
    assert changes.ONWARD.index(made.onward) <= changes.ONWARD.index(terms.onward)
    assert set(made.types) <= set(terms.types) and set(made.purposes) <= set(terms.purposes)
    assert changes.tighten(made, said) == made


def test_a_third_partys_tightening_does_not_come_between_two() -> None:
    said = Narrowing(agreement="agr_1", version=1, party=THIRD, serial=1, at=0, tlp_ceiling="clear")
    label, world = Label(owner=HOME, tlp=TLP.AMBER), standing(Terms(), (said,))
    assert decide(label, Reader(party=PEER, clearance=TLP.RED), world, "", NOW).allowed
    denied = decide(label, Reader(party=THIRD, clearance=TLP.RED), world, "", NOW)
    assert (denied.allowed, denied.because[0].code, denied.because[0].clause) == (False, "ceiling", "2")
    assert "operator.example has tightened it to TLP:CLEAR" in denied.because[0].text


def test_who_gave_it_may_tighten_what_becomes_of_it() -> None:
    label = Label(owner=PEER, tlp=TLP.GREEN, agreement="agr_1")
    third = Reader(party=THIRD, clearance=TLP.RED)
    terms = Terms(onward="members")
    assert decide(label, third, standing(terms), "", NOW).allowed
    for more in ({"onward": "none"}, {"tlp_ceiling": "clear"}, {"parties": (HOME,)}, {"types": ("sighting",)}):
        said = Narrowing(agreement="agr_1", version=1, party=PEER, serial=1, at=0, **more)  # type: ignore[arg-type]  # drawn by field
        assert not decide(label, third, standing(terms, (said,)), "", NOW).allowed, more


def test_a_party_names_those_it_still_exchanges_with() -> None:
    said = Narrowing(agreement="agr_1", version=1, party=HOME, serial=1, at=0, parties=(PEER,))
    world, label = standing(Terms(), (said,)), Label(owner=HOME, tlp=TLP.GREEN)
    assert decide(label, Reader(party=PEER, clearance=TLP.RED), world, "", NOW).allowed
    assert decide(label, Reader(party=THIRD, clearance=TLP.RED), world, "", NOW).because[0].code == "audience"


@many
@given(NARROWINGS, NARROWINGS)
def test_what_loosens_is_found(before: Narrowing, after: Narrowing) -> None:
    assert changes.loosened_by(before, before) == []
    if not changes.loosened_by(before, after):
        terms = Terms(types=tuple(KINDS), purposes=tuple(USES), tlp_ceiling="red", onward="community")
        assert changes.tighten(changes.tighten(terms, before), after) == changes.tighten(terms, after)


def document(**terms: Any) -> Document:
    parties = tuple(PartyInDocument(id=party, root=f"{party}/root") for party in PARTIES)
    return Document(v=1, title="Exchange", parties=parties, terms=Terms(starts="2026-12-01T00:00:00Z", **terms))


WAYS = [
    ({"tlp_ceiling": "green"}, "tlp_ceiling", Way.TIGHTENED),
    ({"tlp_ceiling": "red"}, "tlp_ceiling", Way.LOOSENED),
    ({"pap_ceiling": "clear"}, "pap_ceiling", Way.TIGHTENED),
    ({"types": ("sighting",)}, "types", Way.TIGHTENED),
    ({"types": ("hand-off", "sighting")}, "types", Way.CHANGED),
    ({"purposes": ("incident-response", "protection", "research")}, "purposes", Way.LOOSENED),
    ({"onward": "members"}, "onward", Way.LOOSENED),
    ({"retention_days": 30}, "retention_days", Way.TIGHTENED),
    ({"quotas": Quotas(entries_day=5)}, "quotas", Way.TIGHTENED),
    ({"quotas": Quotas(entries_day=5, body_max=1 << 30)}, "quotas", Way.CHANGED),
    ({"references": "block"}, "references", Way.TIGHTENED),
    ({"approvals": (ApprovalRule(tlp="amber", role="legal"),)}, "approvals", Way.TIGHTENED),
    ({"emergency": Emergency(tlp="amber")}, "emergency", Way.LOOSENED),
    ({"handoffs": (HandOffTerm(kind="inform", acknowledge_s=60, decide_s=60),)}, "handoffs", Way.LOOSENED),
    ({"ends": "2027-12-01T00:00:00Z"}, "dates", Way.TIGHTENED),
    ({"leaving_days": 3}, "leaving_days", Way.CHANGED),
]


@pytest.mark.parametrize(("more", "clause", "way"), WAYS)
def test_each_clause_says_which_way_it_moved(more: dict[str, Any], clause: str, way: Way) -> None:
    assert changes.compare(document(), document(**more)) == [(clause, way)]
    back = {Way.TIGHTENED: Way.LOOSENED, Way.LOOSENED: Way.TIGHTENED, Way.CHANGED: Way.CHANGED}[way]
    assert changes.compare(document(**more), document()) == [(clause, back)]


def test_parties_words_and_title() -> None:
    old = document()
    fewer = msgspec.structs.replace(old, parties=old.parties[:2], title="Other", text={"en": "Words"})
    assert changes.compare(old, fewer) == [
        ("parties", Way.TIGHTENED),
        ("title", Way.CHANGED),
        ("text", Way.CHANGED),
    ]
    assert changes.compare(old, old) == []
