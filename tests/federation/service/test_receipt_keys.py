"""A stolen receipt key is cut off by size: what it claims beyond the cut counts nowhere, and is seen not to."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import msgspec

from federation.service.turning import contents, refusal, replace_key, revoke_receipt, step, well
from kouprey.federation import store as rows
from kouprey.federation.model import Receipt
from kouprey.federation.service.ceremonies import KeyKind
from kouprey.federation.wire.statement import read_statement
from kouprey.kernel.seal import keyring
from kouprey.kernel.seal.checkpoint import cosign
from kouprey.kernel.seal.keys import SigningKey
from kouprey.kernel.seal.notes import split_note


def confirmed(author: Any) -> list[int]:
    return [each.size for lane in author.own_lanes() for each in lane.confirmations]


def claim(author: Any, party: str, thief: SigningKey) -> tuple[rows.Lane, Receipt]:
    """That a party holds everything an author has signed, as a thief of its receipt key says it."""
    with author.store.read() as reader:
        lane = rows.list_lanes(reader, mine=True)[0]
        held = rows.find_checkpoint(reader, lane.id, lane.signed_size)
    assert held is not None
    text, lines = split_note(held.note)
    line = cosign(held.note, f"{party}/receipt", thief, 1_800_000_000)
    return lane, Receipt(note=(text + b"\n" + lines[0].to_bytes() + line).decode(), without=())


def test_a_stolen_receipt_key_counts_up_to_its_cut_and_not_beyond(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    a.publish(agreement, contents(2, "held"))
    b.sync(a)
    thief = b.ring.receipt
    with b.store.read() as reader:
        (lane,) = rows.list_lanes(reader, mine=False)
        (true,) = rows.list_receipts(reader, lane.id)
    a.publish(agreement, contents(3, "never fetched"))
    own, forged = claim(a, b.party, thief)
    assert a.federation.admission.take_receipt(own, forged, b.party) == 6, "nobody knows of the theft yet"
    assert confirmed(a) == [6]
    assert revoke_receipt(b) == 1
    b.sync(a)
    (view,) = a.own_lanes()
    assert [each.size for each in view.disowned] == [6] and view.disowned[0].party == b.party
    assert confirmed(a) == [6], "what was fetched now is confirmed by the new key"
    with a.store.read() as reader:
        assert all(
            thief.public != key.public
            for held in rows.list_receipts(reader, own.id)
            for key in a.federation.admission.keys.receipts(b.party)[:1]
            if held.party == b.party
        )
        assert [size for _, size, *_ in rows.list_receipt_times(reader, own.id)] == [3, 6]
    assert refusal(lambda: a.federation.admission.take_receipt(own, forged, b.party)) == "revoked-key"
    old = msgspec.json.decode(true.receipt, type=Receipt)
    assert a.federation.admission.take_receipt(own, old, b.party) == 3, "what it had confirmed goes on to count"
    (gone,) = a.federation.ceremonies.look().partners[0].revoked
    assert gone.kind is KeyKind.RECEIPT and [cut.size for cut in gone.cuts] == [3]
    well(a)
    well(b)


def test_an_author_that_believed_the_thief_gives_again_what_was_never_fetched(world: Any) -> None:
    a, b, agreement = world.pair()
    first, second = BytesIO(), BytesIO()
    a.publish(agreement, contents(2, "held"))
    b.sync(a)
    thief = b.ring.receipt
    a.publish(agreement, contents(3, "on a stick"))
    own, forged = claim(a, b.party, thief)
    a.federation.admission.take_receipt(own, forged, b.party)
    assert a.federation.parcels.uncarried(b.party) == 0, "it seems to hold all of it"
    revoke_receipt(b)
    b.federation.parcels.make(a.party, first, by="test")
    first.seek(0)
    assert a.federation.parcels.read(first, by="test").problems == []
    assert confirmed(a) == [3], "the receipt that came with the statement"
    assert a.federation.parcels.uncarried(b.party) == 3
    a.federation.parcels.make(b.party, second, by="test")
    second.seek(0)
    assert b.federation.parcels.read(second, by="test").problems == []
    assert len(b.got) == 5


def test_in_a_lane_it_never_confirmed_a_revoked_receipt_key_counts_for_nothing(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(1))
    thief = b.ring.receipt
    own, forged = claim(a, b.party, thief)
    a.federation.admission.take_receipt(own, forged, b.party)
    assert revoke_receipt(b) == 0
    a.sync(b)
    assert confirmed(a) == [] and [each.size for each in a.own_lanes()[0].disowned] == [own.signed_size]
    assert refusal(lambda: a.federation.admission.take_receipt(own, forged, b.party)) == "revoked-key"


def test_a_retired_receipt_key_is_no_stolen_one(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2))
    b.sync(a)
    replace_key(b, keyring.replace_receipt)
    b.sync(a)
    revoke_receipt(b)
    a.publish(agreement, contents(1, "after"))
    b.sync(a)
    assert confirmed(a) == [4] and a.own_lanes()[0].disowned == ()
    assert len(a.federation.admission.keys.receipts(b.party)) == 3


def test_a_revocation_that_was_killed_goes_on(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(1))
    b.sync(a)
    assert refusal(lambda: b.federation.rotation.revoke_receipt_before(by="test")) == "no-rotation"
    stolen = b.ring.receipt
    step(b, keyring.begin_receipt)
    assert b.federation.ceremonies.look().replacing is KeyKind.RECEIPT
    assert refusal(lambda: keyring.begin_receipt(b.folder / "keys")) == "rotation-under-way"
    for _ in range(2):
        assert b.federation.rotation.revoke_receipt_before(by="test") == 1
        step(b)
    b.federation.rotation.announce(by="test")
    step(b, keyring.end_receipt)
    assert b.federation.ceremonies.look().replacing is None
    (gone,) = b.federation.ceremonies.look().revoked
    assert gone.kind is KeyKind.RECEIPT and stolen.public != b.ring.receipt.public
    said = [read_statement(note) for note in b.federation.admission.keys.statements(b.party)]
    assert {each.revoked for each in said} == {gone.key}
