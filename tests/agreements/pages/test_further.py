"""The further clauses of the form: what is shown is read as what it was, everything else is said at its field."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.agreements.model import (
    DUTIES,
    HANDOFF_KINDS,
    MEASURES,
    RELEASING_ROLES,
    ApprovalRule,
    Document,
    Duty,
    Emergency,
    Group,
    HandOffTerm,
    PartyInDocument,
    Quotas,
    Target,
    Terms,
)
from kouprey.agreements.pages import further

PARTIES = ("a.example", "b.example", "c.example")
SECONDS = st.integers(36, 87600 * 3600)
many = settings(max_examples=150, deadline=None)


def each(words: Any, make: Any) -> Any:
    return st.lists(st.sampled_from(list(words)), unique=True, max_size=3).flatmap(
        lambda chosen: st.tuples(*(make(word) for word in sorted(chosen, key=list(words).index)))
    )


TERMS = st.builds(
    Terms,
    pap_ceiling=st.sampled_from(further.PAPS),
    references=st.sampled_from(["prune", "block"]),
    leaving_days=st.integers(0, 3650),
    quotas=st.builds(
        Quotas,
        entries_day=st.integers(1, 10**9),
        bytes_day=st.integers(1 << 20, 1 << 40),
        body_max=st.integers(1 << 10, 1 << 24),
    ),
    emergency=st.builds(Emergency, tlp=st.sampled_from(["", *further.LEVELS]), review_s=st.integers(900, 8760 * 3600)),
    handoffs=each(
        HANDOFF_KINDS,
        lambda kind: st.builds(
            HandOffTerm,
            kind=st.just(kind),
            acknowledge_s=SECONDS,
            decide_s=SECONDS,
            hours=st.sampled_from([*further.HOURS, "office Europe/Paris"]),
        ),
    ),
    duties=each(DUTIES, lambda kind: st.builds(Duty, kind=st.just(kind), within_s=SECONDS)),
    approvals=st.lists(
        st.builds(
            ApprovalRule,
            tlp=st.sampled_from(further.LEVELS),
            role=st.sampled_from(RELEASING_ROLES),
            persons=st.sampled_from([1, 2]),
            kinds=st.sampled_from([(), ("intelligence",), ("hand-off", "sighting")]),
        ),
        max_size=3,
    ).map(tuple),
)


@many
@given(TERMS)
def test_what_the_form_shows_is_read_as_what_it_was(terms: Terms) -> None:
    made, wrong = further.judge(further.typed(terms), PARTIES)
    assert wrong == {}
    again = further.with_terms(Terms(), made)
    assert again == terms


@many
@given(st.dictionaries(st.sampled_from(further.names(PARTIES)), st.text(max_size=12)))
def test_nothing_that_is_typed_breaks_it(typed: dict[str, str]) -> None:
    made, wrong = further.judge({**further.typed(Terms()), **typed}, PARTIES)
    assert set(wrong) <= set(further.names(PARTIES))
    if not wrong:
        msgspec.json.encode(further.with_terms(Terms(), made))


def test_targets_are_typed_in_per_cent_hours_and_pieces() -> None:
    targets = tuple(
        Target(measure=measure, target={"ratio": 0.3, "seconds": 7200.0, "count": 2.0}[unit], baseline=None)
        for measure, unit in MEASURES.items()
    )
    typed = further.typed(Terms(targets=targets))
    assert (typed["target_share-back"], typed["target_time-to-publish"]) == ("30", "2")
    made, wrong = further.judge(typed, PARTIES)
    assert wrong == {} and [one.target for one in made["terms"]["targets"]] == [one.target for one in targets]


def test_audiences_members_and_contacts() -> None:
    document = Document(
        v=1,
        title="T",
        parties=tuple(PartyInDocument(id=party, root=party, contacts=("Desk", "+1")) for party in PARTIES),
        terms=Terms(),
        groups=(Group(name="banks", parties=PARTIES[:2]),),
    )
    made, wrong = further.judge(further.typed_document(document), PARTIES)
    assert wrong == {} and made["groups"] == document.groups and made["contacts"]["a.example"] == ("Desk", "+1")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("groups", "Banks: a.example, b.example"),
        ("groups", "banks: a.example"),
        ("groups", "banks: a.example, stranger.example"),
        ("duty_publish", "soon"),
        ("duty_publish", "nan"),
        ("leaving_days", "-1"),
        ("handoff_ack_inform", "3"),
        ("before_share-back", "3"),
        ("emergency_tlp", "purple"),
        ("approval_role_0", "nobody"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(name: str, text: str) -> None:
    typed = {**further.typed(Terms()), "approval_tlp_0": "amber", name: text}
    assert further.judge(typed, PARTIES)[1]
