"""Our own keys: the node key replaced in two steps or revoked at once, by size; the others in one step each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256

import msgspec

from kouprey.agreements.service import Agreements
from kouprey.federation import store as rows
from kouprey.federation.model import Receipt
from kouprey.federation.service.epochs import COMPROMISED
from kouprey.federation.service.lanes import Lanes
from kouprey.federation.service.nodekeys import NodeKeys
from kouprey.federation.service.papers import Papers
from kouprey.federation.wire.statement import LANES_MAX, Cut, KeyStatement, render_statement
from kouprey.kernel.seal.checkpoint import Checkpoint
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.seal.keys import ALG_COSIGNATURE
from kouprey.kernel.seal.notes import split_note
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.errors import Refused
from kouprey.kernel.words.time import SECOND, Clock, wall_clock
from kouprey.people.model import Party
from kouprey.people.service import People


class Rotation:
    """Says to partners which keys are ours. The key files are changed by the caller, between two steps of these.

    Every step may be repeated; each needs the root key, and no server may run beside it, which would go on with the
    keys it has read.
    """

    def __init__(
        self,
        store: Store,
        people: People,
        lanes: Lanes,
        keyring: Keyring,
        keys: NodeKeys,
        papers: Papers,
        agreements: Agreements,
        clock: Clock = wall_clock,
    ) -> None:
        self._store = store
        self._people = people
        self._lanes = lanes
        self._keyring = keyring
        self._keys = keys
        self._papers = papers
        self._agreements = agreements
        self._clock = clock

    def prepare(self) -> None:
        """Refused while a server runs, Unknown without the root key; else our present card is kept for proofs."""
        self._keyring.require_root()
        if not self._lanes.ready and not self._lanes.start():
            raise Refused(
                "A server of this node is running.",
                "It would go on signing by the key it has read.",
                "Stop it, change the key, and start it again.",
                code="server-running",
            )
        self._keep_card()

    def announce(self, *, by: str) -> Party:
        """Sign a card with the keys of today, if the present one names others, and queue it for every partner.

        A root key that is being replaced vouches for the new one first.
        """
        self.prepare()
        home, ring = self._people.home(), self._keyring
        if ring.root_before is not None:
            self._people.follow_root(self._signed_by_root(), by=by)
            self._store.write(lambda tx: self._keys.sign_anew(tx, home.id, ring.require_root()))
            self._keep_card()
            home = self._people.home()
        due = (
            tuple(key.vkey(f"{home.id}/node") for key in ring.signers),
            (ring.receipt.vkey(f"{home.id}/receipt", alg=ALG_COSIGNATURE),),
            (ring.age_recipient,),
        )
        if (home.card.nodes, home.card.receipts, home.card.ages) != due:
            home = self._people.renew_card(by=by)
            self._keep_card()
        partners = [party.id for party in self._people.list_parties() if not party.home]
        if partners:
            number = self._store.write(lambda tx: tx.positions(1))
            self._papers.keys_changed(partners, number)
        return home

    def revoke_before(self, *, by: str, compromised: bool) -> int:
        """Cut the key off that is being replaced at what we have signed; in how many lanes.

        `compromised`: somebody else may have it, so every epoch ends here and goes on in one that only the new key
        has ever signed.
        """
        self.prepare()
        before = self._keyring.node_before
        if before is None:
            raise Refused(
                "No node key is being replaced.",
                remedy="`kouprey keys rotate` begins with it.",
                code="no-rotation",
            )
        home = self._people.home_id
        if compromised:
            self._lanes.end_all(COMPROMISED)
        with self._store.read() as reader:
            lanes = [lane for lane in rows.list_lanes(reader, mine=True) if lane.signed_size]
            kept = [rows.find_checkpoint(reader, lane.id, lane.signed_size) for lane in lanes]
        cuts = [
            Cut(lane.origin, each.size, each.root) for lane, each in zip(lanes, kept, strict=True) if each is not None
        ]
        key = before.vkey(f"{home}/node")
        self._store.write(lambda tx: self._revoke(tx, key, cuts, by=by, compromised=compromised))
        return len(cuts)

    def revoke_receipt_before(self, *, by: str) -> int:
        """Cut the receipt key off that is being revoked at what we have confirmed; in how many lanes.

        Every receipt is brought again: an author that believed the thief has let go of what we had confirmed to it.
        """
        self.prepare()
        before = self._keyring.receipt_before
        if before is None:
            raise Refused(
                "No receipt key is being revoked.",
                remedy="`kouprey keys revoke --receipt` begins with it.",
                code="no-rotation",
            )
        home = self._people.home_id
        key = before.vkey(f"{home}/receipt", alg=ALG_COSIGNATURE)

        def work(tx: Tx) -> int:
            cuts = []
            for lane in rows.list_lanes(tx, mine=False):
                held = next((each for each in rows.list_receipts(tx, lane.id) if each.party == home), None)
                if held is not None:
                    note = msgspec.json.decode(held.receipt, type=Receipt).note.encode()
                    cuts.append(Cut(lane.origin, held.size, Checkpoint.parse(split_note(note)[0]).root))
                    rows.receipt_in_doubt(tx, lane.id, home)
            self._revoke(tx, key, cuts, by=by, compromised=True)
            return len(cuts)

        return self._store.write(work)

    def _revoke(self, tx: Tx, key: str, cuts: Sequence[Cut], *, by: str, compromised: bool) -> None:
        """Say that a key of ours counts up to these sizes, in as many statements as it takes."""
        home, now = self._people.home_id, self._clock()
        groups = [tuple(cuts[at : at + LANES_MAX]) for at in range(0, len(cuts), LANES_MAX)] or [()]
        for place, group in enumerate(groups):
            said = KeyStatement(party=home, revoked=key, after=group, serial=now + place, issued=now // SECOND * SECOND)
            self._keys.keep(tx, render_statement(said, self._keyring.require_root()), said)
        detail = {"key": key, "lanes": len(cuts), "compromised": compromised}
        audit.append(tx, at=now, actor=by, action="party.revoke-key", subject=home, detail=detail)

    def unheard(self) -> list[str]:
        """Partners who have not been brought our newest papers: their nodes may not know the new key yet."""
        with self._store.read() as reader:
            return sorted(party for party, count in rows.count_papers(reader).items() if count)

    def _signed_by_root(self) -> Iterator[bytes]:
        """SHA-256 of every text our root key has signed and that counts after it, the most important first."""
        home = self._people.home_id
        for note in reversed(self._people.list_root_notes(home)):
            yield sha256(split_note(note)[0]).digest()
        for agreement in self._agreements.standings():
            for version in self._agreements.list_versions(agreement):
                if home in version.signers:
                    yield version.note_sha256
        with self._store.read() as reader:
            cards = [note for _, party, note in rows.list_cards(reader) if party == home]
        texts = [split_note(note)[0] for note in (self._people.home().note, *cards)]
        yield from (sha256(text).digest() for text in sorted(texts, key=_serial_of, reverse=True))

    def _keep_card(self) -> None:
        home = self._people.home()
        statement = sha256(split_note(home.note)[0]).hexdigest()
        self._store.write(lambda tx: rows.keep_card(tx, statement, home.id, home.note))


def _serial_of(text: bytes) -> int:
    return next(int(line[7:]) for line in text.split(b"\n") if line.startswith(b"serial "))
