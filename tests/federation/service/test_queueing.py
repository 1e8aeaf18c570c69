"""Bodies on their way into lanes: promised in order, each to those it is for, and nothing that no lane could carry."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.federation import store as rows
from kouprey.federation.model import BODY_MAX, EntryBody
from kouprey.federation.wire import entry
from kouprey.kernel.words.errors import KoupreyError


def bodies(*contents: bytes) -> list[EntryBody]:
    return [EntryBody(media_type="application/json", label=None, content=content) for content in contents]


def test_nothing_is_promised_that_no_lane_could_carry(world: Any) -> None:
    a, _, agreement = world.pair()
    made = bodies(b"{}", b"0" * BODY_MAX)
    with pytest.raises(KoupreyError):
        a.store.write(lambda tx: a.lanes.queue(tx, agreement, made))
    assert a.lanes.count_waiting() == {}


def test_what_is_promised_is_numbered_in_order(world: Any) -> None:
    a, _, agreement = world.pair()
    first = a.store.write(lambda tx: a.lanes.queue(tx, agreement, bodies(b"1", b"2")))
    then = a.store.write(lambda tx: a.lanes.queue(tx, agreement, bodies(b"3")))
    assert len(first) == 2 and then.start > first[-1]


def test_a_lane_that_comes_back_after_a_restore_is_for_those_it_was_for(world: Any) -> None:
    a, b, c = (world.actor(f"{name}.example") for name in "abc")
    world.acquaint(a, b, c)
    agreement = world.agree(a, b, c)
    for parties in ((), (a.party, b.party)):
        a.store.write(lambda tx, parties=parties: a.lanes.queue(tx, agreement, bodies(b"1"), parties=parties))
    a.lanes.append_waiting()
    with a.store.read() as reader:
        lanes = rows.list_lanes(reader, mine=True)
        meant = {
            lane.aim: a.lanes.recovered_aim(entry.read_genesis(lane.genesis))  # as it is read from a partner
            for lane in lanes
        }
    assert meant == {"": "", f"{a.party} {b.party}": f"{a.party} {b.party}"}


def test_for_whom_something_was_meant_is_known_before_and_after_it_is_appended(world: Any) -> None:
    a, b, c = (world.actor(f"{name}.example") for name in "abc")
    world.acquaint(a, b, c)
    agreement = world.agree(a, b, c)
    numbers = [
        a.store.write(lambda tx, parties=parties: a.lanes.queue(tx, agreement, bodies(b"1", b"2"), parties=parties))[1]
        for parties in ((), (b.party,))
    ]
    meant = {numbers[0]: (), numbers[1]: (a.party, b.party)}
    assert a.lanes.find_aims([*numbers, 7]) == meant
    a.lanes.append_waiting()
    assert a.lanes.count_waiting() == {} and a.lanes.find_aims([*numbers, 7]) == meant
