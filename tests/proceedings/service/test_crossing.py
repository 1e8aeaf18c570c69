"""An item crosses a border: sealed to named readers there, released by their node, and shown by both ledgers."""

from __future__ import annotations

import json
from typing import Any
from unittest import mock

import msgspec
import pytest

from kouprey.kernel.seal import checkpoint as signed
from kouprey.kernel.seal.items import open_item
from kouprey.kernel.seal.tree import Tree, leaf_hash
from kouprey.kernel.words.time import DAY
from kouprey.people.model import Role
from kouprey.proceedings.model import Handed
from kouprey.proceedings.service import wrap_again
from kouprey.proceedings.store import custody
from kouprey.proceedings.wire.proofs import read_proof, write_proof
from proceedings.conftest import BASIS, NAME, PLAIN, TERMS, refusal

GIVEN = {"purpose": "assistance", "basis": "MLA 2026/114"}


def grants_for(a: Any, b: Any, bopha: Any, dossier: str, item: str, *readers: Any) -> tuple[Handed, ...]:
    released = a.release(bopha, dossier, item)
    named = [Handed(name=each.name, key=each.key, box=b"") for each in readers]
    return wrap_again(released, bopha.secret, named, a.dossiers.through(b.party))


@pytest.fixture
def given(two: Any) -> tuple[Any, ...]:
    """The ministry has given an item to Azman of the neighbour."""
    a, b, agreement = two
    bopha, azman = a.person("Bopha"), b.person("Azman", Role.ANALYST)
    dossier = a.dossier(bopha)
    item = a.item(dossier, bopha)
    grants = grants_for(a, b, bopha, dossier, item.id, azman)
    a.dossiers.give(bopha.who, dossier, item.id, agreement=agreement, party=b.party, grants=grants, **GIVEN)
    return a, b, agreement, bopha, azman, dossier, item


def test_given_received_and_told_back(given: Any) -> None:
    a, b, _, bopha, azman, dossier, item = given
    others = [b.person("Somebody", Role.ADMINISTRATOR, Role.LEGAL)]
    a.parcel(b)
    (theirs,) = b.dossiers.list_dossiers(azman.who)
    assert (theirs.party, theirs.ref) == (a.party, dossier)
    assert all(not b.dossiers.list_dossiers(each.who) for each in others)
    assert refusal(lambda: b.dossiers.get_dossier(others[0].who, theirs.id)) == "unknown-dossier"
    kept = b.dossiers.get_dossier(azman.who, theirs.id)
    (arrived,) = kept.items
    assert (arrived.sha256, arrived.size, arrived.party, arrived.holder) == (item.sha256, item.size, a.party, "")
    released = b.release(azman, theirs.id, arrived.id)
    body = b"".join(b.dossiers.read_body(azman.who, theirs.id, arrived.id)[1])
    assert open_item(body, released, azman.secret) == (NAME, PLAIN)
    assert refusal(lambda: b.dossiers.receive(azman.who, theirs.id, arrived.id, "0" * 64)) == "broken"
    b.dossiers.receive(azman.who, theirs.id, arrived.id, item.sha256)
    assert b.acts(azman, theirs.id) == ["arrive", "release", "receive"]
    b.parcel(a)
    assert a.acts(bopha, dossier)[-2:] == ["give", "received-there"]
    (told,) = a.dossiers.get_dossier(bopha.who, dossier).given
    assert told.party == b.party and told.received_at
    last = a.dossiers.list_events(bopha.who, dossier)[-1]
    receipt = json.loads(last.detail["receipt"])
    assert receipt["ledger"].startswith(f"{b.party}/dossier/") and len(receipt["events"]) == 1
    with a.node.store.read() as reader:
        assert [e.witness for e in custody.list_checkpoints(reader, dossier) if e.witness] == [b.party]


@pytest.mark.parametrize("wrong", ["event", "act", "none", "checkpoint"])
def test_that_it_was_received_is_believed_with_a_proof_that_holds(given: Any, wrong: str) -> None:
    a, b, _, bopha, azman, dossier, item = given
    a.parcel(b)
    (theirs,) = b.dossiers.list_dossiers(azman.who)
    (arrived,) = b.dossiers.get_dossier(azman.who, theirs.id).items
    real = b.dossiers.proof

    def forged(who: Any, dossier: str, *, positions: Any) -> bytes:
        made = read_proof(real(who, dossier, positions=[0] if wrong == "act" else positions))
        (event,) = made.events
        changes: dict[str, Any] = {
            "event": {"events": (msgspec.structs.replace(event, event=event.event.replace(b"receive", b"Receive")),)},
            "none": {"events": ()},
            "checkpoint": {"checkpoint": made.checkpoint.rpartition(" ")[0] + " " + "A" * 92 + "\n"},
        }
        return write_proof(msgspec.structs.replace(made, **changes.get(wrong, {})))

    with mock.patch.object(b.dossiers, "proof", forged):
        b.dossiers.receive(azman.who, theirs.id, arrived.id, item.sha256)
    b.parcel(a)
    assert "received-there" not in a.acts(bopha, dossier)
    assert len(a.node.federation.ledger.list_quarantined()) == 1
    b.dossiers.receive(azman.who, theirs.id, arrived.id, item.sha256)
    b.parcel(a)
    assert a.acts(bopha, dossier)[-1] == "received-there"


def test_given_again_it_is_the_same_item_with_more_readers(given: Any) -> None:
    a, b, agreement, bopha, azman, dossier, item = given
    chan = b.person("Chan", Role.LEGAL)
    a.parcel(b)
    grants = grants_for(a, b, bopha, dossier, item.id, chan)
    a.dossiers.give(bopha.who, dossier, item.id, agreement=agreement, party=b.party, grants=grants, **GIVEN)
    a.parcel(b)
    (theirs,) = b.dossiers.list_dossiers(chan.who)
    kept = b.dossiers.get_dossier(chan.who, theirs.id)
    assert len(kept.items) == 1 and {each.person for each in kept.grants} == {azman.id, chan.id}
    assert b.release(chan, theirs.id, kept.items[0].id)


def test_one_that_was_refused_there_makes_no_forked_past(given: Any) -> None:
    a, b, agreement, bopha, azman, dossier, item = given
    a.parcel(b)
    chan = b.person("Chan", Role.LEGAL, key=False)
    for reader in (chan, azman, azman):
        grants = grants_for(a, b, bopha, dossier, item.id, reader)
        a.dossiers.give(bopha.who, dossier, item.id, agreement=agreement, party=b.party, grants=grants, **GIVEN)
        a.parcel(b)
    (held,) = b.node.federation.ledger.list_quarantined()
    assert "sealed to nobody here" in str(held), "and nothing but that"
    (theirs,) = b.dossiers.list_dossiers(azman.who)
    (arrived,) = b.dossiers.get_dossier(azman.who, theirs.id).items
    for _ in range(2):
        b.dossiers.receive(azman.who, theirs.id, arrived.id, item.sha256)
        b.parcel(a)
    assert a.acts(bopha, dossier).count("received-there") == 1, "said twice it is one"
    assert not a.node.federation.ledger.list_quarantined()


def test_what_bars_a_giving(given: Any) -> None:
    a, b, agreement, bopha, azman, dossier, item = given
    grants = grants_for(a, b, bopha, dossier, item.id, azman)

    def give(**more: Any) -> str:
        asked = {"agreement": agreement, "party": b.party, "grants": grants, **GIVEN} | more
        return refusal(lambda: a.dossiers.give(bopha.who, dossier, item.id, **asked))

    assert give(basis="") == "no-basis" and give(purpose="") == "no-purpose"
    assert give(grants=()) == "bad-reader" and give(party=a.party) == "no-party"
    assert give(agreement="0" * 64) == "unknown-agreement"
    ours = Handed(name="Bopha", key=bopha.key, box=grants[0].box)
    assert give(grants=(ours,)) == "own-key"
    narrow = a.agreements.draft(
        "No seals",
        [a.party, b.party],
        msgspec.structs.replace(TERMS, types=("intelligence",)),
        starts=a.now() - 10**7,
        by="test",
    )
    signed_ = a.agreements.sign(narrow.agreement, by="test")
    b.agreements.receive_note(signed_.note, signed_.document_bytes, by="test")
    both = b.agreements.sign(narrow.agreement, by="test")
    a.agreements.receive_note(both.note, both.document_bytes, by="test")
    assert give(agreement=narrow.agreement) not in ("", "no-basis"), "its clause 3 has no sealed items"
    assert (agreement, b.party) in a.dossiers.partners()
    assert (narrow.agreement, b.party) not in a.dossiers.partners()
    with mock.patch("kouprey.proceedings.service.crossing.LARGEST_GIVEN", 10):
        assert give() == "too-large"


def test_sealed_to_nobody_here_it_waits_in_quarantine(two: Any) -> None:
    a, b, agreement = two
    bopha, azman = a.person("Bopha"), b.person("Azman", key=False)
    dossier = a.dossier(bopha)
    item = a.item(dossier, bopha).id
    grants = grants_for(a, b, bopha, dossier, item, azman)
    a.dossiers.give(bopha.who, dossier, item, agreement=agreement, party=b.party, grants=grants, **GIVEN)
    a.parcel(b)
    assert not b.dossiers.list_dossiers(azman.who)
    b.dossiers.set_key(azman.who, azman.key)
    (held,) = b.node.federation.ledger.list_quarantined()
    assert "sealed to nobody here" in str(held)
    a.dossiers.give(bopha.who, dossier, item, agreement=agreement, party=b.party, grants=grants, **GIVEN)
    a.parcel(b)
    assert len(b.dossiers.list_dossiers(azman.who)) == 1, "with the key known, it is taken when it is given again"


def test_a_rebuilt_past_is_refused_by_whoever_saw_it(given: Any) -> None:
    """Scenario 21: an operator rewrites an event and everything after it, and signs it all anew with the node's key."""
    a, b, agreement, bopha, azman, dossier, item = given
    a.parcel(b)
    assert len(b.dossiers.list_dossiers(azman.who)) == 1
    forge(a, dossier, 0)
    assert not list(a.dossiers.list_findings()), "at home nothing shows any more"
    chan = b.person("Chan", Role.LEGAL)
    grants = grants_for(a, b, bopha, dossier, item.id, chan)
    a.dossiers.give(bopha.who, dossier, item.id, agreement=agreement, party=b.party, grants=grants, **GIVEN)
    a.parcel(b)
    assert not b.dossiers.list_dossiers(chan.who), "it was not taken"
    (held,) = b.node.federation.ledger.list_quarantined()
    assert "not the one that was seen before" in str(held)


def forge(a: Any, dossier: str, position: int) -> None:
    """Another reason in an event, another leaf, and every checkpoint signed anew."""
    with a.node.store.read() as reader:
        lines = custody.list_lines(reader, dossier)
    raw = lines[position].raw.replace(b"prosecutor", b"prosecutrix")
    leaves = [leaf_hash(raw) if line.position == position else line.leaf for line in lines]

    def work(tx: Any) -> None:
        where = "WHERE dossier = ? AND position = ?"
        tx.execute(f"UPDATE dossier_custody SET raw = ?, leaf = ? {where}", (raw, leaf_hash(raw), dossier, position))
        for size in range(1, len(leaves) + 1):
            point = signed.Checkpoint(a.dossiers.origin(dossier), size, Tree(leaves[:size]).root())
            note = signed.sign_checkpoint(point, *a.dossiers._ring.signers)
            tx.execute("UPDATE dossier_checkpoint SET note = ? WHERE dossier = ? AND size = ?", (note, dossier, size))

    a.node.store.write(work)


def test_a_partner_who_asks_gets_it_removed_unless_it_is_held(given: Any) -> None:
    a, b, _, _, azman, _, _ = given
    a.parcel(b)
    (theirs,) = b.dossiers.list_dossiers(azman.who)
    (arrived,) = b.dossiers.get_dossier(azman.who, theirs.id).items
    with b.node.store.read() as reader:
        origin, index = reader.one("SELECT origin, entry_index FROM dossier_item WHERE id = ?", (arrived.id,)) or ()
    words = {"why": "the court of Talay", "scope": "this item", "review": b.now() + DAY}
    hold = b.dossiers.hold(azman.who, theirs.id, item=arrived.id, **words)
    assert b.dossiers.erase_received(origin, a.party, [index]) == {index}
    assert b.acts(azman, theirs.id)[-1] == "kept-by-hold"
    assert b.release(azman, theirs.id, arrived.id)
    b.dossiers.lift_hold(azman.who, theirs.id, hold.id, why="over")
    assert b.dossiers.erase_received(origin, "other.example", [index]) == set()
    assert b.release(azman, theirs.id, arrived.id)
    assert b.dossiers.erase_received(origin, a.party, [index]) == set()
    assert refusal(lambda: b.release(azman, theirs.id, arrived.id)) == "disposed"
    assert BASIS and b.dossiers.erase_received(origin, a.party, []) == set()
