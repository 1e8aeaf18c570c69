"""An agreement in words: every clause that decides is told, in order, and nothing that decides is left out."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kouprey.agreements.model import (
    CLAUSES,
    DUTIES,
    KINDS,
    MEASURES,
    PURPOSES,
    RELEASING_ROLES,
    ApprovalRule,
    Document,
    Duty,
    Emergency,
    Group,
    HandOffTerm,
    Onward,
    PartyInDocument,
    Quotas,
    State,
    Target,
    Terms,
    Version,
)
from kouprey.agreements.pages import words

PARTIES = (
    PartyInDocument(id="a.example", name="First <Party>", root="a"),
    PartyInDocument(id="b.example", name="Second Party", root="b"),
)


def document(**terms: Any) -> Document:
    return Document(
        v=1,
        title="Title",
        parties=PARTIES,
        terms=Terms(**{"starts": "2026-01-01T00:00:00Z", "ends": "2028-01-01T00:00:00Z", **terms}),
    )


def text_of(document: Document) -> str:
    return "\n".join(clause.text for clause in words.clauses(document))


def test_clauses_are_numbered_as_decisions_cite_them() -> None:
    told = words.clauses(document())
    assert [clause.number for clause in told] == list(CLAUSES.values())
    assert all(clause.title and clause.text for clause in told)


DIFFERENT = {
    "tlp_ceiling": "green",
    "types": ("statement",),
    "purposes": ("research",),
    "onward": "members",
    "retention_days": 12,
    "erasure_days": 3,
    "starts": "2026-01-02T00:00:00Z",
    "ends": "",
    "quotas": Quotas(bytes_day=9),
    "pap_ceiling": "amber",
    "references": "block",
    "handoffs": (HandOffTerm(kind="act", acknowledge_s=3600, decide_s=86_400),),
    "duties": (Duty(kind="acknowledge", within_s=3600),),
    "targets": (Target(measure="share-back", target=0.5),),
    "approvals": (ApprovalRule(tlp="amber", role="liaison"),),
    "emergency": Emergency(tlp="amber"),
    "leaving_days": 5,
}


@pytest.mark.parametrize("name", Terms.__struct_fields__)
def test_no_term_can_change_without_changing_the_words(name: str) -> None:
    assert text_of(document(**{name: DIFFERENT[name]})) != text_of(document())


DEEPER = [
    ("handoffs", [HandOffTerm(kind=k, acknowledge_s=a, decide_s=d, hours=h) for k, a, d, h in (
        ("act", 60, 60, "always"), ("assist", 60, 60, "always"), ("act", 120, 60, "always"), ("act", 60, 120, "always"),
        ("act", 60, 60, "office Asia/Phnom_Penh"))]),
    ("duties", [Duty(kind=k, within_s=s) for k in DUTIES for s in (60, 120)]),
    ("targets", [Target(measure=m, target=t, baseline=b) for m in MEASURES for t in (1, 2) for b in (None, 3)]),
    ("approvals", [ApprovalRule(tlp=t, role=r, persons=p, kinds=k) for t in ("green", "amber") for r in RELEASING_ROLES
                   for p in (1, 2) for k in ((), ("sighting",))]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "values"), DEEPER)
def test_nothing_within_a_clause_can_change_without_changing_the_words(name: str, values: list[Any]) -> None:
    told = [text_of(document(**{name: (value,)})) for value in values]
    assert len(set(told)) == len(values)


def test_emergency_tells_its_level_and_its_review() -> None:
    told = {text_of(document(emergency=Emergency(tlp=t, review_s=s))) for t in ("green", "red") for s in (60, 120)}
    assert len(told) == 4


def test_members_contacts_and_audiences_are_told() -> None:
    plain = document()
    group = msgspec.structs.replace(plain, groups=(Group(name="banks", parties=("a.example", "b.example")),))
    first = msgspec.structs.replace(PARTIES[0], members=("op.example",))
    members = msgspec.structs.replace(plain, parties=(first, PARTIES[1]))
    called = msgspec.structs.replace(PARTIES[0], contacts=("Desk, +1 555 0100",))
    contacts = msgspec.structs.replace(plain, parties=(called, PARTIES[1]))
    assert len({text_of(each) for each in (plain, group, members, contacts)}) == 4


def test_every_quota_is_told() -> None:
    for name in Quotas.__struct_fields__:
        assert text_of(document(quotas=Quotas(**{name: 5}))) != text_of(document())


def test_dates_are_told_to_the_second_and_names_stay_text() -> None:
    told = {clause.number: clause.text for clause in words.clauses(document())}
    assert "2026-01-01 00:00:00 UTC" in told["9"] and "2028-01-01 00:00:00 UTC" in told["9"]
    assert "First <Party> (a.example)" in told["1"] and not hasattr(told["1"], "__html__")
    assert "without an end" in text_of(document(ends=""))
    assert text_of(msgspec.structs.replace(document(), overlap_s=0)) != text_of(document())


def test_every_word_of_a_document_has_words() -> None:
    assert set(words.KIND_WORDS) == set(KINDS) and set(words.PURPOSE_WORDS) == set(PURPOSES)
    assert set(words.ONWARD_WORDS) == set(Onward) and set(words.STATES) == set(State)


def test_the_summary_names_what_counts() -> None:
    said = words.summary(Terms(tlp_ceiling="green", types=("sighting",), purposes=("protection",)))
    assert said == "Sightings, up to TLP:GREEN, for protection. Nothing is passed on."


def test_states_of_versions() -> None:
    def version(number: int, *signers: str) -> Version:
        return Version(
            agreement="agr_x",
            number=number,
            previous=b"",
            document_bytes=b"",
            document=document(),
            note=b"",
            note_sha256=bytes([number]),
            in_force_from=0,
            signers=signers,
            proposed_by="",
            at=0,
        )

    both = ("a.example", "b.example")
    states = [
        words.state_of(each, State.SUSPENDED, bytes([2]))
        for each in (version(1, *both), version(2, *both), version(3, "a.example"), version(4))
    ]
    assert states == [State.SUPERSEDED, State.SUSPENDED, State.PROPOSED, State.DRAFT]
