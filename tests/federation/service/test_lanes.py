"""Our own lanes: what a crash between any two steps, a restore, a copy and a second instance may not do to them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from kouprey.agreements.model import Terms
from kouprey.federation import store as rows
from kouprey.federation.service import lanes as lanes_module
from kouprey.federation.service.epochs import genesis_of
from kouprey.kernel.seal.checkpoint import Checkpoint
from kouprey.kernel.storage.lock import FileLock
from kouprey.kernel.words.errors import KoupreyError, Refused, TooLarge


def contents(count: int, mark: str = "o") -> list[bytes]:
    return [f'{{"mark":"{mark}-{number}"}}'.encode() for number in range(count)]


class Crash(BaseException):
    """The process ends here."""


def checkpoints(actor: Any) -> dict[tuple[str, int], bytes]:
    with actor.store.read() as reader:
        found = reader.all("SELECT origin, c.size, root FROM lane_checkpoint AS c JOIN lane ON lane.id = lane_id")
    return {(row[0], row[1]): row[2] for row in found}


def crash_at(monkeypatch: pytest.MonkeyPatch, actor: Any, step: str) -> None:
    def fall(*args: object, **kwargs: object) -> None:
        raise Crash

    if step == "before the guard":
        monkeypatch.setattr(actor.lanes._guard, "advance", fall)
    elif step == "before the signature":
        monkeypatch.setattr(lanes_module, "sign_checkpoint", fall)
    else:
        monkeypatch.setattr(actor.lanes, "_keep", fall)


@pytest.mark.parametrize("step", ["before the guard", "before the signature", "before it is stored"])
@pytest.mark.parametrize("first", [True, False], ids=["of the genesis", "of an entry"])
def test_a_crash_while_signing_loses_nothing_and_signs_one_history(
    world: Any, monkeypatch: pytest.MonkeyPatch, step: str, first: bool
) -> None:
    a, b, agreement = world.pair()
    if not first:
        a.publish(agreement, contents(2, "early"))
        b.sync(a)
    a.queue(agreement, contents(3))
    with monkeypatch.context() as patch:
        crash_at(patch, a, step)
        with pytest.raises(Crash):
            a.lanes.append_waiting()
    signed = checkpoints(a)
    a.close()
    a.open()
    a.lanes.append_waiting()
    assert all(checkpoints(a)[key] == root for key, root in signed.items())
    assert all(lane.size == lane.signed_size for lane in a.own_lanes())
    b.sync(a)
    assert b.got[-3:] == contents(3) and len(b.got) == (3 if first else 5)
    # A crash proves nothing against continuity, unless the guard never heard of the lane.
    assert len(a.own_lanes()) == (2 if first and step == "before the guard" else 1)


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
    assert (old.state, old.size, new.state) == ("closed", 3, "open")
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


def test_an_older_guard_is_no_proof(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(1))
    a.close()
    guard = (a.folder / "guard.db").read_bytes()
    a.open()
    a.publish(agreement, contents(1))
    a.close()
    for name in ("guard.db-wal", "guard.db-shm"):
        (a.folder / name).unlink(missing_ok=True)
    (a.folder / "guard.db").write_bytes(guard)
    a.open()
    a.publish(agreement, contents(1))
    assert [lane.state for lane in a.own_lanes()] == ["closed", "open"]
    b.sync(a)
    assert len(b.got) == 3


def test_of_two_live_instances_on_one_guard_the_first_fails_closed(world: Any, tmp_path: Path) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2))
    b.sync(a)
    a.close()
    copy = a.copy(tmp_path / "clone", guard=False)
    a.open()
    second = world.clone(copy, a.party)
    (copy / "guard.db").symlink_to(a.folder / "guard.db")
    second.open()
    with pytest.raises(Refused) as refused:
        a.publish(agreement, contents(1, "first"))
    assert refused.value.code == "guard-lost" and a.lanes.halted
    assert a.lanes.append_waiting() == 0
    second.publish(agreement, contents(2, "second"))
    b.sync(second)
    assert [lane.origin for lane in second.own_lanes()] == [lane.origin for lane in a.own_lanes()]
    assert b.got == [*contents(2), *contents(2, "second")]
    # The first, started again, finds that the guard has seen more than it holds, and goes on in a new epoch.
    a.close()
    second.close()
    world.wire.nodes[a.origin] = a.open()
    a.lanes.append_waiting()
    b.sync(a)
    assert b.got.count(contents(1, "first")[0]) == 1
    assert not [lane for lane in b.federation.ledger.list_lanes() if lane.state == "frozen"]


def test_a_claim_fails_when_somebody_signed_since_it_was_read(world: Any) -> None:
    a, _, agreement = world.pair()
    a.publish(agreement, contents(1))
    (lane,) = a.own_lanes()
    guard = a.lanes._guard
    seen = guard.find(lane.origin)
    a.publish(agreement, contents(1))
    assert not guard.claim(lane.origin, seen)
    assert guard.claim(lane.origin, guard.find(lane.origin))


def test_the_guard_refuses_a_second_history_and_keeps_its_word(world: Any) -> None:
    a, _, agreement = world.pair()
    a.publish(agreement, contents(2))
    (lane,) = a.own_lanes()
    guard = a.lanes._guard
    assert not guard.advance(Checkpoint(lane.origin, 3, bytes(32)), first=False)
    assert not guard.advance(Checkpoint(lane.origin, 2, bytes(32)), first=False)
    a.guard.write(lambda tx: tx.execute("DELETE FROM guard"))
    with pytest.raises(Refused):
        a.publish(agreement, contents(1))
    assert guard.find(lane.origin) is None, "a guard that was lost must not be written anew"


def test_only_one_process_appends_and_the_other_only_queues(world: Any) -> None:
    a, _, agreement = world.pair()
    other = world.clone(a.folder, a.party)
    other.open(start=False)
    world.wire.nodes[a.origin] = a
    assert not other.lanes.start() and not FileLock(a.folder / "lanes.lock").try_take()
    other.publish(agreement, contents(2))
    assert other.own_lanes() == []
    assert a.lanes.append_waiting() == 2


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


def test_damaged_rows_are_never_signed(world: Any) -> None:
    a, _, agreement = world.pair()
    a.publish(agreement, contents(1))
    a.queue(agreement, contents(2))
    (lane,) = a.own_lanes()
    with a.store.read() as reader:
        held = rows.find_lane(reader, origin=lane.origin)
    a.store.write(lambda tx: a.lanes.append_batch(tx, held))
    a.store.write(lambda tx: tx.execute("UPDATE lane_entry SET header = ? WHERE entry_index = 2", (b"x" * 64,)))
    with pytest.raises(Refused) as refused:
        a.lanes.append_waiting()
    assert refused.value.code == "damaged-lane" and a.own_lanes()[0].signed_size == 2
    assert a.lanes.append_waiting() == 0 and not a.lanes.waiting.is_set()


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


def test_one_agreement_that_cannot_go_on_does_not_hold_up_another(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b, agreement = world.pair()
    other = world.agree(a, b, title="Another")
    broken, sound = sorted([agreement, other])
    a.queue(broken, contents(1, "broken"))
    a.queue(sound, contents(1, "sound"))
    plain = a.lanes._current_lane

    def current(standing: Any, lane_class: Any) -> Any:
        if standing.agreement == broken:
            raise Refused("Not this one.")
        return plain(standing, lane_class)

    monkeypatch.setattr(a.lanes, "_current_lane", current)
    with pytest.raises(Refused):
        a.lanes.append_waiting()
    b.sync(a)
    assert b.got == contents(1, "sound")


def test_bodies_no_lane_can_carry_are_refused_when_queued(world: Any) -> None:
    a, _, agreement = world.pair()
    with pytest.raises(TooLarge):
        a.queue(agreement, [b"x" * (1 << 20)])
    assert a.queue(agreement, []) == range(0)


def test_batches_and_pages_are_bounded_in_bytes(world: Any) -> None:
    a, b, agreement = world.pair()
    big = [bytes([65 + number]) * 900_000 for number in range(24)]
    a.publish(agreement, big)
    sizes = sorted(size for _, size in checkpoints(a))
    assert len(sizes) >= 3 and max(y - x for x, y in pairwise(sizes)) <= 10
    largest = []
    plain = b.federation.admission.admit

    def admit(offer: Any, *, via: str) -> Any:
        largest.append(sum(len(frame.body) for frame in offer.bodies.values()))
        return plain(offer, via=via)

    b.federation.admission.admit = admit
    b.sync(a)
    assert b.got == big and max(largest) <= 26 << 20


def test_bytes_are_bytes_on_each_engine(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    a.publish(agreement, [bytes(range(1, 256))])
    b.sync(a)
    with b.store.read() as reader:
        (lane,) = rows.list_lanes(reader)
        (genesis, held) = rows.list_entries(reader, lane.id, 0, 9)
        kept = rows.find_checkpoint(reader, lane.id, 2)
        (receipt,) = rows.list_receipts(reader, lane.id)
    parts = (lane.genesis, lane.frontier, genesis.body, held.header, held.salt, kept.root, kept.note, receipt.receipt)
    assert all(type(part) is bytes for part in parts)
    assert b.got == [bytes(range(1, 256))]
    assert type(a.lanes._guard.find(lane.origin)[1]) is bytes
