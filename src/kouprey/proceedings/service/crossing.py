"""Across a border: an item goes, sealed, to named readers of a partner, and both custody ledgers show it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from hashlib import sha256
from typing import Any

import msgspec

from kouprey.federation.model import EntryBody, LaneClass
from kouprey.federation.service import Delivery
from kouprey.kernel.seal.checkpoint import Checkpoint, cosign, open_checkpoint, verify_cosignature
from kouprey.kernel.seal.keys import VerifyKey
from kouprey.kernel.seal.notes import split_note
from kouprey.kernel.seal.tree import Tree, verify_consistency, verify_inclusion
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, KoupreyError, Refused
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.time import SECOND
from kouprey.kernel.words.tlp import TLP
from kouprey.proceedings import rules
from kouprey.proceedings import store as rows
from kouprey.proceedings.model import Act, Dossier, Given, Grant, Handed, Item, Member, Part
from kouprey.proceedings.service.dossiers import drawn_name
from kouprey.proceedings.service.gating import Gating
from kouprey.proceedings.service.ledgering import origin_of
from kouprey.proceedings.store import custody
from kouprey.proceedings.wire import (
    LARGEST_GIVEN,
    MEDIA_TYPE,
    Give,
    GoesOn,
    GrantWire,
    Received,
    read_message,
    write_message,
)
from kouprey.proceedings.wire.proofs import Proof, read_event, read_proof

MOST_SIZES = 50
"""Earlier sizes of a ledger from which its going on is proven."""


class Crossing(Gating):
    """Verbs about what is given to a partner and what comes from one."""

    def give(
        self,
        who: decision.Reader,
        dossier: str,
        item: str,
        *,
        agreement: str,
        party: str,
        grants: Sequence[Handed],
        purpose: str,
        basis: str,
        tlp: TLP = TLP.AMBER,
    ) -> Given:
        """Give an item to named readers of a partner, whose keys `grants` were sealed for on a reader's machine.

        Their node releases it to each of them; ours cannot. It needs a basis, whatever the hurry. A lane carries sealed
        bodies of up to 640 KiB. Refused with the clause where the agreement does not allow it.
        """
        wanted = rules.read_purpose(purpose)
        basis = rules.check_text(basis, "the basis") if basis.strip() else ""
        rules.check_basis(basis, False, "")
        label = self._label(agreement, party, tlp, who)
        said = self._to_give(who, dossier, item, party, grants, str(wanted), basis)
        raw = write_message(said)
        # What goes out is what a partner can read.
        read_message(raw)
        size = signed_size(said.checkpoint)

        def work(tx: Tx) -> Given:
            rules.check_custodian(self._get(tx, who, dossier)[1])
            rules.check_there(self._item(tx, who, dossier, item))
            entry = EntryBody(media_type=MEDIA_TYPE, label=label, content=raw)
            self._lanes.queue(tx, agreement, [entry], lane_class=LaneClass.PRIORITY, parties=(party,))
            now = self._clock()
            for each in grants:
                if rows.find_key(tx, each.key) is not None:
                    raise Refused(
                        "One of these keys is of a person of ours.",
                        f"The key {each.key[:16]}… is no key of a reader there.",
                        "Name them in the dossier instead, and seal it to them through this node.",
                        code="own-key",
                    )
                made = Grant(item=item, key=each.key, box=each.box, by=who.name, at=now, party=party, name=each.name)
                custody.put_grant(tx, made)
            given = Given(dossier=dossier, item=item, party=party, agreement=agreement, size=size, at=now)
            custody.put_given(tx, given)
            detail: dict[str, Any] = {"to": party, "agreement": agreement, "purpose": str(wanted), "basis": basis}
            detail["size"] = size
            detail |= {"readers": [{"name": each.name, "key": each.key} for each in grants], "sha256": said.sha256}
            self._append(tx, dossier, Act.GIVE, who.name, item=item, detail=detail)
            return given

        return self._record(dossier, work)

    def _to_give(
        self,
        who: decision.Reader,
        dossier: str,
        item: str,
        party: str,
        grants: Sequence[Handed],
        purpose: str,
        basis: str,
    ) -> Give:
        """What goes out: the sealed body, the keys, and how our ledger goes on from what they saw of it."""
        held, pieces = self.read_body(who, dossier, item)
        if held.size > LARGEST_GIVEN:
            raise Refused(
                "The item is too large for a lane.",
                f"It has {held.size:,} bytes, and {LARGEST_GIVEN:,} may be.",
                "Divide it, or carry the sealed file by hand; the grants can go by themselves.",
                code="too-large",
            )
        body = b"".join(pieces)
        named = [GrantWire(to=each.key, box=each.box) for each in grants]
        if not named or not all(each.name for each in grants):
            raise Damaged("It is not said who opens it.", remedy="Name each reader.", code="bad-reader")
        point = self.sign(dossier)
        with self._store.read() as reader:
            lines = custody.list_lines(reader, dossier)
        tree = Tree([line.leaf for line in lines])
        told = [read_event(dossier, line.raw).detail for line in lines if line.act == Act.GIVE]
        # One of them may have been refused there, so they may have seen an earlier one last.
        sizes = sorted({int(each["size"]) for each in told if each["to"] == party})[-MOST_SIZES:]
        return Give(
            v=1,
            dossier=dossier,
            item=item,
            kind=held.kind,
            sha256=held.sha256,
            body=body,
            grants=tuple(named),
            purpose=purpose,
            basis=basis,
            checkpoint=point.note.decode(),
            goes_on=tuple(GoesOn(since=size, path=tuple(tree.consistency_proof(size, point.size))) for size in sizes),
        )

    def receive(self, who: decision.Reader, dossier: str, item: str, sha256: str) -> Item:
        """Take an item into custody; of one that a partner gave, they are told, with the proof of it."""
        with self._store.read() as reader:
            found, _ = self._get(reader, who, dossier)
            held = self._item(reader, who, dossier, item)
        if not held.party or held.offered or held.holder not in ("", who.name):
            return super().receive(who, dossier, item, sha256)
        self._check_measured(held, sha256)
        if held.holder:
            # Received already: said once more, in case it was never said.
            self._tell_received(who, found, held)
            return held

        def take(tx: Tx) -> Item:
            detail = {"from": held.party, "sha256": held.sha256, "their_item": held.ref, "their_dossier": found.ref}
            self._append(tx, dossier, Act.RECEIVE, who.name, item=item, detail=detail)
            return self._change(tx, self._item(tx, who, dossier, item), holder=who.name)

        taken = self._record(dossier, take)
        self._tell_received(who, found, taken)
        return taken

    def apply(self, tx: Tx, deliveries: Sequence[Delivery]) -> list[KoupreyError | None]:
        """Keep what partners give, and that they received; for each None, or why not. Never raises for content."""
        answers: list[KoupreyError | None] = []
        for delivery in deliveries:
            try:
                said = read_message(delivery.content)
                if isinstance(said, Give):
                    self._arrive(tx, delivery, said)
                else:
                    self._received_there(tx, delivery, said)
            except KoupreyError as error:
                answers.append(error)
            else:
                answers.append(None)
        return answers

    def erase_received(self, origin: str, author: str, indices: Sequence[int]) -> Collection[int]:
        """A partner asks that what he gave goes; gives those that a hold keeps, which their ledger says."""

        def work(tx: Tx) -> tuple[set[int], set[str]]:
            kept, touched = set(), set()
            for index, item in rows.list_in_entries(tx, origin, min(indices), max(indices)):
                if index not in indices or item.party != author or item.disposed_at:
                    continue
                touched.add(item.dossier)
                if holds := custody.list_holds(tx, item.dossier, covering=item.id):
                    kept.add(index)
                    detail = {"hold": holds[0].id, "asked_by": author}
                    self._append(tx, item.dossier, Act.KEPT, author, item=item.id, detail=detail)
                else:
                    self._dispose(tx, item, author, "its author asked for it")
            return kept, touched

        if not indices:
            return set()
        kept, touched = self._store.write(work)
        for dossier in sorted(touched):
            self.sign(dossier)
        return kept

    def sign_open(self) -> int:
        """Sign ledgers whose newest events came by a lane, or whose newest signature is by a replaced key; how many."""
        with self._store.read() as reader:
            newest = {
                each: custody.find_checkpoint(reader, each, custody.count_lines(reader, each))
                for each in rows.list_ids(reader)
            }
        waiting = [each for each, point in newest.items() if point is None or not self._is_ours(point)]
        for each in waiting:
            self.sign(each)
        return len(waiting)

    def _arrive(self, tx: Tx, delivery: Delivery, said: Give) -> None:
        if sha256(said.body).hexdigest() != said.sha256:
            raise Damaged("The item is not as it was sealed.", "Its SHA-256 is another.", code="broken")
        owners = {each.to: key.person for each in said.grants if (key := rows.find_key(tx, each.to)) is not None}
        active = {each.id for each in self._people.list_persons(reader=tx) if each.active}
        owners = {key: person for key, person in owners.items() if person in active}
        if not owners:
            raise Refused(
                "The item is sealed to nobody here.",
                "None of its keys is of a person of ours.",
                "Whoever it is for adds their key on the page Dossiers; then ask for it to be given again.",
                code="no-reader",
            )
        found = rows.find_by_ref(tx, delivery.author, said.dossier)
        point = self._check_goes_on(tx, delivery.author, said, found)
        now = self._clock()
        if found is None:
            found = Dossier(
                id=new_id("dos"), name=drawn_name(), by=delivery.author, at=now, party=delivery.author, ref=said.dossier
            )
            rows.add_dossier(tx, found)
        for person in sorted(set(owners.values())):
            if rows.find_member(tx, found.id, person) is None:
                why = "an item was sealed to them"
                made = Member(dossier=found.id, person=person, part=Part.CUSTODIAN, at=now, by=delivery.author, why=why)
                rows.add_member(tx, made)
        item = self._keep_arrived(tx, delivery, said, found)
        for each in said.grants:
            if each.to in owners:
                grant = Grant(
                    item=item.id, key=each.to, box=each.box, by=delivery.author, at=now, person=owners[each.to]
                )
                custody.put_grant(tx, grant)
        if point is not None:
            custody.put_seen(tx, found.id, point.size, said.checkpoint.encode())
        detail: dict[str, Any] = {"from": delivery.author, "agreement": delivery.agreement, "sha256": said.sha256}
        detail |= {"their_item": said.item, "their_dossier": said.dossier, "purpose": said.purpose}
        detail |= {"basis": said.basis, "readers": sorted(owners)}
        self._append(tx, found.id, Act.ARRIVE, delivery.author, item=item.id, detail=detail)

    def _keep_arrived(self, tx: Tx, delivery: Delivery, said: Give, found: Dossier) -> Item:
        """The item as it came, once: given again it has more readers, and is the same."""
        every = rows.list_items(tx, found.id)
        held = next((each for each in every if (each.ref, each.sha256) == (said.item, said.sha256)), None)
        if held is not None:
            rules.check_there(held)
            return held
        made = Item(
            id=new_id("itm"),
            dossier=found.id,
            number=len(every) + 1,
            kind=said.kind,
            sha256=said.sha256,
            size=len(said.body),
            at=self._clock(),
            by=delivery.author,
            party=delivery.author,
            ref=said.item,
        )
        rows.add_item(tx, made, delivery.origin, delivery.index)
        for part, start in enumerate(range(0, len(said.body), rows.PIECE)):
            rows.add_piece(tx, made.id, part, said.body[start : start + rows.PIECE])
        return made

    def _check_goes_on(self, tx: Tx, author: str, said: Give, found: Dossier | None) -> Checkpoint | None:
        """The checkpoint that came along, where it goes on from the one seen last; None for an older one.

        Refused (`forked-ledger`) where it does not: then somebody there has written another past.
        """
        point = open_checkpoint(said.checkpoint.encode(), origin_of(author, said.dossier), self._nodes_of(tx, author))
        seen = custody.find_seen(tx, found.id) if found is not None else None
        if seen is None:
            return point
        before = Checkpoint.parse(split_note(seen[1])[0])
        if point.size < before.size:
            return None
        path = next((each.path for each in said.goes_on if each.since == before.size), None)
        if path is None and before != point:
            raise Refused(
                "It cannot be seen whether the ledger of this dossier goes on from what was seen before.",
                f"There is no proof from its first {before.size} events.",
                "Ask for it to be given again.",
                code="unproven-ledger",
            )
        if before != point and not verify_consistency(before.size, point.size, before.root, point.root, path or ()):
            raise Refused(
                "The ledger of this dossier is not the one that was seen before.",
                f"What its node signs now does not go on from the first {before.size} events that it signed before.",
                "Keep this: both are signed. Speak to a custodian there by another road.",
                code="forked-ledger",
                detail={"size": before.size},
            )
        return point

    def _nodes_of(self, tx: Tx, party: str) -> list[bytes]:
        return [VerifyKey.parse(each).public for each in self._people.get_party(party, tx).card.nodes]

    def _tell_received(self, who: decision.Reader, found: Dossier, item: Item) -> None:
        """Say to whoever gave it that it was received, with the proof, and our line on what they had signed."""
        with self._store.read() as reader:
            came = next(
                line
                for line in reversed(custody.list_lines(reader, found.id))
                if line.item == item.id and line.act == Act.ARRIVE
            )
            taken = [each for each in custody.list_lines(reader, found.id) if each.item == item.id]
            seen = custody.find_seen(reader, found.id)
        told = msgspec.json.decode(came.raw)["detail"]
        positions = [each.position for each in taken if each.act == Act.RECEIVE][-1:]
        name = VerifyKey.parse(self._people.home().card.receipt).name
        line = cosign(seen[1], name, self._ring.receipt, self._clock() // SECOND) if seen is not None else b""
        said = Received(
            v=1,
            dossier=found.ref,
            item=item.ref,
            sha256=item.sha256,
            proof=self.proof(who, found.id, positions=positions),
            size=seen[0] if seen is not None else 0,
            cosignature=line.decode(),
        )
        label = self._label(told["agreement"], found.party, TLP.AMBER, who)
        entry = EntryBody(media_type=MEDIA_TYPE, label=label, content=write_message(said))
        self._store.write(
            lambda tx: self._lanes.queue(
                tx, told["agreement"], [entry], lane_class=LaneClass.PRIORITY, parties=(found.party,)
            )
        )

    def _received_there(self, tx: Tx, delivery: Delivery, said: Received) -> None:
        held = rows.find_item(tx, said.item)
        if held is None or held.dossier != said.dossier or held.sha256 != said.sha256:
            raise Refused("They received what was never given.", code="unknown-item")
        keys = self._nodes_of(tx, delivery.author)
        if not proves(read_proof(said.proof), Act.RECEIVE, said.sha256, delivery.author, keys):
            raise Refused(
                "That it was received is not proven.",
                "The proof is of another ledger, of another deed, or not signed by their node.",
                "Ask them to receive it once more.",
                code="unproven",
            )
        given = [e for e in custody.list_given(tx, held.dossier) if (e.item, e.party) == (held.id, delivery.author)]
        if not given:
            raise Refused("It was not given to them.", code="not-given")
        if not custody.set_received(tx, said.item, delivery.author, self._clock()):
            return
        if said.cosignature and (point := custody.find_checkpoint(tx, held.dossier, said.size)) is not None:
            receipt = self._people.get_party(delivery.author, tx).card.receipt
            verify_cosignature(split_note(point.note)[0], said.cosignature.encode(), receipt)
            custody.set_witness(tx, held.dossier, said.size, delivery.author, said.cosignature.encode())
        detail = {"by": delivery.author, "sha256": said.sha256, "receipt": said.proof.decode()}
        self._append(tx, held.dossier, Act.RECEIVED_THERE, delivery.author, item=held.id, detail=detail)


def proves(made: Proof, act: Act, sha256: str, party: str, keys: Sequence[bytes]) -> bool:
    """Whether a proof holds, is of a ledger of `party` signed by one of its nodes, and one event is this deed."""
    if not made.ledger.startswith(origin_of(party, "")):
        return False
    try:
        point = open_checkpoint(made.checkpoint.encode(), made.ledger, keys)
        read = [(read_event("", each.event), each) for each in made.events]
    except KoupreyError:
        return False
    holds = (verify_inclusion(event.leaf, event.position, point.size, each.path, point.root) for event, each in read)
    return all(holds) and any((event.act, event.detail.get("sha256")) == (act, sha256) for event, _ in read)


def signed_size(note: str) -> int:
    """The size that a checkpoint of ours states."""
    return Checkpoint.parse(split_note(note.encode())[0]).size
