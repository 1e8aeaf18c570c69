"""Keys are replaced without a gap, a stolen one is cut off by size, a new root key needs the word of the old one."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

import msgspec
import pytest

from federation.service.turning import contents, finish, refusal, replace_key, rotate, step, well
from kouprey.federation import store as rows
from kouprey.federation.model import (
    IndexRange,
)
from kouprey.federation.service.admit import Offer
from kouprey.federation.service.epochs import genesis_of
from kouprey.federation.wire.link import read_receipt
from kouprey.federation.wire.statement import KeyStatement, read_statement, render_statement
from kouprey.kernel.seal import keyring
from kouprey.kernel.seal.box import open_box
from kouprey.kernel.seal.checkpoint import Checkpoint, cosign, sign_checkpoint
from kouprey.kernel.seal.keys import SigningKey, VerifyKey
from kouprey.kernel.seal.notes import split_note
from kouprey.kernel.words.errors import KoupreyError


def confirmed(author: Any) -> list[int]:
    return [each.size for lane in author.own_lanes() for each in lane.confirmations]


def offer_of(author: Any, reader: Any, tag: str, origin: str, start: int) -> Offer:
    page = author.federation.serving.headers(reader.party, tag, start)
    frames = author.federation.serving.bodies(reader.party, tag, [IndexRange(start, start + len(page.headers))])
    return Offer(origin, start, page.checkpoint, page.headers, page.proof, {frame.index: frame for frame in frames})


def test_a_rotation_loses_nothing_and_needs_nobody_at_the_other_end(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    a.publish(agreement, contents(2, "old key"))
    b.sync(a)
    old = a.ring.node.public
    rotate(a)
    assert a.ring.node.public != old and a.ring.speaker.public == old
    a.publish(agreement, contents(2, "both"))
    with a.store.read() as reader:
        (lane,) = rows.list_lanes(reader, mine=True)
        note = rows.find_checkpoint(reader, lane.id, lane.signed_size).note
    assert len(split_note(note)[1]) == 2
    b.sync(a)
    assert len(b.got) == 4, "who has only the old card reads the old line"
    a.sync(b)
    assert len(b.people.get_party(a.party).card.nodes) == 2
    assert a.federation.rotation.unheard() == []
    finish(a)
    a.publish(agreement, contents(2, "new key"))
    a.sync(b)
    b.sync(a)
    assert b.got == [*contents(2, "old key"), *contents(2, "both"), *contents(2, "new key")]
    (one,) = a.own_lanes()
    assert one.size == 7, "in one epoch"
    assert [each.size for each in one.confirmations] == [7]
    well(a)
    well(b)


def test_a_parcel_carries_a_rotation(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2, "old key"))
    rotate(a)
    a.publish(agreement, contents(1, "both"))
    first, second = BytesIO(), BytesIO()
    a.federation.parcels.make(b.party, first, by="test")
    finish(a)
    a.publish(agreement, contents(1, "new key"))
    a.federation.parcels.make(b.party, second, by="test")
    for each in (first, second):
        each.seek(0)
        assert b.federation.parcels.read(each, by="test").problems == []
    assert len(b.got) == 4


def test_a_revoked_key_counts_up_to_its_cut_and_not_beyond(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    c = each_world.actor("neighbour.example")
    each_world.acquaint(a, c)
    other = each_world.agree(a, c, title="Another")
    a.publish(agreement, contents(2, "good"))
    a.publish(other, contents(2, "for c"))
    b.sync(a)
    thief = a.ring.node
    with a.store.read() as reader:
        lane = rows.list_lanes(reader, mine=True, agreement=agreement)[0]
    early = offer_of(a, b, lane.tag, lane.origin, 0)
    rotate(a)
    finish(a, compromised=True)
    # The new card comes in a request that only the new key signed, and proves itself.
    assert b.sync(a) == 0
    a.sync(b)
    assert b.people.get_party(a.party).card.nodes == a.people.home().card.nodes
    beyond = sign_checkpoint(Checkpoint(lane.origin, 9, bytes(32)), thief)
    forged = replace(early, start=3, headers=(), bodies={}, checkpoint=beyond)
    assert refusal(lambda: b.federation.admission.admit(forged, via="t")) == "revoked-key"
    same_size = sign_checkpoint(Checkpoint(lane.origin, 3, bytes(32)), thief)
    assert refusal(lambda: b.federation.admission.admit(replace(early, checkpoint=same_size), via="t")) == "revoked-key"
    elsewhere = "kouprey/1/" + "a" * 64
    assert (
        refusal(
            lambda: b.federation.admission.keys.open(
                sign_checkpoint(Checkpoint(elsewhere, 1, bytes(32)), thief), elsewhere, a.party
            )
        )
        == "revoked-key"
    ), "a lane that the statement does not name"
    # Who comes late takes what was signed before the cut.
    a.sync(c)
    c.sync(a)
    assert c.got == contents(2, "for c")
    a.publish(agreement, contents(2, "after"))
    b.sync(a)
    assert b.got == [*contents(2, "good"), *contents(2, "after")]
    with a.store.read() as reader:
        newest = rows.list_lanes(reader, mine=True, agreement=agreement)[-1]
    genesis = genesis_of(newest)
    assert genesis.reason == "compromise" and genesis.prev is not None and genesis.prev.origin == lane.origin
    well(a)
    well(b)


def test_what_a_thief_signed_before_the_statement_came_stops_to_count(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2, "good"))
    b.sync(a)
    with a.store.read() as reader:
        lane = rows.list_lanes(reader, mine=True)[0]
    honest = a.folder.parent / "thief"
    a.close()
    a.copy(honest, guard=True)
    thief = world.clone(honest, a.party).open()
    thief.publish(agreement, contents(3, "forged"))
    b.sync(thief)
    assert len(b.got) == 5
    thief.close()
    world.wire.nodes[a.origin] = a
    a.open()
    rotate(a)
    finish(a, compromised=True)
    a.sync(b)
    held = next(each for each in b.federation.ledger.list_lanes() if each.origin == lane.origin)
    assert held.state == "frozen" and "3" in held.note and "revoked" in held.note
    a.publish(agreement, contents(1, "after"))
    b.sync(a)
    assert b.got[-1] == contents(1, "after")[0]


def test_only_the_root_key_revokes(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(1))
    b.sync(a)
    rotate(a)
    a.federation.rotation.revoke_before(by="test", compromised=False)
    (note,) = a.federation.admission.keys.statements(a.party)
    said = read_statement(note)
    take = b.federation.admission.keys.take
    for forger in (a.ring.node, b.ring.require_root()):
        assert refusal(lambda forger=forger: take(render_statement(said, forger))) == "no-known-signature"
    stranger = KeyStatement(
        party="stranger.example",
        revoked=a.ring.node.vkey("stranger.example/node"),
        after=(),
        serial=1,
        issued=0,
    )
    assert refusal(lambda: take(render_statement(stranger, a.ring.node))) == "unknown-party"
    assert refusal(lambda: a.federation.admission.keys.take(note)) == "bad-note", "nobody tells us about our own"
    assert b.federation.admission.keys.revoked(a.party) == {}
    take(note)
    assert list(b.federation.admission.keys.revoked(a.party)) == [VerifyKey.parse(said.revoked).public]


def test_a_rotation_that_was_killed_goes_on(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(1, "old"))
    a.federation.rotation.prepare()
    step(a, keyring.begin_rotation)
    a.publish(agreement, contents(1, "between"))
    b.sync(a)
    assert len(b.got) == 2, "both keys sign, and the card of before is enough"
    assert refusal(lambda: keyring.begin_rotation(a.folder / "keys")) == "rotation-under-way"
    a.federation.rotation.announce(by="test")
    a.federation.rotation.announce(by="test")
    assert len(a.people.home().card.nodes) == 2
    finish(a)
    a.sync(b)
    a.publish(agreement, contents(1, "new"))
    b.sync(a)
    assert len(b.got) == 3


def test_without_root_key_or_beside_a_server_nothing_is_changed(world: Any) -> None:
    a, _, _ = world.pair()
    assert refusal(lambda: a.federation.rotation.revoke_before(by="test", compromised=True)) == "no-rotation"
    a.lanes.release()
    other = world.clone(a.folder, a.party)
    other.open()
    assert refusal(a.federation.rotation.prepare) == "server-running"
    other.close()
    root = a.folder / "keys" / "root.key"
    root.rename(a.folder / "keys" / "away")
    step(a)
    assert refusal(a.federation.rotation.prepare) == "no-root-key"


def test_a_new_receipt_key_confirms_and_the_old_receipts_still_hold(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    a.publish(agreement, contents(2, "before"))
    b.sync(a)
    assert confirmed(a) == [3]
    with b.store.read() as reader:
        (lane,) = rows.list_lanes(reader, mine=False)
        (before,) = rows.list_receipts(reader, lane.id)
    replace_key(b, keyring.replace_receipt)
    a.publish(agreement, contents(1, "during"))
    # The card is brought before the receipt that only it explains.
    b.sync(a)
    assert confirmed(a) == [4]
    with a.store.read() as reader:
        (own,) = rows.list_lanes(reader, mine=True)
    old = read_receipt(before.receipt)
    assert a.federation.admission.take_receipt(own, old, b.party) == 3, "from a parcel that was long on its way"
    assert len(a.federation.admission.keys.receipts(b.party)) == 2
    assert a.people.get_party(b.party).card.receipts == b.people.home().card.receipts
    stranger = SigningKey.generate()
    text, lines = split_note(old.note.encode())
    line = cosign(old.note.encode(), f"{b.party}/receipt", stranger, 1)
    forged = msgspec.structs.replace(old, note=(text + b"\n" + lines[0].to_bytes() + line).decode())
    assert refusal(lambda: a.federation.admission.take_receipt(own, forged, b.party)) == "bad-receipt"
    a.publish(agreement, contents(1, "after"))
    b.sync(a)
    assert confirmed(a) == [5] and len(b.got) == 4


def test_a_new_age_key_is_sealed_to_and_the_old_one_opens_what_was_on_its_way(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2, "before"))
    slow, quick = BytesIO(), BytesIO()
    a.federation.parcels.make(b.party, slow, by="test")
    old = b.ring.age_secrets
    replace_key(b, keyring.replace_age)
    a.sync(b)
    b.sync(a)
    a.publish(agreement, contents(1, "after"))
    a.federation.parcels.make(b.party, quick, by="test")
    for each in (slow, quick):
        each.seek(0)
        assert b.federation.parcels.read(each, by="test").problems == []
    assert len(b.got) == 3
    with pytest.raises(KoupreyError) as refused:
        open_box(quick.getvalue(), old)
    assert refused.value.code == "cannot-open", "only the new key opens what was sealed after its card"
