"""Anchors: an author who shows two readers two histories is found by what the readers fix in their own lanes."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from federation.service.turning import contents, well
from kouprey.federation import store as rows
from kouprey.federation.model import ANCHOR_MEDIA_TYPE, EntryBody, EntryKind
from kouprey.federation.store import anchors as kept
from kouprey.federation.wire.anchor import render_anchor
from kouprey.kernel.seal.checkpoint import Checkpoint, sign_checkpoint
from kouprey.kernel.words.time import DAY


def three(world: Any) -> tuple[Any, Any, Any, str]:
    a, b, c = (world.actor(f"{name}.example") for name in ("author", "bravo", "charlie"))
    world.acquaint(a, b, c)
    return a, b, c, world.agree(a, b, c)


def by_stick(maker: Any, reader: Any) -> list[str]:
    stick = BytesIO()
    maker.federation.parcels.make(reader.party, stick, by="test")
    stick.seek(0)
    problems: list[str] = reader.federation.parcels.read(stick, by="test").problems
    return problems


def anchored(actor: Any, author: Any) -> list[tuple[str, int, int]]:
    return [
        (each.party, each.size, each.verdict)
        for lane in actor.federation.ledger.list_lanes(party=author.party)
        if lane.author == author.party
        for each in lane.anchors
    ]


def tomorrow(actor: Any) -> None:
    actor.store.write(lambda tx: tx.execute("UPDATE lane_anchor SET at = at - ?", (2 * DAY,)))


def anchor(actor: Any) -> int:
    count: int = actor.federation.anchors.write()
    actor.lanes.append_waiting()
    return count


def test_what_a_reader_holds_is_fixed_in_its_own_lane_and_compared(each_world: Any) -> None:
    a, b, c, agreement = three(each_world)
    a.publish(agreement, contents(2))
    b.sync(a)
    assert anchor(b) == 1 and anchor(b) == 0, "once a day"
    c.sync(b)
    assert anchored(c, a) == [], "of a lane that is not held nothing is kept"
    c.sync(a)
    a.publish(agreement, contents(3, "more"))
    b.sync(a)
    tomorrow(b)
    assert anchor(b) == 1
    c.sync(b)
    assert anchored(c, a) == [(b.party, 6, kept.WAITS)], "more than is held here"
    assert c.federation.anchors.judge() == 0
    c.sync(a)
    assert c.federation.anchors.judge() == 0
    assert anchored(c, a) == [(b.party, 6, kept.AGREES)]
    assert not c.federation.ledger.list_quarantined()
    for each in (a, b, c):
        well(each)


def test_anchors_do_not_provoke_one_another(world: Any) -> None:
    a, b, c, agreement = three(world)
    a.publish(agreement, contents(1))
    for _ in range(4):
        for reader in (a, b, c):
            for other in (a, b, c):
                if other is not reader:
                    reader.sync(other)
            anchor(reader)
            tomorrow(reader)
    sizes = sorted(lane.size for each in (a, b, c) for lane in each.own_lanes())
    for reader in (a, b, c):
        for other in (a, b, c):
            if other is not reader:
                reader.sync(other)
        anchor(reader)
    assert sorted(lane.size for each in (a, b, c) for lane in each.own_lanes()) == sizes, "it has come to rest"
    assert sizes[-1] <= 4


def test_two_parties_have_nobody_to_compare_with(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(1))
    b.sync(a)
    assert anchor(b) == 0


def forked(world: Any) -> tuple[Any, Any, Any, Any, str]:
    """An author and its clone: the one is read by b, the other by c, and b and c never call each other."""
    a, b, c, agreement = three(world)
    a.publish(agreement, contents(2))
    b.sync(a)
    c.sync(a)
    folder = a.folder.parent / "clone"
    a.close()
    a.copy(folder, guard=True)
    a.open()
    a.publish(agreement, contents(1, "for b"))
    b.sync(a)
    a.close()
    clone = world.clone(folder, a.party).open()
    return clone, b, c, a, agreement


def test_a_split_view_is_proven_by_stick_alone(world: Any) -> None:
    clone, b, c, _, agreement = forked(world)
    clone.publish(agreement, contents(1, "for c"))
    c.sync(clone)
    assert anchor(b) == 1
    assert by_stick(b, c) == []
    assert anchored(c, clone) == [(b.party, 4, kept.CONTRADICTS)]
    ((proof, _),) = c.federation.evidence.list_proven()
    assert proof.author == clone.party and proof.found_by == b.party
    (held,) = [lane for lane in c.federation.ledger.list_lanes() if lane.author == clone.party]
    assert held.state == "frozen" and "proven" in held.note


def test_a_split_view_of_other_sizes_stops_the_lane(world: Any) -> None:
    clone, b, c, _, agreement = forked(world)
    clone.publish(agreement, contents(5, "for c"))
    c.sync(clone)
    anchor(b)
    assert by_stick(b, c) == []
    assert anchored(c, clone) == [(b.party, 4, kept.CONTRADICTS)]
    (held,) = [lane for lane in c.federation.ledger.list_lanes() if lane.author == clone.party]
    assert held.state == "frozen" and b.party in held.note


def test_who_makes_an_anchor_up_convicts_nobody(world: Any) -> None:
    a, b, c, agreement = three(world)
    a.publish(agreement, contents(2))
    c.sync(a)
    with c.store.read() as reader:
        (lane,) = rows.list_lanes(reader, mine=False)
        note = rows.find_checkpoint(reader, lane.id, 3).note
    forged = sign_checkpoint(Checkpoint(lane.origin, 3, bytes(32)), b.ring.node)
    for body in (
        render_anchor([forged]),
        EntryBody(media_type=ANCHOR_MEDIA_TYPE, label=None, content=b'{"heads":[]}'),
        EntryBody(media_type=ANCHOR_MEDIA_TYPE, label=None, content=b'{"heads":["nothing"]}'),
    ):
        b.store.write(lambda tx, body=body: b.lanes.queue(tx, agreement, [body], kind=EntryKind.ANCHOR))
    b.lanes.append_waiting()
    c.sync(b)
    assert c.federation.anchors.judge() == 0
    assert anchored(c, a) == [] and note
    assert len(c.federation.ledger.list_quarantined()) == 2
    (held,) = [lane for lane in c.federation.ledger.list_lanes() if lane.author == a.party]
    assert held.state == "open"
