"""Scenario 16: three partners answer a drill in 4, 40 and never minutes, and nothing of it counts in earnest."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.time import DAY, SECOND
from kouprey.people.model import Role
from kouprey.response.model import Verb
from kouprey.response.rules.drills import OPEN
from response.conftest import TERMS

ON_SQLITE = pytest.mark.parametrize("neighbours", ["sqlite"], indirect=True)
"""What no engine decides."""


@pytest.fixture
def four(neighbours: Any) -> tuple[Any, ...]:
    """Who drills, and three partners under an agreement with each; all clocks stand."""
    nodes = [neighbours.actor(f"{name}.example") for name in ("ministry", "quick", "slow", "silent")]
    neighbours.acquaint(*nodes)
    for partner in nodes[1:]:
        neighbours.agree(nodes[0], partner, terms=TERMS)
    begun = nodes[0].now()
    for node in nodes:
        node.stopped = begun
    return tuple(nodes)


def turn_to(minutes: int, nodes: tuple[Any, ...]) -> None:
    for node in nodes:
        node.ahead = minutes * 60


def answer(node: Any) -> None:
    (line,) = node.drills.asked(node.reader())
    node.drills.acknowledge(node.reader(), line.id)


def test_four_forty_and_never(neighbours: Any, four: tuple[Any, ...]) -> None:
    a, quick, slow, silent = four
    sent = a.drills.send(a.reader(), [quick.party, slow.party, silent.party])
    neighbours.sync()
    for minutes, node in ((4, quick), (40, slow)):
        turn_to(minutes, four)
        answer(node)
        neighbours.sync()
        a.drills.turn()
    running = a.drills.measures(a.reader())[silent.party]
    assert running.last is not None and not running.last.closed_at and not running.unanswered
    assert running.delivered is not None, "their node has it, and nobody there has looked"
    turn_to(OPEN // SECOND // 60 + 1, four)
    a.drills.turn()
    neighbours.sync()
    found = a.drills.measures(a.reader())
    assert [found[node.party].acknowledged for node in (quick, slow, silent)] == [240, 2_400, None]
    assert [found[node.party].median for node in (quick, slow, silent)] == [240, 2_400, None]
    assert found[quick.party].success == a.stopped + 240 * SECOND and found[silent.party].success == 0
    assert found[silent.party].unanswered == 1
    # It is over on both sides, and whoever comes late cannot answer any more.
    assert all(str(a.drills.get(a.reader(), each.handoff).course.stage) == "withdrawn" for each in sent)
    assert silent.drills.asked(silent.reader()) == []
    _nothing_counts_in_earnest(four, sent)


def _nothing_counts_in_earnest(nodes: tuple[Any, ...], sent: Any) -> None:
    """In no list, no clock, no statistics and no hand-off of ours or theirs does a drill appear."""
    for node in nodes:
        who = node.reader()
        for ended in (False, True):
            assert node.handoffs.list_asked(who, ended=ended) == [] == node.handoffs.list_asking(who, ended=ended)
        for each in sent:
            with pytest.raises(Unknown):
                node.handoffs.get(who, each.handoff)
        assert node.handoffs.warn() == 0, "nobody is roused by its clocks"
        assert node.competence.proposals(who) == []


@ON_SQLITE
def test_a_decline_in_a_drill_teaches_nothing(neighbours: Any, four: tuple[Any, ...]) -> None:
    a, quick, slow, _ = four
    (sent,) = a.drills.send(a.reader(), [quick.party])
    neighbours.sync()
    quick.handoffs.say(
        quick.drills.exercising(quick.reader()),
        sent.handoff,
        Verb.DECLINE,
        text="Not us.",
        reason="not-competent",
        other=slow.party,
    )
    neighbours.sync()
    a.drills.turn()
    assert a.drills.measures(a.reader())[quick.party].acknowledged == 0, "somebody has answered"
    assert a.competence.proposals(a.reader()) == []


def test_each_month_by_the_node_itself(neighbours: Any, four: tuple[Any, ...]) -> None:
    a, quick, slow, _ = four
    assert a.drills.turn() == 0
    assert a.drills.set_monthly(a.reader(), [quick.party, slow.party]) == [quick.party, slow.party]
    assert a.drills.turn() == 2 and a.drills.turn() == 0
    neighbours.sync()
    answer(quick)
    neighbours.sync()
    a.drills.turn()
    assert a.drills.set_monthly(a.reader(), [quick.party]) == [quick.party]
    turn_to(32 * 24 * 60, four)
    assert a.drills.turn() == 2, "one ends unanswered, one is sent"
    assert sorted(each.party for each in a.drills.list_sent(a.reader())) == [quick.party, quick.party, slow.party]
    assert {each.sent_by for each in a.drills.list_sent(a.reader())} == {"node"}
    assert a.drills.measures(a.reader())[slow.party].unanswered == 1


@ON_SQLITE
def test_what_is_refused(neighbours: Any, four: tuple[Any, ...]) -> None:
    a, quick, _, _ = four
    stranger = neighbours.actor("stranger.example")
    neighbours.acquaint(a, stranger)
    for parties, code in (([], "no-party"), ([quick.party, stranger.party], "no-agreement")):
        with pytest.raises((Damaged, Refused)) as error:
            a.drills.send(a.reader(), parties)
        assert error.value.code == code
    assert a.drills.list_sent(a.reader()) == [], "all or none"
    a.drills.send(a.reader(), [quick.party])
    with pytest.raises(Refused) as twice:
        a.drills.send(a.reader(), [quick.party])
    assert twice.value.code == "drill-runs"
    for deed in (a.drills.send, a.drills.set_monthly):
        with pytest.raises(Forbidden):
            deed(a.reader(Role.ANALYST), [quick.party])
    with pytest.raises(Damaged):
        a.drills.set_monthly(a.reader(), ["nobody.example"])
    with pytest.raises(Forbidden):
        a.drills.asked(msgspec.structs.replace(a.reader(), exercise="another"))
    assert DAY < OPEN
