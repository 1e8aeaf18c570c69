"""What a partner calls erased goes here too, is said so to him, and is not taken from anybody who offers it again."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

import msgspec
import pytest

from kouprey.federation import store as rows
from kouprey.federation.model import (
    ERASE_MEDIA_TYPE,
    BodyState,
    EntryBody,
    EntryKind,
    IndexRange,
    LaneClass,
)
from kouprey.federation.service import erase_bodies
from kouprey.federation.service.admit import Offer
from kouprey.federation.service.checks import checks
from kouprey.federation.wire import entry
from kouprey.federation.wire.erasing import read_erasure_receipt, render_erasure_receipt
from kouprey.kernel.storage import audit
from kouprey.kernel.words.errors import KoupreyError


def bodies(actor: Any) -> list[bytes]:
    with actor.store.read() as reader:
        return [bytes(row[0]) for row in reader.all("SELECT body FROM lane_entry")]


def holds(actor: Any, what: bytes) -> bool:
    return any(what in body for body in bodies(actor))


def erase(actor: Any, numbers: Any) -> None:
    actor.store.write(lambda tx: erase_bodies(tx, actor.lanes, list(numbers), ()))
    actor.lanes.append_waiting()


def ask(actor: Any, agreement: str, content: bytes) -> None:
    """An erase entry that says exactly this."""
    body = entry.render_body(EntryBody(media_type=ERASE_MEDIA_TYPE, label=None, content=content))
    actor.store.write(
        lambda tx: actor.lanes.queue_rendered(tx, agreement, [body], lane_class=LaneClass.BULK, kind=EntryKind.ERASE)
    )
    actor.lanes.append_waiting()


def well(actor: Any) -> None:
    found = {check.name: list(check.call(False)) for check in checks(actor.services)}
    assert found["lanes"] == [] and found["quarantine"] == []


def offer_of(author: Any, reader: Any, origin: str) -> Offer:
    tag = origin.removeprefix("kouprey/1/")[:32]
    page = author.federation.serving.headers(reader.party, tag, 0)
    frames = author.federation.serving.bodies(reader.party, tag, [IndexRange(0, len(page.headers))])
    return Offer(origin, 0, page.checkpoint, page.headers, page.proof, {frame.index: frame for frame in frames})


def test_it_goes_is_confirmed_and_is_seen_to_be_confirmed(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    numbers = a.publish(agreement, [b"one", b"canary", b"three"])
    b.sync(a)
    assert holds(b, b"canary")
    erase(a, [numbers[1]])
    (asked,) = a.federation.ledger.list_asked()
    assert (asked.number, asked.erased, asked.outstanding) == (2, (), (b.party,))
    b.sync(a)
    assert not holds(b, b"canary") and holds(b, b"three")
    (asked,) = a.federation.ledger.list_asked()
    assert [party for party, _ in asked.erased] == [b.party] and asked.outstanding == ()
    (lane,) = a.own_lanes()
    assert [(each.party, each.without) for each in lane.confirmations] == [(b.party, 1)]
    assert b.federation.ledger.list_quarantined() == []
    with a.store.read() as reader:
        actions = [each.action for each in audit.list_audit(reader)]
        assert actions.count("lane.erased") == 1
    b.sync(a)
    b.federation.requests.carry_out()
    b.sync(a)
    with a.store.read() as reader:
        assert [each.action for each in audit.list_audit(reader)].count("lane.erased") == 1, "said once"
    well(a)
    well(b)


def test_a_parcel_brings_request_and_confirmation(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    numbers = a.publish(agreement, [b"one", b"canary"])
    b.sync(a)
    erase(a, numbers[1:])
    there, back = BytesIO(), BytesIO()
    a.federation.parcels.make(b.party, there, by="test")
    there.seek(0)
    assert b.federation.parcels.read(there, by="test").problems == []
    assert not holds(b, b"canary")
    b.federation.parcels.make(a.party, back, by="test")
    back.seek(0)
    assert a.federation.parcels.read(back, by="test").problems == []
    (asked,) = a.federation.ledger.list_asked()
    assert [party for party, _ in asked.erased] == [b.party]


@pytest.mark.parametrize("told_first", [True, False])
def test_a_stale_parcel_that_brings_it_again_is_refused(world: Any, told_first: bool) -> None:
    a, b, agreement = world.pair()
    numbers = a.publish(agreement, [b"one", b"canary"])
    stale = BytesIO()
    a.federation.parcels.make(b.party, stale, by="test")
    if told_first:
        b.sync(a)
    erase(a, numbers[1:])
    b.sync(a)
    assert not holds(b, b"canary")
    stale.seek(0)
    (problem,) = b.federation.parcels.read(stale, by="test").problems
    assert "erased" in problem and "refused" in problem
    assert not holds(b, b"canary") and b.got.count(b"canary") == int(told_first)
    with b.store.read() as reader:
        assert [each.action for each in audit.list_audit(reader)].count("lane.refuse-erased") == 1
    well(b)


def test_a_peer_that_serves_what_it_calls_erased_is_not_believed(world: Any) -> None:
    a, b, agreement = world.pair()
    numbers = a.publish(agreement, [b"one", b"canary", b"three"])
    (lane,) = a.own_lanes()
    before = offer_of(a, b, lane.origin)
    erase(a, [numbers[1]])
    offer = offer_of(a, b, lane.origin)
    assert offer.bodies[2].state is BodyState.ERASED
    admitted = b.federation.admission.admit(replace(offer, bodies={**offer.bodies, 2: before.bodies[2]}), via="t")
    assert admitted.refused == 1 and b.got == [b"one", b"three"] and not holds(b, b"canary")
    assert b.federation.admission.fill(lane.origin, [before.bodies[2]], via="t") == 0
    assert not holds(b, b"canary")
    b.sync(a)
    (asked,) = a.federation.ledger.list_asked()
    assert [party for party, _ in asked.erased] == [b.party]


def test_requests_for_others_entries_and_for_what_cannot_be_meant_are_refused(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    c = each_world.actor("neighbour.example")
    each_world.acquaint(a, c)
    each_world.acquaint(b, c)
    other = each_world.agree(a, b, c, title="Three")
    a.publish(other, [b"theirs"])
    b.publish(other, [b"mine"])
    for reader in (b, c):
        reader.sync(a)
    c.sync(b)
    (theirs,) = [lane.origin for lane in a.own_lanes()]
    (mine,) = [lane.origin for lane in b.own_lanes()]
    for said in (
        f'{{"lane":"{theirs}","targets":[[1,2]]}}',  # entries of somebody else
        '{"targets":[[0,1]]}',  # the genesis
        '{"targets":[[1,9]]}',  # itself, and what comes after
        '{"targets":[]}',
        '{"targets":[[2,1]]}',
        '{"lane":"nowhere","targets":[[1,2]]}',
        "no json",
    ):
        ask(b, other, said.encode())
    ask(b, agreement, f'{{"lane":"{mine}","targets":[[1,2]]}}'.encode())
    c.sync(b)
    a.sync(b)
    assert holds(c, b"theirs") and holds(c, b"mine") and holds(a, b"mine") and holds(a, b"theirs")
    held = c.federation.ledger.list_quarantined()
    assert sorted(each.code for each in held) == ["bad-body"] * 6 + ["foreign-erasure"]
    assert a.federation.ledger.list_quarantined()[0].code in ("foreign-erasure", "bad-body")
    assert len(a.federation.ledger.list_quarantined()) == 8, "another agreement's lane is not meant either"
    with c.store.read() as reader:
        assert int(reader.value("SELECT count(*) FROM erase_request")) == 0


def test_a_lane_that_was_named_before_it_came_is_erased_only_by_its_author(world: Any) -> None:
    a, b, _ = world.pair()
    c = world.actor("neighbour.example")
    world.acquaint(a, c)
    world.acquaint(b, c)
    other = world.agree(a, b, c, title="Three")
    a.publish(other, [b"theirs"])
    b.publish(other, [b"mine"])
    (theirs,) = [lane.origin for lane in a.own_lanes()]
    ask(b, other, f'{{"lane":"{theirs}","targets":[[1,2]]}}'.encode())
    c.sync(b)
    c.sync(a)
    c.federation.requests.carry_out()
    assert holds(c, b"theirs")
    b.sync(a)
    assert holds(b, b"theirs")


def test_what_stood_in_an_ended_epoch_is_erased_by_the_next(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    numbers = a.publish(agreement, [b"one", b"canary", b"three"])
    b.sync(a)
    (old,) = a.own_lanes()
    a.lanes.discovered_rollback(old.origin, "for the test")
    erase(a, [numbers[1]])
    export = b"".join(a.federation.ledger.export(agreement))
    assert export.count(b'"state":"erased"') == 1 and b'"state":"withheld"' not in export
    b.sync(a)
    assert not holds(b, b"canary") and holds(b, b"three")
    (asked,) = a.federation.ledger.list_asked()
    assert (asked.origin, asked.number) == (old.origin, 2) and [who for who, _ in asked.erased] == [b.party]
    a.publish(agreement, [b"four"])
    b.sync(a)
    assert b.got[-1] == b"four"
    well(b)


def test_a_request_that_was_never_signed_means_its_old_lane_in_the_next_epoch(world: Any) -> None:
    a, b, agreement = world.pair()
    numbers = a.publish(agreement, [b"one", b"canary", b"three"])
    b.sync(a)
    (old,) = a.own_lanes()
    a.store.write(lambda tx: erase_bodies(tx, a.lanes, [numbers[1]], ()))
    later = a.queue(agreement, [b"x", b"gone", b"z"])
    a.store.write(lambda tx: erase_bodies(tx, a.lanes, [later[1]], ()))
    a.lanes.discovered_rollback(old.origin, "for the test")
    a.lanes.append_waiting()
    b.sync(a)
    assert not holds(b, b"canary") and b.got == [b"one", b"canary", b"three", b"x", b"z"]
    assert all(holds(b, each) for each in (b"one", b"three", b"x", b"z")), "nothing else went"
    well(b)


def test_what_is_under_a_hold_is_kept_said_and_erased_when_the_hold_ends(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    held: set[int] = {2}
    seen: list[tuple[str, list[int]]] = []

    def eraser(origin: str, author: str, indices: Any) -> set[int]:
        seen.append((author, list(indices)))
        return held.intersection(indices)

    b.federation.requests._erasers = [eraser]
    numbers = a.publish(agreement, [b"one", b"canary", b"three"])
    b.sync(a)
    erase(a, numbers[1:])
    b.sync(a)
    assert seen[0] == (a.party, [2]) and holds(b, b"canary") and not holds(b, b"three")
    two = {each.number: each for each in a.federation.ledger.list_asked()}
    assert [who for who, _ in two[2].kept] == [b.party] and [who for who, _ in two[3].erased] == [b.party]
    held.clear()
    b.federation.requests.carry_out()
    b.sync(a)
    assert not holds(b, b"canary")
    two = {each.number: each for each in a.federation.ledger.list_asked()}
    assert two[2].kept == () and [who for who, _ in two[2].erased] == [b.party]
    count = len(seen)
    b.federation.requests.carry_out()
    assert len(seen) == count, "what is done is not asked again"
    well(b)


def test_a_forged_or_older_erasure_receipt_is_refused(world: Any) -> None:
    a, b, agreement = world.pair()
    c = world.actor("neighbour.example")
    world.acquaint(a, c)
    numbers = a.publish(agreement, [b"one", b"canary"])
    b.sync(a)
    erase(a, numbers[1:])
    b.sync(a)
    with a.store.read() as reader:
        lane = rows.list_lanes(reader, mine=True)[0]
        (stored,) = rows.list_erasure_receipts(reader, lane.id)
    take = a.federation.requests.take_receipt
    assert take(stored.note, b.party) is False, "what is known is no news"
    said = read_erasure_receipt(stored.note)

    def refusal(note: bytes, party: str) -> str:
        with pytest.raises(KoupreyError) as refused:
            take(note, party)
        return refused.value.code

    forged = render_erasure_receipt(replace_said(said, serial=said.serial + 1), c.ring.node)
    assert refusal(forged, b.party) == "no-known-signature"
    assert refusal(stored.note, c.party) in ("bad-receipt", "no-known-signature")
    stranger = render_erasure_receipt(replace_said(said, party=c.party), c.ring.node)
    assert refusal(stranger, c.party) == "unknown-lane"
    older = render_erasure_receipt(replace_said(said, serial=said.serial - 1, erased=()), b.ring.node)
    assert take(older, b.party) is False
    assert a.federation.ledger.list_asked()[0].erased


def replace_said(said: Any, **fields: Any) -> Any:
    return msgspec.structs.replace(said, **fields)


def test_what_an_older_version_could_not_apply_is_taken_up(world: Any) -> None:
    a, b, agreement = world.pair()
    numbers = a.publish(agreement, [b"one", b"canary"])
    b.sync(a)
    erase(a, numbers[1:])
    (lane,) = a.own_lanes()
    b.federation.requests.carry_out = lambda: 0
    b.sync(a)
    with b.store.read() as reader:
        found = rows.find_lane(reader, origin=lane.origin)

    def as_before(tx: Any) -> None:
        tx.execute("DELETE FROM erase_request")
        rows.quarantine(tx, found.id, 3, "kind-not-applied", "", 1)

    b.store.write(as_before)
    del b.federation.requests.carry_out
    assert b.federation.requests.carry_out() == 1 and not holds(b, b"canary")
    assert b.federation.ledger.list_quarantined() == []


def test_a_request_survives_a_kill_between_the_steps(world: Any) -> None:
    a, b, agreement = world.pair()
    numbers = a.publish(agreement, [b"one", b"canary"])
    b.sync(a)

    def killed(*_: Any) -> set[int]:
        raise ZeroDivisionError("killed")

    b.federation.requests._erasers = [killed]
    erase(a, numbers[1:])
    with pytest.raises(ZeroDivisionError):
        b.sync(a)
    b.close()
    b.open()
    assert holds(b, b"canary")
    assert b.federation.requests.carry_out() == 1 and not holds(b, b"canary")


def test_only_bodies_of_people_are_meant(world: Any) -> None:
    a, b, agreement = world.pair()
    numbers = a.publish(agreement, [b"one", b"canary"])
    erase(a, numbers[1:])
    ask(a, agreement, b'{"targets":[[1,4]]}')
    b.sync(a)
    with b.store.read() as reader:
        lane = rows.list_lanes(reader, mine=False)[0]
        states = [each.state for each in rows.list_entries(reader, lane.id, 0, lane.size)]
    assert states == [rows.HELD, rows.ERASED, rows.ERASED, rows.HELD, rows.HELD]
