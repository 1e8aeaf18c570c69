"""What comes before what lies below it: kept, named by the slip, and taken in when the gap is filled."""

from __future__ import annotations

import random
from io import BytesIO
from typing import Any

import pytest

from kouprey.federation import store as rows
from kouprey.federation.service import ahead as waiting
from kouprey.kernel.words.errors import KoupreyError


def contents(count: int, mark: str) -> list[bytes]:
    return [f'{{"mark":"{mark}-{number}"}}'.encode() for number in range(count)]


def packed(a: Any, b: Any, **how: Any) -> bytes:
    out = BytesIO()
    a.federation.parcels.make(b.party, out, by="test", **how)
    return out.getvalue()


def read(node: Any, data: bytes) -> Any:
    return node.federation.parcels.read(BytesIO(data), by="test")


def several(a: Any, b: Any, agreement: str, count: int) -> list[bytes]:
    """Parcels that each bring what none before them did."""
    parcels = []
    for number in range(count):
        a.publish(agreement, contents(number + 1, f"batch{number}"))
        parcels.append(packed(a, b, fresh=True))
    return parcels


def left(node: Any, author: Any) -> dict[str, Any]:
    with node.store.read() as reader:
        return rows.list_ahead(reader, author.party)


def root(node: Any, agreement: str) -> Any:
    return node.federation.ledger.heads(agreement)


def test_shuffled_doubled_and_one_withheld_end_in_the_same_root(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    parcels = several(a, b, agreement, 6)
    (lane,) = a.own_lanes()
    withheld = parcels.pop(2)  # It alone carries entries 4 to 6: the genesis, 1 and 2 before it.
    order = parcels * 2
    random.Random(7).shuffle(order)
    assert sum(read(b, each).entries for each in order) == 4
    assert b.federation.parcels.wants(a.party) == [f"please send {lane.tag[:12]} 4-6 of 22"]
    assert b.federation.parcels.gaps() == {a.party: 3}
    slip = b.federation.parcels.wants(a.party)[0].upper().replace("0", "O")
    answer = packed(a, b, slips=slip)
    came = read(b, answer)
    assert (came.entries, came.problems) == (18, [])
    assert left(b, a) == {} and b.federation.parcels.gaps() == {}
    assert root(b, agreement) == root(a, agreement)
    assert b.got == [body for number in range(6) for body in contents(number + 1, f"batch{number}")]
    assert read(b, withheld).entries == 0


def test_a_gap_that_a_link_fills_is_closed_at_the_next_turn(world: Any) -> None:
    a, b, agreement = world.pair()
    _, second = several(a, b, agreement, 2)
    assert read(b, second).early == 2
    b.sync(a)
    b.federation.parcels.close_gaps()
    assert left(b, a) == {} and len(b.got) == 3


def test_a_reply_names_the_gap_to_its_maker(world: Any) -> None:
    a, b, agreement = world.pair()
    parcels = several(a, b, agreement, 3)
    read(b, parcels[0])
    read(b, parcels[2])
    told = read(a, packed(b, a))
    assert [(part.start, part.end) for part in told.wants] == [(2, 4), (7, 8)]


def test_nothing_false_waits(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b, agreement = world.pair()
    parcels = several(a, b, agreement, 3)
    plain = a.federation.parcels._group

    def other_body(lane: Any, part: Any, party: str) -> Any:
        group, frames = plain(lane, part, party)
        return group, [type(each)(each.index, each.state, each.salt, each.body + b" ") for each in frames]

    a.federation.parcels._group = other_body
    assert "the one it commits to" in read(b, packed(a, b, since={a.own_lanes()[0].origin: 4})).problems[0]
    assert left(b, a) == {}
    monkeypatch.setattr(waiting, "AHEAD_BYTES", 10)
    full = read(b, parcels[2])
    assert full.early == 0 and "wait here already" in full.problems[0] and left(b, a) == {}


def test_more_than_is_kept_of_one_author_is_throttled_until_the_gap_is_filled(
    each_world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much somebody sends, no more of him waits here; nobody else is touched, and nothing of it is lost."""
    a, b, agreement = each_world.pair()
    parcels = several(a, b, agreement, 5)
    refused: list[str] = []
    plain = b.federation.parcels._waiting.keep

    def keep(*what: Any) -> None:
        try:
            plain(*what)
        except KoupreyError as error:
            refused.append(error.code)
            raise

    monkeypatch.setattr(b.federation.parcels._waiting, "keep", keep)
    assert read(b, parcels[2]).early == 3
    with b.store.read() as reader:
        monkeypatch.setattr(waiting, "AHEAD_BYTES", rows.sum_ahead(reader, a.party) + 1)
        before = rows.sum_ahead(reader, a.party)
    for parcel in parcels[3:]:
        assert read(b, parcel).early == 0
    assert refused == ["throttled", "throttled"]
    with b.store.read() as reader:
        assert rows.sum_ahead(reader, a.party) == before
        assert rows.sum_ahead(reader, b.party) == 0
    for parcel in (*parcels[:2], *parcels[3:]):
        read(b, parcel)
    assert left(b, a) == {} and root(b, agreement) == root(a, agreement)


@pytest.mark.parametrize("column", ["frames", "headers", "checkpoint", "first"])
def test_what_is_damaged_while_it_waits_is_forgotten_and_asked_for_again(each_world: Any, column: str) -> None:
    """It holds up nothing that comes later, and whoever is asked again gives it again."""
    a, b, agreement = each_world.pair()
    parcels = several(a, b, agreement, 3)
    assert read(b, parcels[2]).early == 3
    with b.store.read() as reader:
        value = reader.value(f"SELECT {column} FROM lane_ahead")
    changed = value ^ 1 if isinstance(value, int) else bytes([value[0] ^ 0x80, *value[1:]])
    b.store.write(lambda tx: tx.execute(f"UPDATE lane_ahead SET {column} = ?", (changed,)))
    read(b, parcels[0])
    came = read(b, parcels[1])
    # One that seems to begin elsewhere waits on, and the slip names what is missing before it.
    assert column == "first" or (came.problems and left(b, a) == {})
    read(b, parcels[2])
    assert left(b, a) == {} and root(b, agreement) == root(a, agreement) and len(b.got) == len(set(b.got)) == 6


def test_what_waits_through_a_suspension_is_taken_afterwards(world: Any) -> None:
    a, b, agreement = world.pair()
    parcels = several(a, b, agreement, 3)
    read(b, parcels[0])
    assert read(b, parcels[2]).early == 3
    plain = b.federation.parcels.close_gaps
    b.federation.parcels.close_gaps = lambda _=None: None
    read(b, parcels[1])
    b.agreements.suspend(agreement, suspended=True, by="test")
    plain()
    assert left(b, a) != {} and len(b.got) == 3
    b.agreements.suspend(agreement, suspended=False, by="test")
    plain()
    assert left(b, a) == {} and len(b.got) == 6


def test_an_ended_epoch_grows_by_parcel_when_its_author_was_given_back_more(world: Any) -> None:
    from federation.service.test_recovery import alarms, roll_back

    a, b, c = (world.actor(f"{name}.example") for name in ("ministry", "operator", "neighbour"))
    world.acquaint(a, b, c)
    agreement = world.agree(a, b, c)
    a.publish(agreement, contents(2, "early"))
    read(b, packed(a, b))
    a.publish(agreement, contents(3, "late"))
    c.sync(a)
    (lane,) = a.own_lanes()
    roll_back(a, lane.origin, 3)
    a.close()
    a.open()
    a.publish(agreement, contents(1, "after"))
    read(b, packed(a, b))
    theirs = {each.origin: each for each in b.federation.ledger.list_lanes() if not each.mine}
    assert (theirs[lane.origin].state, theirs[lane.origin].size) == ("closed", 3)
    a.sync(c)
    stick = packed(a, b)
    came = read(b, stick)
    assert (came.entries, came.problems) == (3, [])
    assert b.got == [*contents(2, "early"), *contents(1, "after"), *contents(3, "late")]
    assert root(b, agreement) == root(a, agreement) and alarms(b) == []
