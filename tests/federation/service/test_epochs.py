"""Epochs: a restored or copied node goes on without an accusation, and loses nothing peers hold."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.agreements.model import Terms
from kouprey.federation import store as rows
from kouprey.federation.service.epochs import genesis_of
from kouprey.kernel.seal.checkpoint import Checkpoint
from kouprey.kernel.words.errors import KoupreyError, Refused


def contents(count: int, mark: str = "o") -> list[bytes]:
    return [f'{{"mark":"{mark}-{number}"}}'.encode() for number in range(count)]


def test_restore_of_an_older_copy_without_guard(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2, "kept"))
    b.sync(a)
    a.queue(agreement, contents(1, "queued then"))
    a.close()
    backup = a.copy(world.folder / "backup", guard=False)
    a.open()
    a.lanes.append_waiting()
    a.publish(agreement, contents(2, "after the backup"))
    b.publish(agreement, contents(2, "of b"))
    b.sync(a)
    a.sync(b)
    before = b.got
    a.close()
    again = world.clone(backup, a.party).open(ask_peers=True)
    again.lanes.append_waiting()
    again.publish(agreement, contents(2, "restored"))
    again.sync(b)
    assert again.got == contents(2, "of b")
    b.sync(again)
    assert sorted(b.got) == sorted([*before, *contents(1, "queued then"), *contents(2, "restored")])
    old, new = again.own_lanes()
    assert (old.state, old.size, new.state) == ("closed", 6, "open"), "the lost tail came back"
    with again.store.read() as reader:
        lane = rows.find_lane(reader, origin=new.origin)
    assert lane is not None
    genesis = genesis_of(lane)
    assert genesis.reason == "restore" and genesis.prev is not None and genesis.prev.origin == old.origin
    # No accusation: nothing is frozen at the peer, which keeps what it held and says what the author said.
    replicas = {lane.origin: lane for lane in b.federation.ledger.list_lanes() if not lane.mine}
    assert replicas[old.origin].size == 6 and replicas[old.origin].state == "closed"
    assert "lost 3 entries" in replicas[old.origin].note
    assert b.sync(again) == 0
    b.publish(agreement, contents(1, "goes on"))
    again.sync(b)
    assert again.got == [*contents(2, "of b"), *contents(1, "goes on")]


def test_restore_of_everything_is_found_by_a_peer_at_start(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2))
    a.close()
    backup = a.copy(world.folder / "backup", guard=True)
    a.open()
    a.publish(agreement, contents(2, "lost"))
    b.sync(a)
    a.close()
    again = world.clone(backup, a.party).open(ask_peers=True)
    again.publish(agreement, contents(1, "new"))
    b.sync(again)
    assert len(again.own_lanes()) == 2 and contents(1, "new")[0] in b.got


@pytest.mark.parametrize("grown", [1, 4], ids=["smaller", "larger"])
def test_restore_of_everything_is_found_later_by_a_receipt(world: Any, grown: int) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2))
    a.close()
    backup = a.copy(world.folder / "backup", guard=True)
    a.open()
    a.publish(agreement, contents(3, "lost"))
    b.sync(a)
    a.close()
    # Nobody answers at the start, so the node goes on; the next receipt tells it the truth.
    again = world.clone(backup, a.party).open()
    again.publish(agreement, contents(grown, "new"))
    for _ in range(2):
        try:
            b.sync(again)
        except KoupreyError as error:
            assert error.code == "bad-root"
    old, *_ = again.own_lanes()
    assert old.state == "closed" and "signed by us that we do not know" in old.note
    again.publish(agreement, contents(1, "newer"))
    for _ in range(2):
        try:
            b.sync(again)
        except KoupreyError as error:
            assert error.code in ("bad-root", "after-close")
    assert contents(1, "newer")[0] in b.got
    frozen = [lane for lane in b.federation.ledger.list_lanes() if lane.state == "frozen"]
    assert frozen == []


def test_a_new_version_of_the_agreement_is_a_new_epoch(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(1, "v1"))
    version = a.agreements.draft(
        "Next", [b.party], Terms(tlp_ceiling="green"), starts=1_000_000, amends=agreement, by="t"
    )
    signed = a.agreements.sign(agreement, by="t")
    b.agreements.receive_note(signed.note, signed.document_bytes, by="t")
    signed = b.agreements.sign(agreement, by="t")
    a.agreements.receive_note(signed.note, signed.document_bytes, by="t")
    assert a.agreements.get_standing(agreement).version == version.number == 2
    a.publish(agreement, contents(1, "v2"))
    old, new = a.own_lanes()
    assert (old.state, new.state) == ("closed", "open") and "new version" in old.note
    b.sync(a)
    assert b.got == [*contents(1, "v1"), *contents(1, "v2")]


def test_a_process_beside_the_server_can_end_an_epoch(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2))
    other = world.clone(a.folder, a.party)
    other.open(start=False)
    world.wire.nodes[a.origin] = a
    other.lanes.discovered_rollback(a.own_lanes()[0].origin, "a parcel brought a receipt")
    a.publish(agreement, contents(1, "new"))
    assert [lane.state for lane in a.own_lanes()] == ["closed", "open"]
    b.sync(a)
    assert b.got == [*contents(2), *contents(1, "new")]


def test_an_epoch_closed_while_it_is_being_signed_is_not_signed(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(1))
    (lane,) = a.own_lanes()
    plain = a.lanes._guard.advance

    def advance(checkpoint: Checkpoint, *, first: bool) -> bool:
        if checkpoint.origin == lane.origin:
            a.lanes.discovered_rollback(lane.origin, "meanwhile")
        return plain(checkpoint, first=first)

    monkeypatch.setattr(a.lanes._guard, "advance", advance)
    with pytest.raises(Refused):
        a.publish(agreement, contents(2, "tail"))
    a.lanes.append_waiting()
    old, new = a.own_lanes()
    assert (old.size, old.signed_size, new.size) == (2, 2, 3)
    b.sync(a)
    assert b.got == [*contents(1), *contents(2, "tail")]
