"""The one decision for constituents: its table, and what holds for every label, agreement and time."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agreements.test_rules import HOME, NOW, PEER, RUNNING, THIRD, code, known, own, person, standing, theirs
from kouprey.agreements.model import Onward, Standing
from kouprey.agreements.rules import decide, decide_set
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import FOREVER
from kouprey.kernel.words.tlp import PAP, TLP

BANK, OTHER_BANK = "bank.example", "other-bank.example"


def hosted(name: str = BANK, **changes: Any) -> Reader:
    return Reader(party=name, constituents=(name,), beside=HOME, **{"clearance": TLP.RED, **changes})


COMMUNITY = {"onward": "community"}
CONSTITUENT = [
    (own(tlp=TLP.CLEAR), hosted(), standing(), "yes"),
    (own(tlp=TLP.GREEN), hosted(), standing(), "yes"),
    (own(), hosted(), standing(), "yes"),
    (own(), hosted(clearance=TLP.GREEN), standing(), "clearance"),
    (own(tlp=TLP.AMBER_STRICT), hosted(), standing(), "strict"),
    (own(tlp=TLP.RED), hosted(), standing(), "strict"),
    (own(tlp=TLP.RED, sealed_to=(BANK,)), hosted(), standing(), "yes"),
    (own(tlp=TLP.RED, sealed_to=(BANK,)), hosted(clearance=TLP.AMBER), standing(), "clearance"),
    (own(sealed_to=(BANK,)), hosted(OTHER_BANK), standing(), "sealed"),
    (own(sealed_to=(PEER,)), hosted(), standing(), "sealed"),
    (own(concerned=(BANK,)), hosted(), standing(), "yes"),
    (own(concerned=(OTHER_BANK,)), hosted(), standing(), "concerned"),
    (own(concerned=(BANK, OTHER_BANK)), hosted(), standing(), "yes"),
    (own(kind="hand-off"), hosted(), standing(), "kind"),
    (own(kind="sighting"), hosted(), standing(), "yes"),
    (own(not_before=NOW + 1), hosted(), standing(), "embargo"),
    (own(exercise="x"), hosted(), standing(), "exercise"),
    (theirs(tlp=TLP.CLEAR), hosted(), standing(), "yes"),
    (theirs(tlp=TLP.CLEAR), hosted(), standing(suspended_by=(PEER,)), "suspended"),
    (theirs(tlp=TLP.CLEAR), hosted(), standing(ends=NOW), "ended"),
    (theirs(tlp=TLP.GREEN), hosted(), standing(), "onward"),
    (theirs(tlp=TLP.GREEN), hosted(), standing(onward="members"), "onward"),
    (theirs(tlp=TLP.GREEN), hosted(), standing(**COMMUNITY), "yes"),
    (theirs(tlp=TLP.GREEN, concerned=(OTHER_BANK,)), hosted(), standing(**COMMUNITY), "concerned"),
    (theirs(), hosted(), standing(**COMMUNITY), "onward"),
    (theirs(concerned=(BANK,)), hosted(), standing(**COMMUNITY), "yes"),
    (theirs(concerned=(BANK,)), hosted(), standing(), "onward"),
    (theirs(tlp=TLP.AMBER_STRICT, concerned=(BANK,)), hosted(), standing(**COMMUNITY), "strict"),
    (theirs(tlp=TLP.RED, sealed_to=(BANK, HOME)), hosted(), standing(**COMMUNITY), "sealed"),
    (theirs(agreement="agr_9", tlp=TLP.CLEAR), hosted(), standing(), "onward-unknown"),
]


@pytest.mark.parametrize(("label", "reader", "under", "expected"), CONSTITUENT)
def test_constituents(label: Label, reader: Reader, under: Standing, expected: str) -> None:
    assert code(decide(label, reader, known(under), "", NOW)) == expected


def test_a_constituent_is_granted_nothing_under_an_agreement() -> None:
    assert code(decide(own(), hosted(), RUNNING, "", NOW, under="agr_1")) == "constituent"


def test_a_party_of_the_same_name_gives_a_constituent_nothing() -> None:
    """Whoever later has a node under the id reads there; the constituent gets nothing by that agreement."""
    terms = known(standing(parties=(HOME, BANK), **COMMUNITY))
    assert code(decide(own(tlp=TLP.AMBER_STRICT), hosted(), terms, "", NOW)) == "strict"


_NAMES = st.sampled_from((BANK, OTHER_BANK, HOME, PEER, THIRD))
# Mostly empty, or hardly anything would be seen by anybody.
_SETS = st.just(()) | st.just(()) | st.sets(_NAMES, max_size=2).map(lambda names: tuple(sorted(names)))
_LABELS = st.builds(
    Label,
    owner=st.sampled_from((HOME, PEER, THIRD, BANK)),
    agreement=st.sampled_from(("", "agr_1", "agr_2")),
    tlp=st.sampled_from(TLP),
    pap=st.sampled_from(PAP),
    kind=st.sampled_from(("intelligence", "sighting", "hand-off", "statement")),
    sealed_to=_SETS,
    concerned=_SETS,
    not_before=st.sampled_from((0, NOW, NOW + 1)),
    exercise=st.sampled_from(("", "", "", "x")),
)
_STANDINGS = st.builds(
    lambda onward, by, ends: standing(onward=onward, suspended_by=by, ends=ends),
    st.sampled_from([str(each) for each in Onward]),
    st.sampled_from(((), (HOME,), (PEER,), (THIRD,))),
    st.sampled_from((NOW, NOW + 1, FOREVER)),
)


@given(st.lists(_LABELS, min_size=1, max_size=3), st.sampled_from(TLP), st.sampled_from(("", "x")), _STANDINGS)
@settings(max_examples=600)
def test_a_constituent_never_sees_more_than_our_own_and_never_what_may_not_go_on(
    labels: list[Label], clearance: TLP, exercise: str, under: Standing
) -> None:
    terms = known(under)
    made = decide_set(labels, hosted(clearance=clearance, exercise=exercise), terms, "", NOW)
    if not made.allowed:
        return
    ours = decide_set(labels, person(clearance=clearance, exercise=exercise), terms, "", NOW)
    assert ours.allowed
    for label in labels:
        if label.agreement:
            assert label.agreement == under.agreement and under.ends > NOW
            assert not under.suspended_between(label.owner)
            assert label.tlp is TLP.CLEAR or under.terms.onward == Onward.COMMUNITY
            assert label.tlp <= TLP.AMBER and (label.tlp < TLP.AMBER or BANK in label.concerned)
    reader = hosted(clearance=clearance, exercise=exercise)
    seen = [each for each in labels if decide(each, reader, terms, "", NOW).allowed]
    for label in seen:
        assert not label.concerned or BANK in label.concerned or BANK in label.sealed_to
        assert label.tlp <= TLP.AMBER or (BANK in label.sealed_to and label.owner == HOME and not label.agreement)
