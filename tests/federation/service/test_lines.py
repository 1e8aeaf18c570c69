"""Lines of the ledger: each thing once, newest first, page by page in both directions, with who confirmed it."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.federation.service import lines


def walk(read: Any) -> tuple[list[Any], list[Any]]:
    """All lines from the newest down, and again from the last page up; each page in its order."""
    page = read()
    down, last = list(page.lines), page
    while page.older:
        page = last = read(before=page.older)
        down += page.lines
    up, page = list(last.lines), last
    while page.newer:
        page = read(after=page.newer)
        up = list(page.lines) + up
        if not page.newer:
            break
    return down, up


def test_pages_follow_each_other_both_ways(each_world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "PAGE", 4)
    a, b, agreement = each_world.pair()
    other = each_world.actor("neighbour.example")
    each_world.acquaint(a, other)
    wide = each_world.agree(a, other)
    numbers = [*a.publish(agreement, [b"1", b"2", b"3"]), *a.publish(wide, [b"4", b"5"])]
    numbers += [*a.publish(agreement, [b"6", b"7", b"8"]), *a.publish(wide, [b"9"])]
    down, up = walk(a.federation.ledger.list_given)
    assert [line.entry.publication for line in down] == sorted(numbers, reverse=True)
    assert len(up) >= len(down) and [line.place for line in up[-len(down) :]] == [line.place for line in down]
    assert len({line.place for line in down}) == len(down) == 9
    for how, count in (
        ({"party": b.party}, 6),
        ({"party": other.party}, 3),
        ({"agreement": wide}, 3),
        ({"party": b.party, "agreement": wide}, 0),
    ):
        found, _ = walk(lambda how=how, **place: a.federation.ledger.list_given(**how, **place))
        assert len(found) == count and all(line.author == a.party for line in found)
    b.sync(a)
    other.sync(a)
    down, up = walk(b.federation.ledger.list_received)
    assert [line.entry.index for line in down] == [6, 5, 4, 3, 2, 1]
    assert [line.place for line in up[-6:]] == [line.place for line in down]
    assert b.federation.ledger.list_received(party=other.party) == lines.LinePage()
    assert b.federation.ledger.list_given() == lines.LinePage()


def test_a_line_says_who_confirmed_it_and_what_still_waits(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    first = a.publish(agreement, [b"1", b"2"])
    b.sync(a)
    early = {line.entry.publication: line for line in a.federation.ledger.list_given().lines}
    second = a.publish(agreement, [b"3"])
    a.agreements.suspend(agreement, suspended=True, by="test")
    third = a.queue(agreement, [b"4"])
    newest, signed, *older = a.federation.ledger.list_given().lines
    assert [line.entry.publication for line in (newest, signed, *older)] == [third[0], second[0], *reversed(first)]
    assert (newest.tag, newest.signed_at, newest.confirmed) == ("", 0, ((b.party, 0),))
    assert newest.entry.label == signed.entry.label and newest.title == signed.title != ""
    assert signed.signed_at > 0 and signed.confirmed == ((b.party, 0),)
    assert all(at > 0 for line in older for party, at in line.confirmed if party == b.party)
    a.agreements.suspend(agreement, suspended=False, by="test")
    a.lanes.append_waiting()
    b.sync(a)
    late = {line.entry.publication: line for line in a.federation.ledger.list_given().lines}
    # Later receipts and signatures do not change when the first came.
    assert all(late[number] == early[number] for number in first)
    assert late[third[0]].at == newest.at and dict(late[third[0]].confirmed)[b.party] > 0
    places = a.federation.ledger.find_places([*first, *second, *third])
    for number, line in late.items():
        assert line.signed_at == places[number].signed_at
        assert list(line.confirmed) == [(party, at) for party, _, at in places[number].confirmed]
    received = b.federation.ledger.list_received().lines
    assert [line.confirmed[0][0] for line in received] == [b.party] * 4
    assert all(line.confirmed[0][1] > 0 and line.author == a.party for line in received)
