"""A bit that flips in what a partner holds too is named, fetched again and verified; no false history comes of it."""

from __future__ import annotations

from typing import Any

import pytest

from federation.service.test_checks import told
from federation.service.test_recovery import alarms, roll_back
from kouprey.federation import store as rows
from kouprey.kernel.words.errors import KoupreyError

_LAST = "size = (SELECT max(size) FROM lane_checkpoint)"
_EARLIER = "size = (SELECT min(size) FROM lane_checkpoint WHERE size > 1)"

BITS = {
    "an entry's header": ("lane_entry", "header", "place % 16777216 = 3"),
    "the header of the genesis": ("lane_entry", "header", "place % 16777216 = 0"),
    "an entry's body": ("lane_entry", "body", "place % 16777216 = 3"),
    "an entry's salt": ("lane_entry", "salt", "place % 16777216 = 4"),
    "the newest signature": ("lane_checkpoint", "note", _LAST),
    "the newest root": ("lane_checkpoint", "root", _LAST),
    "the newest compact range": ("lane_checkpoint", "frontier", _LAST),
    "an earlier signature": ("lane_checkpoint", "note", _EARLIER),
    "an earlier root": ("lane_checkpoint", "root", _EARLIER),
    "an earlier compact range": ("lane_checkpoint", "frontier", _EARLIER),
    "the compact range of the lane": ("lane", "frontier", "1 = 1"),
    "its genesis": ("lane", "genesis", "1 = 1"),
    "its name": ("lane", "origin", "1 = 1"),
    "its name in addresses": ("lane", "tag", "1 = 1"),
    "its agreement": ("lane", "agreement", "1 = 1"),
    "the version of its agreement": ("lane", "agreement_version", "1 = 1"),
    "the hash of that version": ("lane", "version_sha256", "1 = 1"),
    "its audience": ("lane", "audience", "1 = 1"),
    "whose it is": ("lane", "mine", "1 = 1"),
    "how long it is": ("lane", "size", "1 = 1"),
    "how much of it is signed": ("lane", "signed_size", "1 = 1"),
}


def flip(actor: Any, table: str, column: str, where: str) -> None:
    """One bit of the first value, in the middle of it."""

    def work(tx: Any) -> None:
        value = tx.value(f"SELECT {column} FROM {table} WHERE {where}")
        if isinstance(value, int):
            changed: object = value ^ 1
        else:
            data = bytearray(value.encode() if isinstance(value, str) else value)
            data[len(data) // 2] ^= 1
            changed = bytes(data).decode() if isinstance(value, str) else bytes(data)
        tx.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (changed,))

    actor.store.write(work)


def everything(actor: Any) -> list[Any]:
    """All of the lanes of a node that a signature stands for."""
    with actor.store.read() as reader:
        return [
            reader.all("SELECT place, header, salt, body, state FROM lane_entry ORDER BY place"),
            reader.all("SELECT lane_id, size, root, note, frontier FROM lane_checkpoint ORDER BY lane_id, size"),
            reader.all(
                "SELECT origin, tag, agreement, agreement_version, version_sha256, author, audience, class FROM lane"
            ),
            reader.all("SELECT genesis, mine, size, frontier, tail, signed_size, state FROM lane"),
        ]


def both(world: Any) -> tuple[Any, Any, str]:
    a, b, agreement = world.pair()
    for batch in range(3):
        a.publish(agreement, [b'{"mark":"%d-%d"}' % (batch, number) for number in range(3)])
        b.sync(a)
    a.settle()
    return a, b, agreement


@pytest.mark.parametrize("whose", ["author", "reader"])
@pytest.mark.parametrize("bit", BITS)
def test_a_flipped_bit_is_found_and_what_was_there_comes_back(each_world: Any, whose: str, bit: str) -> None:
    a, b, agreement = both(each_world)
    damaged, other = (a, b) if whose == "author" else (b, a)
    before, given = everything(damaged), list(b.got)
    flip(damaged, *BITS[bit])
    named = told(damaged.federation)["lanes"]
    assert named and all(each.startswith("bad") for each in named), named
    assert all(each.startswith("mended") for each in told(damaged.federation, repair=True)["lanes"])
    damaged.sync(other)
    assert told(damaged.federation)["lanes"] == []
    assert everything(damaged) == before or bit == "an earlier signature"
    a.publish(agreement, [b'{"mark":"after"}'])
    b.sync(a)
    assert b.got == [*given, b'{"mark":"after"}'], "nothing was given twice, and it goes on"
    assert alarms(a) == alarms(b) == [] and told(b.federation)["lanes"] == told(a.federation)["lanes"] == []


@pytest.mark.parametrize("column", ["frontier", "root"])
def test_a_flipped_bit_is_never_signed(each_world: Any, column: str) -> None:
    """With the compact range of the last checkpoint damaged, a root would be signed that no headers give."""
    a, b, agreement = both(each_world)
    flip(a, "lane_checkpoint", column, _LAST)
    flip(a, "lane", "frontier", "1 = 1")
    try:
        a.publish(agreement, [b'{"mark":"after"}'])
    except KoupreyError as error:
        assert column == "root" and error.code == "damaged-lane"
    else:
        assert column == "frontier"
        b.sync(a)
        assert b.got[-1] == b'{"mark":"after"}' and alarms(b) == []


def test_a_reader_whose_own_range_is_damaged_accuses_nobody(each_world: Any) -> None:
    a, b, agreement = both(each_world)
    flip(b, "lane", "frontier", "1 = 1")
    for mark in (b'{"mark":"one"}', b'{"mark":"two"}', b'{"mark":"three"}'):
        a.publish(agreement, [mark])
        b.sync(a)
        assert b.got[-1] == mark
    assert alarms(b) == [] and told(b.federation)["lanes"] == []


def test_a_row_that_was_lost_comes_back(each_world: Any) -> None:
    a, b, _ = both(each_world)
    for damaged, other in ((a, b), (b, a)):
        before = everything(damaged)
        damaged.store.write(lambda tx: tx.execute("DELETE FROM lane_entry WHERE place % 16777216 = 2"))
        damaged.store.write(lambda tx: tx.execute("DELETE FROM lane_checkpoint WHERE size < 3"))
        assert "lost entries" in told(damaged.federation, repair=True)["lanes"][0]
        damaged.sync(other)
        assert told(damaged.federation)["lanes"] == [] and everything(damaged)[0] == before[0]


def test_what_nobody_else_holds_is_only_named(world: Any) -> None:
    a, _, agreement = world.pair()
    a.publish(agreement, [b'{"mark":"mine alone"}'])
    flip(a, "lane_entry", "body", "place % 16777216 = 1")
    for repair in (False, True):
        assert told(a.federation, repair=repair)["lanes"][0].startswith("bad"), "our own word is not forgotten"


def test_another_history_is_no_damage(world: Any) -> None:
    """Who holds something else that was signed may not mend us with it."""
    a, b, agreement = both(world)
    (lane,) = a.own_lanes()
    with a.store.read() as reader:
        known = rows.find_lane(reader, origin=lane.origin)
        assert known is not None
        size = rows.find_checkpoint_below(reader, known.id, lane.size - 1).size  # type: ignore[union-attr]  # there are
    roll_back(a, lane.origin, size)
    a.guard.write(lambda tx: tx.execute("DELETE FROM guard"))
    with a.store.read() as reader:
        root = rows.find_checkpoint(reader, known.id, size).root  # type: ignore[union-attr]  # as above
    a.guard.write(lambda tx: rows.begin_guard(tx, lane.origin, size, root, a.lanes._guard._holder))
    a.publish(agreement, [b'{"mark":"%d"}' % number for number in range(3)])
    before = everything(a)
    a.store.write(lambda tx: tx.execute("INSERT INTO meta (key, value) VALUES ('damaged-lane-1', ?)", (b"",)))
    a.federation.links._dialogue._mending.mend(
        a.federation.links.get_link(b.party), a.federation.links._dialogue._follower
    )
    assert everything(a) == before
