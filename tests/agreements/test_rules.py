"""The one decision: its table, and what holds for every label, reader and agreement."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.agreements.model import CLAUSES, Group, Onward, Standing, State, Terms
from kouprey.agreements.rules import decide, decide_set
from kouprey.kernel.words.decision import Decision, Reader
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import FOREVER
from kouprey.kernel.words.tlp import PAP, TLP

HOME, PEER, THIRD, STRANGER = "cert.example", "ministry.example", "operator.example", "stranger.example"
NOW = 1_000


def standing(agreement: str = "agr_1", **changes: Any) -> Standing:
    values: dict[str, Any] = {
        "agreement": agreement,
        "home": HOME,
        "version": 1,
        "note_sha256": b"1",
        "title": "Exchange",
        "parties": (HOME, PEER, THIRD),
        "terms": Terms(types=("intelligence", "sighting"), purposes=("protection", "research")),
        "tlp_ceiling": TLP.AMBER_STRICT,
        "signed": True,
        "starts": 0,
    }
    terms = {name: changes.pop(name) for name in ("onward", "types", "purposes", "pap_ceiling") if name in changes}
    values["terms"] = msgspec.structs.replace(values["terms"], **terms)
    return Standing(**{**values, **changes})


def known(*standings: Standing) -> dict[str, Standing]:
    return {each.agreement: each for each in standings}


def own(**changes: Any) -> Label:
    return Label(**{"owner": HOME, "tlp": TLP.AMBER, **changes})


def theirs(**changes: Any) -> Label:
    """Received from PEER under agr_1."""
    return own(**{"owner": PEER, "agreement": "agr_1", **changes})


def party(name: str = PEER, **changes: Any) -> Reader:
    return Reader(party=name, **{"clearance": TLP.RED, **changes})


def person(**changes: Any) -> Reader:
    return Reader(party=HOME, local=True, **{"clearance": TLP.RED, **changes})


RUNNING = known(standing())


def code(made: Decision) -> str:
    return "yes" if made.allowed else made.because[0].code


LOCAL = [
    (own(), person(), "yes"),
    (own(tlp=TLP.RED), person(clearance=TLP.AMBER), "clearance"),
    (theirs(tlp=TLP.RED), person(), "yes"),
    (own(exercise="x"), person(), "exercise"),
    (own(), person(exercise="x"), "exercise"),
    (own(exercise="x"), person(exercise="x"), "yes"),
    (own(exercise="x"), person(exercise="y"), "exercise"),
    (own(not_before=NOW + 1), person(), "yes"),
    (theirs(not_before=NOW + 1), person(), "embargo"),
    (theirs(not_before=NOW), person(), "yes"),
    (own(sealed_to=(PEER,)), person(), "yes"),
    (theirs(sealed_to=(THIRD,)), person(), "sealed"),
    (theirs(sealed_to=(HOME,)), person(), "yes"),
]

FOREIGN = [
    (own(), party(), standing(), "yes"),
    (own(), party(STRANGER), standing(), "no-agreement"),
    (own(), party(clearance=TLP.GREEN), standing(), "clearance"),
    (own(exercise="x"), party(), standing(), "exercise"),
    (own(not_before=NOW + 1), party(), standing(), "embargo"),
    (own(not_before=NOW), party(), standing(), "yes"),
    (own(), party(), standing(signed=False), "unsigned"),
    (own(), party(), standing(signed=False, draft=True), "no-agreement"),
    (own(), party(), standing(suspended_by=(HOME,)), "suspended"),
    (own(), party(), standing(suspended_by=(PEER,)), "suspended"),
    (own(), party(), standing(suspended_by=(THIRD,)), "yes"),
    (own(), party(), standing(suspended_by=(THIRD,), starts=NOW + 1), "not-started"),
    (own(), party(), standing(ends=NOW), "ended"),
    (own(), party(), standing(ends=NOW + 1), "yes"),
    (own(), party(), standing(starts=NOW + 1), "not-started"),
    (own(), party(), standing(starts=NOW), "yes"),
    (own(), party(), standing(tlp_ceiling=TLP.GREEN), "ceiling"),
    (own(tlp=TLP.AMBER_STRICT), party(), standing(), "yes"),
    (own(tlp=TLP.RED), party(), standing(), "ceiling"),
    (own(tlp=TLP.RED), party(), standing(tlp_ceiling=TLP.RED), "red"),
    (own(tlp=TLP.RED, sealed_to=(PEER,)), party(), standing(tlp_ceiling=TLP.RED), "yes"),
    (own(tlp=TLP.RED, sealed_to=(PEER,)), party(THIRD), standing(tlp_ceiling=TLP.RED), "sealed"),
    (own(sealed_to=(PEER,)), party(THIRD), standing(), "sealed"),
    (own(kind="hand-off"), party(), standing(), "type"),
    (own(kind="sighting"), party(), standing(), "yes"),
    (own(purposes=("law-enforcement",)), party(), standing(), "purpose"),
    (own(purposes=("law-enforcement", "research")), party(), standing(), "yes"),
    (own(pap=PAP.AMBER), party(), standing(pap_ceiling="amber"), "yes"),
    (own(pap=PAP.RED), party(), standing(pap_ceiling="amber"), "pap-ceiling"),
    (own(pap=PAP.RED), party(), standing(), "yes"),
]

ONWARD = [
    # What PEER gave us goes back to PEER; to others only as far as the agreement it came under says.
    (theirs(), PEER, [standing()], "yes"),
    (theirs(), THIRD, [standing()], "onward"),
    (theirs(), THIRD, [standing(onward="members")], "yes"),
    (theirs(), THIRD, [standing(onward="community")], "yes"),
    (theirs(tlp=TLP.AMBER_STRICT), THIRD, [standing(onward="community")], "onward"),
    (theirs(tlp=TLP.AMBER_STRICT, sealed_to=(HOME, THIRD)), THIRD, [standing(onward="members")], "yes"),
    (theirs(tlp=TLP.AMBER_STRICT, sealed_to=(HOME, THIRD)), THIRD, [standing()], "onward"),
    (theirs(), THIRD, [standing(onward="members", suspended_by=(PEER,))], "suspended"),
    (theirs(tlp=TLP.GREEN), STRANGER, [standing(onward="community")], "no-agreement"),
    (theirs(agreement="agr_9"), THIRD, [standing(onward="community")], "onward-unknown"),
]
OTHER = standing("agr_2", parties=(HOME, STRANGER), tlp_ceiling=TLP.AMBER)
ELSEWHERE = [
    (theirs(tlp=TLP.GREEN), standing(onward="members"), "onward"),
    (theirs(tlp=TLP.GREEN), standing(onward="community"), "yes"),
    (theirs(tlp=TLP.AMBER), standing(onward="community"), "onward"),
    (theirs(tlp=TLP.GREEN), standing(onward="community", ends=NOW), "ended"),
    (theirs(tlp=TLP.GREEN), standing(onward="community", suspended_by=(PEER,)), "suspended"),
    (theirs(tlp=TLP.GREEN), standing(onward="community", suspended_by=(THIRD,)), "yes"),
]


@pytest.mark.parametrize(("label", "reader", "expected"), LOCAL)
def test_our_own_people(label: Label, reader: Reader, expected: str) -> None:
    assert code(decide(label, reader, RUNNING, "", NOW)) == expected


@pytest.mark.parametrize(("label", "reader", "agreement", "expected"), FOREIGN)
def test_other_parties(label: Label, reader: Reader, agreement: Standing, expected: str) -> None:
    assert code(decide(label, reader, known(agreement), "", NOW)) == expected


@pytest.mark.parametrize(("label", "reader", "agreements", "expected"), ONWARD)
def test_passing_on_among_the_parties(label: Label, reader: str, agreements: list[Standing], expected: str) -> None:
    assert code(decide(label, party(reader), known(*agreements), "", NOW)) == expected


@pytest.mark.parametrize(("label", "source", "expected"), ELSEWHERE)
def test_passing_on_under_another_agreement(label: Label, source: Standing, expected: str) -> None:
    assert code(decide(label, party(STRANGER), known(source, OTHER), "", NOW)) == expected


def test_a_purpose_asked_for_must_be_allowed_by_label_and_agreement() -> None:
    assert code(decide(own(), party(), RUNNING, "research", NOW)) == "yes"
    assert code(decide(own(), party(), RUNNING, "law-enforcement", NOW)) == "purpose"
    assert code(decide(own(purposes=("research",)), party(), RUNNING, "protection", NOW)) == "purpose"
    assert code(decide(own(purposes=("research",)), person(), RUNNING, "protection", NOW)) == "purpose"


def test_under_names_the_only_agreement_that_may_grant() -> None:
    both = known(standing(), standing("agr_2", tlp_ceiling=TLP.GREEN))
    assert decide(own(), party(), both, "", NOW, under="agr_1").because[0].agreement == "agr_1"
    assert code(decide(own(), party(), both, "", NOW, under="agr_2")) == "ceiling"
    assert code(decide(own(), party(), both, "", NOW, under="agr_3")) == "no-agreement"


def test_a_refusal_names_every_ground_and_the_clause() -> None:
    both = known(standing(tlp_ceiling=TLP.GREEN), standing("agr_2", suspended_by=(HOME,)))
    made = decide(own(), party(), both, "", NOW)
    found = [(reason.agreement, reason.clause) for reason in made.because]
    assert found == [("agr_1", CLAUSES["tlp_ceiling"]), ("agr_2", CLAUSES["suspension"])]
    assert "TLP:AMBER is above the ceiling TLP:GREEN" in made.because[0].text


def test_until_says_when_to_ask_again() -> None:
    assert decide(own(not_before=NOW + 9), party(), RUNNING, "", NOW).until == NOW + 9
    assert decide(own(), party(), known(standing(ends=NOW + 5)), "", NOW).until == NOW + 5
    assert decide(own(), party(), known(standing(starts=NOW + 5)), "", NOW).until == NOW + 5
    assert decide(own(), party(), known(standing(changes=NOW + 5, ends=NOW + 9)), "", NOW).until == NOW + 5
    # The next version of any agreement may name somebody it does not name now.
    assert decide(own(), party(STRANGER), known(standing(changes=NOW + 5)), "", NOW).until == NOW + 5
    # What is allowed by two lasts as long as the longer one.
    both = known(standing(ends=NOW + 5), standing("agr_2", ends=NOW + 9))
    assert decide(own(), party(), both, "", NOW).until == NOW + 9
    passing = known(standing(onward="community", ends=NOW + 3), OTHER)
    assert decide(theirs(tlp=TLP.GREEN), party(STRANGER), passing, "", NOW).until == NOW + 3


def test_an_embargo_beyond_the_calendar_is_still_told() -> None:
    assert "end of time" in decide(own(not_before=FOREVER), party(), RUNNING, "", NOW).because[0].text


SETS = [
    ([], person(), "no-label"),
    ([own(tlp=TLP.RED), own(tlp=TLP.GREEN)], person(clearance=TLP.GREEN), "yes"),
    ([theirs(tlp=TLP.RED), own(tlp=TLP.GREEN)], person(clearance=TLP.GREEN), "yes"),
    ([own(tlp=TLP.RED), own(tlp=TLP.GREEN)], party(THIRD), "yes"),
    # What others gave us is not ours to give away, even if we know it ourselves.
    ([own(), theirs()], party(THIRD), "onward"),
    ([own(), theirs()], party(PEER), "yes"),
    ([own(), theirs(), theirs(owner=THIRD)], party(PEER), "onward"),
    ([theirs(exercise="x"), own()], party(THIRD), "exercise"),
]


@pytest.mark.parametrize(("labels", "reader", "expected"), SETS)
def test_several_assertions(labels: list[Label], reader: Reader, expected: str) -> None:
    assert code(decide_set(labels, reader, RUNNING, "", NOW)) == expected


PARTIES = (HOME, PEER, THIRD, STRANGER)
INSTANTS = st.sampled_from([0, NOW - 1, NOW, NOW + 1, NOW + 7, FOREVER])
SOME = st.sets(st.sampled_from(PARTIES), max_size=3).map(lambda names: tuple(sorted(names)))
WORDS = st.sets(st.sampled_from(["protection", "research", "law-enforcement"]), max_size=2).map(
    lambda words: tuple(sorted(words))
)
LABELS = st.builds(
    Label,
    owner=st.sampled_from(PARTIES),
    agreement=st.sampled_from(["", "agr_1", "agr_2", "agr_9"]),
    tlp=st.sampled_from(TLP),
    pap=st.sampled_from(PAP),
    kind=st.sampled_from(["intelligence", "sighting", "hand-off"]),
    purposes=WORDS,
    sealed_to=SOME,
    not_before=st.sampled_from([0, NOW, NOW + 3]),
    exercise=st.sampled_from(["", "", "x"]),
)
READERS = st.builds(
    Reader,
    party=st.sampled_from(PARTIES),
    clearance=st.sampled_from(TLP),
    exercise=st.sampled_from(["", "", "x"]),
) | st.builds(Reader, party=st.just(HOME), local=st.just(True), clearance=st.sampled_from(TLP))
STANDINGS = st.builds(
    lambda agreement, onward, purposes, **rest: standing(
        agreement, onward=onward, purposes=purposes or ("protection",), **rest
    ),
    agreement=st.sampled_from(["agr_1", "agr_2"]),
    onward=st.sampled_from([str(each) for each in Onward]),
    purposes=WORDS,
    parties=SOME.map(lambda names: tuple(sorted({HOME, *names}))),
    tlp_ceiling=st.sampled_from(TLP),
    signed=st.sampled_from([True, True, True, False]),
    starts=st.sampled_from([0, NOW, NOW + 2]),
    ends=st.sampled_from([FOREVER, FOREVER, NOW, NOW + 5]),
    changes=st.sampled_from([FOREVER, NOW + 4]),
    suspended_by=SOME,
    groups=st.lists(SOME.filter(bool), max_size=2).map(
        lambda made: tuple(Group(name=f"g{place}", parties=parties) for place, parties in enumerate(made))
    ),
)
WORLDS = st.lists(STANDINGS, max_size=3).map(lambda made: known(*made))
ASSERTED = st.lists(LABELS, max_size=3)
PURPOSES = st.sampled_from(["", "protection", "research"])
many = settings(max_examples=250, deadline=None)


@many
@given(ASSERTED, READERS, WORLDS, PURPOSES)
def test_every_answer_has_its_ground(labels: list[Label], reader: Reader, world: Any, purpose: str) -> None:
    made = decide_set(labels, reader, world, purpose, NOW)
    assert made.because
    assert all(reason.code and reason.text for reason in made.because)
    assert made.until > NOW


@many
@given(LABELS, READERS, WORLDS, PURPOSES, SOME.filter(bool))
def test_an_audience_only_ever_takes_away_and_bars_all_others(
    label: Label, reader: Reader, world: Any, purpose: str, audience: tuple[str, ...]
) -> None:
    """What is meant for some is seen by nobody else, and by nobody who would not see it anyway but by being named."""
    open_to_all = msgspec.structs.replace(label, sealed_to=())
    meant = msgspec.structs.replace(label, sealed_to=audience)
    made = decide(meant, reader, world, purpose, NOW)
    if reader.party not in (*audience, label.owner):
        assert not made.allowed
    # Red and strict things alone need a recipient to be named.
    if label.tlp < TLP.AMBER_STRICT and made.allowed:
        assert decide(open_to_all, reader, world, purpose, NOW).allowed
    # Which group it was is told, with the clause, wherever an agreement of this node names it.
    first = made.because[0]
    if first.code == "sealed":
        named = [
            (each.agreement, group.name)
            for each in world.values()
            for group in each.groups
            if {label.owner, *group.parties} == {label.owner, *audience}
        ]
        if not named:
            assert not first.agreement and not first.clause
        else:
            assert first.clause == CLAUSES["groups"]
            assert any(first.agreement == one and f"“{name}”" in first.text for one, name in named)


@many
@given(ASSERTED, READERS, WORLDS, PURPOSES, st.integers(0, 2), st.sampled_from(TLP))
def test_a_stricter_level_never_widens(
    labels: list[Label], reader: Reader, world: Any, purpose: str, place: int, tlp: TLP
) -> None:
    if place >= len(labels):
        return
    raised = [label.strictest(tlp) if at == place else label for at, label in enumerate(labels)]
    if decide_set(raised, reader, world, purpose, NOW).allowed:
        assert decide_set(labels, reader, world, purpose, NOW).allowed


@many
@given(ASSERTED, READERS, WORLDS, PURPOSES, st.sampled_from(TLP))
def test_a_lower_clearance_never_widens(
    labels: list[Label], reader: Reader, world: Any, purpose: str, tlp: TLP
) -> None:
    lowered = msgspec.structs.replace(reader, clearance=min(tlp, reader.clearance))
    if decide_set(labels, lowered, world, purpose, NOW).allowed:
        assert decide_set(labels, reader, world, purpose, NOW).allowed


@many
@given(ASSERTED, READERS, WORLDS, PURPOSES)
def test_what_is_suspended_lets_nothing_out(labels: list[Label], reader: Reader, world: Any, purpose: str) -> None:
    stopped = {name: msgspec.structs.replace(each, suspended_by=(HOME,)) for name, each in world.items()}
    if not reader.local:
        assert not decide_set(labels, reader, stopped, purpose, NOW).allowed


@many
@given(ASSERTED, READERS, WORLDS, PURPOSES)
def test_an_exercise_never_leaks(labels: list[Label], reader: Reader, world: Any, purpose: str) -> None:
    drill = [msgspec.structs.replace(label, exercise="drill") for label in labels]
    assert not decide_set(drill, reader, world, purpose, NOW).allowed


@many
@given(LABELS, READERS, WORLDS, PURPOSES)
def test_nothing_above_every_ceiling_gets_out(label: Label, reader: Reader, world: Any, purpose: str) -> None:
    made = decide(label, reader, world, purpose, NOW)
    if made.allowed and not reader.local:
        granting = world[made.because[0].agreement]
        assert label.tlp <= granting.tlp_ceiling
        assert reader.party in granting.parties
        assert granting.state(NOW) in (State.IN_FORCE, State.SUSPENDED)


@many
@given(ASSERTED, READERS, WORLDS, PURPOSES, st.integers(1, 12))
def test_the_answer_holds_until_it_says(
    labels: list[Label], reader: Reader, world: Any, purpose: str, later: int
) -> None:
    made = decide_set(labels, reader, world, purpose, NOW)
    if NOW + later < made.until:
        assert decide_set(labels, reader, world, purpose, NOW + later).allowed == made.allowed


@many
@given(ASSERTED, LABELS, READERS, WORLDS)
def test_what_was_received_is_released_only_if_each_assertion_allows_it(
    labels: list[Label], bound: Label, reader: Reader, world: Any
) -> None:
    received = msgspec.structs.replace(bound, agreement="agr_1")
    if reader.local or decide(received, reader, world, "", NOW).allowed:
        return
    assert not decide_set([*labels, received], reader, world, "", NOW).allowed


@many
@given(ASSERTED, WORLDS, st.sampled_from(PARTIES), st.sampled_from(TLP))
def test_with_the_eyes_of_a_party_nobody_sees_more_than_either(
    labels: list[Label], world: Any, party: str, clearance: TLP
) -> None:
    """Who looks as a partner would: neither what that partner may not see, nor what they themselves may not."""
    lent = Reader(party=party, clearance=clearance, beside=HOME)
    if decide_set(labels, lent, world, "", NOW).allowed:
        assert decide_set(labels, Reader(party=party, clearance=TLP.RED), world, "", NOW).allowed
        assert decide_set(labels, Reader(party=HOME, clearance=clearance, local=True), world, "", NOW).allowed
