"""Peers that lie: each is refused with its reason, nothing of it is applied, and evidence stays."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

import msgspec
import pytest
import zstandard

from kouprey.agreements.model import Terms
from kouprey.federation import store as rows
from kouprey.federation.model import BodyFrame, BodyState, IndexRange, Receipt
from kouprey.federation.service.admit import Offer
from kouprey.federation.wire import link
from kouprey.kernel.net.fetch import Answer
from kouprey.kernel.seal.box import open_box, seal
from kouprey.kernel.seal.checkpoint import Checkpoint, sign_checkpoint
from kouprey.kernel.seal.keys import SigningKey
from kouprey.kernel.storage import audit
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.tlp import TLP


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


def replace_frame(frame: BodyFrame, salt: bytes, body: bytes) -> BodyFrame:
    return BodyFrame(frame.index, BodyState.PRESENT, salt, body)


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


def test_an_entry_above_the_ceiling_is_quarantined_and_named_in_the_receipt(world: Any) -> None:
    a, b, agreement = world.pair()
    a.federation.serving._may_leave = lambda *_: True  # a node that does not ask its own policy
    a.publish(agreement, contents(1, "fine"))
    a.publish(agreement, [b"canary-red"], tlp=TLP.RED)
    a.publish(agreement, [b"canary-kind"], kind="statement")
    a.publish(agreement, [b"canary-media"], media_type="application/vnd.stranger")
    a.publish(agreement, contents(1, "fine too"))
    b.sync(a)
    assert b.got == [*contents(1, "fine"), *contents(1, "fine too")]
    codes = {each.index: each.code for each in b.federation.ledger.list_quarantined()}
    assert codes == {2: "ceiling", 3: "type", 4: "unknown-media-type"}
    assert a.own_lanes()[0].confirmations[0].without == 3


def test_a_receiver_that_breaks_does_not_hold_up_the_lane(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, [b"one", b"crash", b"two"])
    b.sync(a)
    a.publish(agreement, [b"three"])
    b.sync(a)
    assert b.got == [b"three"]
    assert {each.code for each in b.federation.ledger.list_quarantined()} == {"receiver-failed"}
    assert len(b.federation.ledger.list_quarantined()) == 3


def test_a_peer_that_makes_no_progress_is_left_alone(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2))
    b.sync(a)
    a.publish(agreement, contents(2, "more"))
    with a.store.read() as reader:
        old = reader.value("SELECT note FROM lane_checkpoint WHERE size = 3")

    def twist(url: str, answer: Answer) -> Answer:
        if "/headers" not in url:
            return answer
        page = link.read_headers_answer(answer.body)
        stale = msgspec.structs.replace(page, checkpoint=old)
        return msgspec.structs.replace(answer, body=link.render_headers_answer(stale))

    world.wire.twist = twist
    world.wire.calls.clear()
    assert b.sync(a) == 0 and len(world.wire.calls) < 10


@pytest.mark.parametrize("path", ["lanes", "headers", "bodies"])
@pytest.mark.parametrize("body", [b"", b"\0" * 100, b"{}", b"[" * 5000, b"\xff" * 20, b"KH01" + b"\xff" * 16])
def test_garbage_from_a_peer_is_a_refusal(world: Any, path: str, body: bytes) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2))
    world.wire.twist = lambda url, answer: msgspec.structs.replace(answer, body=body) if path in url else answer
    with pytest.raises(KoupreyError):
        b.sync(a)
    assert b.got == [] and b.federation.links.get_link(a.party).error
    world.wire.twist = lambda url, answer: answer
    assert b.sync(a) == 3


def test_a_refusal_full_of_tricks_is_cut_and_cleaned(world: Any) -> None:
    a, b, _ = world.pair()
    said = msgspec.json.encode({"title": "\x1b[2J\0" + "x" * 9000, "status": 400, "code": "rm -rf", "detail": "\n\n"})
    world.wire.twist = lambda url, answer: msgspec.structs.replace(answer, status=400, body=said)
    with pytest.raises(KoupreyError) as refused:
        b.sync(a)
    assert refused.value.code == "bad-request" and len(refused.value.what) < 400
    error = b.federation.links.get_link(a.party).error
    assert "\x1b" not in error and "\0" not in error


def test_parcels_for_others_by_strangers_and_cut_ones(world: Any) -> None:
    a, b, agreement = world.pair()
    c = world.actor("neighbour.example")
    world.acquaint(a, c)
    for number in range(3):
        a.publish(agreement, contents(2, f"batch{number}"))
    out = BytesIO()
    a.federation.parcels.make(b.party, out, by="t")
    sealed = out.getvalue()

    def read(node: Any, data: bytes) -> Any:
        return node.federation.parcels.read(BytesIO(data), by="t")

    assert refusal(lambda: read(c, sealed)) == "cannot-open"
    assert refusal(lambda: read(b, sealed[:-40])) == "cannot-open"
    assert refusal(lambda: read(b, b"")) == "cannot-open"
    assert refusal(lambda: read(b, sealed[:200] + b"x" + sealed[201:])) == "cannot-open"
    # B hands on what it could open, as if A had written to C: the recipients are inside what A signed.
    passed_on = seal(open_box(sealed, [b.ring.age_secret]), [c.people.home().card.age])
    assert refusal(lambda: read(c, passed_on)) == "not-addressed"
    assert c.got == [] and read(b, sealed).entries == 7


def test_a_relay_can_carry_but_not_change(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2))
    out = BytesIO()
    a.federation.parcels.make(b.party, out, by="t")
    # Refused because it is unknown to B, although what it carries is good: a stranger may not use B's disk.
    c = world.actor("neighbour.example")
    c.people.trust(b.people.home().note, by="t")
    stray = BytesIO()
    c.federation.parcels.make(b.party, stray, by="t")
    assert refusal(lambda: b.federation.parcels.read(BytesIO(stray.getvalue()), by="t")) == "unknown-sender"
    assert b.federation.parcels.read(BytesIO(out.getvalue()), by="relay").entries == 3


def canaries(folder: Any, canary: bytes) -> list[str]:
    """Files below a folder with these bytes."""
    return [str(file) for file in folder.rglob("*") if file.is_file() and canary in file.read_bytes()]


def test_an_object_above_the_ceiling_reaches_nobody_by_any_road(world: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    canary = b"CANARY-7f3a9d51"
    a, b, agreement = world.pair()
    c = world.actor("neighbour.example")
    world.acquaint(a, c)
    said: list[bytes] = []
    world.wire.twist = lambda url, answer: said.append(answer.body) or answer
    a.publish(agreement, contents(2))
    # Published once by a mistake of the publish gate: the serve gate asks the policy of today all the same.
    a.publish(agreement, [b'{"secret":"' + canary + b'"}'], tlp=TLP.RED)
    a.publish(agreement, contents(1, "after"))
    b.sync(a)
    c.sync(a)
    parcels = []
    for party in (b.party, c.party):
        out = BytesIO()
        a.federation.parcels.make(party, out, by="t", since={a.own_lanes()[0].origin: 0})
        parcels.append(out.getvalue())
    opened = zstandard.ZstdDecompressor().stream_reader(BytesIO(open_box(parcels[0], [b.ring.age_secret]))).read()
    assert contents(1, "after")[0] in opened, "the parcel does carry entries"
    assert canary not in opened
    b.federation.parcels.read(BytesIO(parcels[0]), by="t")
    assert b.got == [*contents(2), *contents(1, "after")]
    assert said and not [body for body in said if canary in body]
    for other in (b, c):
        other.close()
        assert canaries(other.folder, canary) == []
    a.close()
    assert canaries(a.folder, canary), "the search does find it where it is"
    assert canary.decode() not in caplog.text


def test_tightening_is_felt_at_once_at_the_serve_gate(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, [b"amber"], tlp=TLP.AMBER)
    a.publish(agreement, [b"green"], tlp=TLP.GREEN)
    terms = Terms(tlp_ceiling="green")
    a.agreements.draft("Tighter", [b.party], terms, starts=1_000_000, amends=agreement, by="t")
    signed = a.agreements.sign(agreement, by="t")
    b.agreements.receive_note(signed.note, signed.document_bytes, by="t")
    signed = b.agreements.sign(agreement, by="t")
    a.agreements.receive_note(signed.note, signed.document_bytes, by="t")
    b.sync(a)
    assert b.got == [b"green"]
    with b.store.read() as reader:
        assert reader.value("SELECT count(*) FROM lane_entry WHERE state = ?", (rows.WITHHELD,)) == 1
