"""What may come in: ranges whose proofs hold, in any order, by any road; the rest is refused with its reason."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

import msgspec
import pytest

from kouprey.federation import store as rows
from kouprey.federation.model import BodyFrame, BodyState, IndexRange, Receipt
from kouprey.federation.service.admit import Offer
from kouprey.federation.wire import link
from kouprey.kernel.seal.checkpoint import Checkpoint, sign_checkpoint
from kouprey.kernel.seal.keys import SigningKey
from kouprey.kernel.storage import audit
from kouprey.kernel.words.errors import KoupreyError


def contents(count: int, mark: str = "o") -> list[bytes]:
    return [f'{{"mark":"{mark}-{number}"}}'.encode() for number in range(count)]


def offer_of(author: Any, reader: Any, origin: str, start: int = 0) -> Offer:
    """What the author's node would answer."""
    tag = origin.removeprefix("kouprey/1/")[:32]
    page = author.federation.serving.headers(reader.party, tag, start)
    frames = author.federation.serving.bodies(reader.party, tag, [IndexRange(start, start + len(page.headers))])
    bodies = {frame.index: frame for frame in frames}
    return Offer(origin, start, page.checkpoint, page.headers, page.proof, bodies)


def refusal(call: Any) -> str:
    with pytest.raises(KoupreyError) as refused:
        call()
    return refused.value.code


@pytest.fixture
def offered(world: Any) -> tuple[Any, Any, Any, Offer]:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(3))
    return world, a, b, offer_of(a, b, a.own_lanes()[0].origin)


def replace_frame(frame: BodyFrame, salt: bytes, body: bytes) -> BodyFrame:
    return BodyFrame(frame.index, BodyState.PRESENT, salt, body)


def test_nothing_of_a_range_whose_proof_fails_is_stored(offered: Any) -> None:
    _, _, b, offer = offered
    admit = b.federation.admission.admit
    first, second = offer.bodies[1], offer.bodies[2]
    swapped = {**offer.bodies, 1: replace_frame(first, second.salt, second.body)}
    flipped = {**offer.bodies, 2: replace_frame(second, second.salt, second.body + b"!")}
    assert refusal(lambda: admit(replace(offer, bodies=swapped), via="t")) == "bad-commitment"
    assert refusal(lambda: admit(replace(offer, bodies=flipped), via="t")) == "bad-commitment"
    missing = {index: frame for index, frame in offer.bodies.items() if index != 2}
    assert refusal(lambda: admit(replace(offer, bodies=missing), via="t")) == "truncated"
    cut = replace(offer, headers=offer.headers[:-1])
    assert refusal(lambda: admit(cut, via="t")) == "bad-root"
    mixed = replace(offer, headers=(offer.headers[0], offer.headers[2], offer.headers[1], offer.headers[3]))
    assert refusal(lambda: admit(mixed, via="t")) in ("reordered", "gap")
    header = msgspec.structs.replace(offer.headers[1], at_ms=offer.headers[1].at_ms + 1)
    changed = replace(offer, headers=(offer.headers[0], header, *offer.headers[2:]))
    assert refusal(lambda: admit(changed, via="t")) == "bad-root"
    wrong_name = replace(offer, origin="kouprey/1/" + "0" * 64)
    assert refusal(lambda: admit(wrong_name, via="t")) == "wrong-origin"
    stranger = SigningKey.generate()
    root = Checkpoint.parse(offer.checkpoint.partition(b"\n\n")[0] + b"\n").root
    forged = sign_checkpoint(Checkpoint(offer.origin, 4, root), stranger)
    assert refusal(lambda: admit(replace(offer, checkpoint=forged), via="t")) == "no-known-signature"
    assert refusal(lambda: admit(replace(offer, start=2, headers=offer.headers[2:]), via="t")) == "gap"
    assert b.got == [] and b.federation.ledger.list_lanes() == []
    assert admit(offer, via="t").stored == 4 and b.got == contents(3)


def test_a_lane_of_our_own_is_not_taken_from_others(offered: Any) -> None:
    _, a, _, offer = offered
    assert refusal(lambda: a.federation.admission.admit(offer, via="t")) == "wrong-author"


def test_equivocation_is_found_and_freezes_the_lane_with_evidence(offered: Any) -> None:
    _, a, b, offer = offered
    b.federation.admission.admit(offer, via="t")
    for size in (4, 3):
        # Of a size we hold a checkpoint of, or not: what the author signed is compared with what we hold.
        lie = sign_checkpoint(Checkpoint(offer.origin, size, bytes(31) + bytes([size])), a.ring.node)
        assert refusal(lambda lie=lie: b.federation.admission.admit(replace(offer, checkpoint=lie), via="t")) == "fork"
        (lane,) = b.federation.ledger.list_lanes()
        assert lane.state == "frozen" and "two histories" in lane.note
        with b.store.read() as reader:
            evidence = next(each for each in audit.list_audit(reader) if each.action == "lane.fork")
        assert evidence.detail["b"] == lie.decode() and evidence.detail["a"].startswith(offer.origin)
        assert refusal(lambda: b.federation.admission.admit(offer, via="t")) == "fork"
        assert b.sync(a) == 0
        b.store.write(lambda tx: tx.execute("UPDATE lane SET state = 'open'"))
    assert len(b.got) == 3


def test_an_older_checkpoint_changes_nothing(offered: Any) -> None:
    _, a, b, offer = offered
    (standing,) = a.agreements.standings()
    b.federation.admission.admit(offer, via="t")
    a.publish(standing, contents(2, "more"))
    b.sync(a)
    assert b.federation.admission.admit(offer, via="t").stored == 0
    (lane,) = b.federation.ledger.list_lanes()
    assert (lane.size, lane.state) == (6, "open")


def test_forged_and_foreign_receipts(offered: Any) -> None:
    world, a, b, offer = offered
    b.federation.admission.admit(offer, via="t")
    with b.store.read() as reader, a.store.read() as ours:
        raw = reader.value("SELECT receipt FROM lane_receipt")
        lane = rows.find_lane(ours, origin=offer.origin)
    good = link.read_receipt(raw)
    take = a.federation.admission.take_receipt
    unsigned = Receipt(note=offer.checkpoint.decode())
    assert refusal(lambda: take(lane, unsigned, b.party)) == "bad-receipt"
    other = Receipt(note=good.note.replace("\n4\n", "\n3\n"))
    assert refusal(lambda: take(lane, other, b.party)) == "bad-signature"
    c = world.actor("neighbour.example")
    world.acquaint(a, c)
    assert refusal(lambda: take(lane, good, c.party)) == "unknown-lane"
    assert a.own_lanes()[0].state == "open" and a.own_lanes()[0].confirmations == ()
    assert take(lane, good, b.party) == 4
    assert take(lane, good, b.party) == 4


def test_two_roads_bring_the_same_range(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(3, "first"))
    early, late = BytesIO(), BytesIO()
    a.federation.parcels.make(b.party, early, by="test")
    a.publish(agreement, contents(3, "second"))
    a.federation.parcels.make(b.party, late, by="test")
    # The parcel overtakes the pull between its verification and its transaction.
    applier = b.federation.admission._applier
    plain = applier.apply
    overtaken = []

    def apply(came: Any) -> Any:
        if not overtaken:
            overtaken.append(True)
            b.federation.parcels.read(BytesIO(early.getvalue()), by="test")
        return plain(came)

    applier.apply = apply
    b.sync(a)
    b.federation.parcels.read(BytesIO(late.getvalue()), by="test")
    assert b.got == [*contents(3, "first"), *contents(3, "second")]


def test_a_gap_is_named_and_order_does_not_matter(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2, "one"))
    one = BytesIO()
    a.federation.parcels.make(b.party, one, by="test")
    a.publish(agreement, contents(2, "two"))
    two = BytesIO()
    origin = a.own_lanes()[0].origin
    a.federation.parcels.make(b.party, two, by="test", since={origin: 3})
    early = b.federation.parcels.read(BytesIO(two.getvalue()), by="test")
    assert (early.entries, early.early, early.problems) == (0, 2, [])
    tag = a.own_lanes()[0].tag[:12]
    assert b.federation.parcels.wants(a.party) == [f"please send {tag} 0-2 of 5"]
    assert b.federation.parcels.read(BytesIO(one.getvalue()), by="test").entries == 5
    assert b.federation.parcels.read(BytesIO(two.getvalue()), by="test").entries == 0
    assert b.federation.parcels.wants(a.party) == [f"please send {tag} from 5"]


def test_the_receivers_suspension_takes_nothing_in(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2))
    parcel = BytesIO()
    a.federation.parcels.make(b.party, parcel, by="test")
    b.agreements.suspend(agreement, suspended=True, by="test")
    b.sync(a)
    read = b.federation.parcels.read(BytesIO(parcel.getvalue()), by="test")
    assert b.got == [] and "suspended" in read.problems[0]
    b.agreements.suspend(agreement, suspended=False, by="test")
    b.sync(a)
    assert b.got == contents(2) and not b.federation.ledger.list_quarantined()
