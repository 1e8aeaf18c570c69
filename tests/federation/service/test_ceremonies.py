"""A new root key needs the word of the old one; and a year of ceremonies, with entries flowing, loses none."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec

from federation.service.turning import contents, finish, refusal, replace_key, replace_root, rotate, step, well
from kouprey.agreements.wire import VersionText, agreement_id, render_document, render_version
from kouprey.federation import store as rows
from kouprey.federation.model import (
    CARD_MEDIA_TYPE,
    KEY_STATEMENT_MEDIA_TYPE,
    ROOT_STATEMENT_MEDIA_TYPE,
    Paper,
)
from kouprey.federation.service.ceremonies import KeyKind
from kouprey.federation.wire.statement import KeyStatement, render_statement
from kouprey.kernel.seal import keyring
from kouprey.kernel.seal.checkpoint import Checkpoint, sign_checkpoint
from kouprey.kernel.seal.keys import SigningKey
from kouprey.kernel.seal.notes import sign_note
from kouprey.people.model import RootStatement
from kouprey.people.wire import render_card, render_root_statement


def test_a_new_root_key_is_taken_with_the_word_of_the_old_one_and_never_without(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    a.publish(agreement, contents(1, "old root"))
    b.sync(a)
    old = a.people.home().card.root
    words = b.people.fingerprint(a.party)
    rotate(a)
    finish(a)
    a.sync(b)
    replace_root(a)
    card = a.people.home().card
    assert card.root != old and a.ring.root_before is None
    assert refusal(lambda: b.people.receive_card(a.people.home().note, by="mail")) == "other-root"
    assert b.people.fingerprint(a.party) == words
    a.sync(b)
    assert b.people.get_party(a.party).card == card
    assert b.people.fingerprint(a.party) == a.people.fingerprint(a.party) != words
    standing = b.agreements.get_standing(agreement)
    assert standing.signed and not standing.suspended_between(a.party), "what names the old root stays in force"
    a.publish(agreement, contents(1, "new root"))
    b.sync(a)
    assert b.got == [*contents(1, "old root"), *contents(1, "new root")]
    # Everything said anew, as to a node that was restored, is taken: nothing waits for ever.
    taken, problems = b.federation.papers.take(a.federation.papers.for_party(b.party), by=a.party)
    assert problems == [] and taken
    # The next version names the key of today, and both sign it.
    newest = b.agreements.list_versions(agreement)[-1]
    b.agreements.draft(
        newest.document.title, [a.party], newest.document.terms, starts=newest.in_force_from, amends=agreement, by="t"
    )
    signed = b.agreements.sign(agreement, by="test")
    a.agreements.receive_note(signed.note, signed.document_bytes, by=b.party)
    assert not a.agreements.sign(agreement, by="test").missing


def test_a_thief_of_the_old_root_key_gets_nowhere_once_it_is_replaced(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(1))
    b.sync(a)
    stolen, name = a.ring.require_root(), f"{a.party}/root"
    before = a.people.home().card
    replace_root(a)
    a.sync(b)
    thief = SigningKey.generate()
    papers = b.federation.papers

    def offer(media_type: str, note: bytes) -> list[str]:
        return papers.take([Paper(media_type, note)], by="thief")[1]

    later = replace(a.ring, root=stolen, node=thief)
    card = msgspec.structs.replace(before, nodes=(thief.vkey(f"{a.party}/node"),), serial=before.serial + 10**6)
    assert offer(CARD_MEDIA_TYPE, render_card(card, later)) == [], "an old card, and nothing of it is kept"
    assert thief.public not in b.federation.admission.keys.every(a.party)
    assert b.people.get_party(a.party).card.root != before.root
    # Another key that follows the stolen one, and one that the stolen one is said to follow.
    for first, second in ((stolen, thief), (thief, stolen)):
        said = RootStatement(party=a.party, before=first.vkey(name), root=second.vkey(name), keep=(), issued=0)
        note = render_root_statement(said, first, second)
        assert "Another root key is already trusted" in offer(ROOT_STATEMENT_MEDIA_TYPE, note)[0]
    revoked = KeyStatement(
        party=a.party, revoked=a.ring.node.vkey(f"{a.party}/node"), after=(), serial=10**17, issued=0
    )
    assert offer(KEY_STATEMENT_MEDIA_TYPE, render_statement(revoked, stolen))
    assert b.federation.admission.keys.revoked(a.party) == {}
    # A version of an agreement that names the stolen key, signed by it.
    forged = a.agreements.list_versions(agreement)[-1].document
    raw = render_document(msgspec.structs.replace(forged, title="Forged"))
    text = render_version(
        VersionText(
            agreement=agreement_id(raw),
            number=1,
            previous=b"",
            document_sha256=sha256(raw).digest(),
            document_length=len(raw),
            in_force_from=0,
        )
    )
    assert refusal(lambda: b.agreements.receive_note(sign_note(text, [(name, stolen)]), raw, by="t")) == "other-root"


def test_two_root_keys_later_a_partner_that_was_away_follows(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(1, "first"))
    b.sync(a)
    replace_root(a)
    rotate(a)
    finish(a, compromised=True)
    replace_root(a)
    a.publish(agreement, contents(1, "third"))
    parcel = BytesIO()
    a.federation.parcels.make(b.party, parcel, by="test")
    # The first papers are of the days of the old node key, and the request is not signed by it any more.
    assert refusal(lambda: a.sync(b)) == "bad-signature"
    a.sync(b)
    b.sync(a)
    assert b.people.get_party(a.party).card == a.people.home().card
    assert b.got == [*contents(1, "first"), *contents(1, "third")]
    parcel.seek(0)
    assert b.federation.parcels.read(parcel, by="test").problems == []
    # Who was never told of the earlier keys takes the proofs of then, by the word of the key trusted today.
    c = world.actor("neighbour.example")
    c.people.trust(a.people.home().note, by="t")
    _, problems = c.federation.papers.take(a.federation.papers.for_party(b.party)[:5], by=a.party)
    assert problems == []
    assert len(c.federation.admission.keys.every(a.party)) == 2


def test_a_root_rotation_that_was_killed_goes_on(world: Any) -> None:
    a, b, agreement = world.pair()
    a.federation.rotation.prepare()
    step(a, keyring.begin_root)
    assert refusal(lambda: keyring.begin_root(a.folder / "keys")) == "rotation-under-way"
    a.people.follow_root([], by="test")
    step(a)
    a.federation.rotation.announce(by="test")
    a.federation.rotation.announce(by="test")
    step(a, keyring.end_root)
    a.sync(b)
    assert b.people.get_party(a.party).card == a.people.home().card
    assert len(b.people.list_root_statements(a.party)) == 1
    assert refusal(lambda: a.people.follow_root([], by="test")) == "no-rotation"
    a.publish(agreement, contents(1))
    b.sync(a)
    assert len(b.got) == 1


def test_a_year_of_ceremonies_loses_no_entry(each_world: Any) -> None:
    """Every rotation, a theft cut off by size, and a new root key, with entries before, during and after each."""
    a, b, agreement = each_world.pair()
    given: dict[str, list[bytes]] = {a.party: [], b.party: []}

    def flow(mark: str, count: int = 2) -> None:
        """Both publish; nothing is brought yet."""
        for actor in (a, b):
            fresh = contents(count, f"{actor.party} {mark}")
            actor.publish(agreement, fresh)
            given[actor.party] += fresh

    def exchange() -> None:
        for first, second in ((a, b), (b, a), (a, b)):
            first.sync(second)
        assert (a.got, b.got) == (given[b.party], given[a.party])
        assert a.federation.rotation.unheard() == b.federation.rotation.unheard() == []

    flow("founded")
    exchange()
    rotate(a)
    flow("both keys")
    exchange()
    finish(a)
    flow("new key")
    exchange()
    for change in (keyring.replace_receipt, keyring.replace_age):
        flow(f"before {change.__name__}")
        replace_key(b, change)
        flow(f"after {change.__name__}")
        exchange()
    thief = a.ring.node
    with a.store.read() as reader:
        lane = rows.list_lanes(reader, mine=True)[0]
    rotate(a)
    flow("stolen")
    finish(a, compromised=True)
    flow("after the theft")
    exchange()
    with a.store.read() as reader:
        cut = rows.find_lane(reader, lane_id=lane.id).signed_size
    beyond = sign_checkpoint(Checkpoint(lane.origin, cut + 1, bytes(32)), thief)
    keys = b.federation.admission.keys
    assert refusal(lambda: keys.open(beyond, lane.origin, a.party)) == "revoked-key"
    for actor in (a, b):
        flow(f"before the root of {actor.party}")
        replace_root(actor)
        flow(f"after the root of {actor.party}")
        exchange()
    # By stick alone, after all of it.
    flow("by stick")
    for first, second in ((a, b), (b, a)):
        parcel = BytesIO()
        first.federation.parcels.make(second.party, parcel, by="test")
        parcel.seek(0)
        assert second.federation.parcels.read(parcel, by="test").problems == []
    exchange()
    assert {len(each) for each in given.values()} == {28}
    for actor in (a, b):
        well(actor)
        assert all(
            [each.size for each in lane.confirmations] == [lane.signed_size]
            for lane in actor.own_lanes()
            if lane.state == rows.OPEN
        )
        assert actor.agreements.get_standing(agreement).signed


def test_a_ledger_and_a_proof_from_before_still_verify(world: Any, tmp_path: Path) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2, "old root"))
    b.sync(a)
    for _ in range(2):
        replace_root(a)
        a.publish(agreement, contents(1, "new root"))
        for first, second in ((a, b), (b, a), (a, b)):
            first.sync(second)
    path = tmp_path / "ledger.jsonl"
    for actor in (a, b):
        whole = b"".join(actor.federation.ledger.export(agreement))
        path.write_bytes(whole)
        code, said = verify("verify_ledger.py", path, "--trust", f"{a.party}={a.people.home().card.root}")
        assert code == 0, said
        # Without the word of the newest key, nothing of an earlier one counts.
        lines = [line for line in whole.splitlines(keepends=True) if b'"type":"root"' not in line]
        digest = sha256(b"".join(lines[:-1])).hexdigest()
        path.write_bytes(b"".join(lines[:-1]) + msgspec.json.encode({"type": "end", "sha256": digest}) + b"\n")
        code, said = verify("verify_ledger.py", path)
        assert code == 1 and "another root key" in said
    with b.store.read() as reader:
        (lane,) = rows.list_lanes(reader, mine=False)
    proof = tmp_path / "one.tlog-proof"
    proof.write_bytes(b.federation.proofs.prove(lane.tag, 1, content=True))
    with b.store.read() as reader:
        kept = [note for _, party, note in rows.list_cards(reader) if party == a.party]
    words = []
    for number, note in enumerate([*kept, *b.people.list_root_notes(a.party), a.people.home().note]):
        (tmp_path / f"{number}.card").write_bytes(note)
        words += ["--card", tmp_path / f"{number}.card"]
    code, said = verify("verify_proof.py", proof, *words)
    assert code == 0 and f"signed by {a.party}" in said, said


def verify(name: str, *words: object) -> tuple[int, str]:
    command = [sys.executable, str(Path(__file__).parents[3] / "examples" / name), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_what_is_seen_of_keys_while_they_change(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    a.publish(agreement, contents(2))
    b.sync(a)
    words = a.people.fingerprint(a.party)
    first = a.federation.ceremonies.look()
    assert [(key.kind, key.leaving) for key in first.own] == [
        (KeyKind.ROOT, False),
        (KeyKind.NODE, False),
        (KeyKind.RECEIPT, False),
        (KeyKind.AGE, False),
    ]
    assert first.root_here and first.replacing is None and first.revoked == ()
    assert [each.heard for each in first.partners] == [True]
    rotate(a)
    during = a.federation.ceremonies.look()
    assert during.replacing is KeyKind.NODE and during.heard == ()
    assert [key.leaving for key in during.own if key.kind is KeyKind.NODE] == [False, True]
    old = first.own[1]
    leaving = next(key for key in during.own if key.leaving)
    assert (leaving.key, leaving.words, leaving.since) == (old.key, old.words, old.since)
    a.sync(b)
    finish(a)
    replace_root(a)
    a.sync(b)
    after, seen = a.federation.ceremonies.look(), b.federation.ceremonies.look()
    assert len(after.heard) == 1 and after.replacing is None
    (gone,) = after.revoked
    assert (gone.key, [(cut.size, cut.title) for cut in gone.cuts]) == (old.key, [(3, "An agreement")])
    (partner,) = seen.partners
    assert partner.words == a.people.fingerprint(a.party) and partner.earlier == (words,)
    assert partner.issued == a.people.home().card.issued
    assert [each.key for each in partner.revoked] == [old.key]
    assert [cut.tag for cut in partner.revoked[0].cuts] == [cut.tag for cut in gone.cuts]
