"""Keys of parties: which ones count, which were revoked, and in each lane up to where."""

from __future__ import annotations

from hashlib import sha256

from kouprey.federation import store as rows
from kouprey.federation.model import ReasonCode
from kouprey.federation.store import statements
from kouprey.federation.wire.statement import KeyStatement, open_statement, read_statement, render_statement
from kouprey.kernel.seal.checkpoint import Checkpoint, open_checkpoint
from kouprey.kernel.seal.keys import ALG_COSIGNATURE, SigningKey, VerifyKey
from kouprey.kernel.seal.notes import split_note
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Reader, Store, Tx
from kouprey.kernel.words.errors import KoupreyError, Refused
from kouprey.kernel.words.time import Clock, wall_clock
from kouprey.people.service import People


def is_card(statement: str, note: bytes) -> bool:
    """Whether a card that was kept still is the one with this hash."""
    try:
        return sha256(split_note(note)[0]).hexdigest() == statement
    except KoupreyError:
        return False


class NodeKeys:
    """Opens checkpoints by the keys that count for their authors."""

    def __init__(self, store: Store, people: People, clock: Clock = wall_clock) -> None:
        self._store = store
        self._people = people
        self._clock = clock

    def every(self, party: str) -> list[bytes]:
        """Every node key of a party: on its card of today, and on the earlier ones that were kept."""
        return list(dict.fromkeys(key.public for key in self._named(party, "node")))

    def receipts(self, party: str) -> list[VerifyKey]:
        """Every receipt key of a party, those that were revoked last: what an earlier one confirmed stays confirmed."""
        gone = self.revoked(party)
        return sorted(self._named(party, "receipt"), key=lambda key: key.public in gone)

    def require_counting(self, key: VerifyKey, confirmed: Checkpoint, party: str) -> None:
        """Refused (`revoked-key`) when a party has revoked the receipt key and did not confirm as much by it."""
        cuts = self.revoked(party).get(key.public)
        if cuts is None:
            return
        size, root = cuts.get(confirmed.origin, (0, b""))
        if confirmed.size < size or (confirmed.size == size and confirmed.root == root):
            return
        raise Refused(
            "A receipt is signed by a revoked key.",
            f"{party} says that it has confirmed {size} entries of this lane by that key; this one is of"
            f" {confirmed.size}.",
            "Ask the partner: what it confirms now is signed by another key.",
            code=ReasonCode.REVOKED,
            detail={"size": size},
        )

    def nodes(self, party: str) -> list[VerifyKey]:
        """As `every`, with their names."""
        return self._named(party, "node")

    def _named(self, party: str, word: str) -> list[VerifyKey]:
        notes = [self._people.get_party(party).note]
        with self._store.read() as reader:
            kept = statements.list_cards_of(reader, party)
        # One that was damaged here would take the others with it, or name a key that nobody ever had.
        notes += [note for statement, note in kept if is_card(statement, note)]
        lines = [line for note in notes for line in split_note(note)[0].decode().split("\n")]
        named = (line.removeprefix(f"{word} ") for line in lines if line.startswith(f"{word} "))
        return [VerifyKey.parse(each) for each in dict.fromkeys(named)]

    def revoked(self, party: str, reader: Reader | None = None) -> dict[bytes, dict[str, tuple[int, bytes]]]:
        """Revoked key -> lane -> (size, root) up to which its checkpoints count."""
        if reader is None:
            with self._store.read() as snapshot:
                return self.revoked(party, snapshot)
        found: dict[bytes, dict[str, tuple[int, bytes]]] = {}
        for note in statements.list_statements(reader, party):
            said = read_statement(note)
            cuts = found.setdefault(VerifyKey.parse(said.revoked).public, {})
            cuts.update({cut.origin: (cut.size, cut.root) for cut in said.after})
        return found

    def revoked_keys(self, party: str) -> list[VerifyKey]:
        """Those that a party has revoked."""
        return [VerifyKey.parse(read_statement(note).revoked) for note in self.statements(party)]

    def good(self, party: str) -> list[bytes]:
        """Those that were not revoked."""
        gone = self.revoked(party)
        return [key for key in self.every(party) if key not in gone]

    def open(self, note: bytes, origin: str, party: str) -> Checkpoint:
        """A checkpoint that counts for its author; Refused (`revoked-key`) beyond the cut of the key that signed it."""
        gone = self.revoked(party)
        if not gone:
            return open_checkpoint(note, origin, self.every(party))
        good = [key for key in self.every(party) if key not in gone]
        try:
            return open_checkpoint(note, origin, good)
        except KoupreyError as error:
            if error.code != ReasonCode.NO_KNOWN_SIGNATURE:
                raise
        for key, cuts in gone.items():
            try:
                opened = open_checkpoint(note, origin, [key])
            except KoupreyError:
                continue
            size, root = cuts.get(origin, (0, b""))
            if opened.size < size or (opened.size == size and opened.root == root):
                return opened
            raise Refused(
                "A checkpoint is signed by a revoked key.",
                f"{party} says that it counts up to {size} entries of this lane; this one is of {opened.size}.",
                "Ask its author: what it says now is signed by another key.",
                code=ReasonCode.REVOKED,
                detail={"size": size},
            )
        return open_checkpoint(note, origin, good)

    def statements(self, party: str) -> list[bytes]:
        """The notes by which a party has revoked keys."""
        with self._store.read() as reader:
            return statements.list_statements(reader, party)

    def sign_anew(self, tx: Tx, party: str, root: SigningKey) -> None:
        """Put the line of another root key under the statements of our own: from now on they count by it."""
        for note in statements.list_statements(tx, party):
            said = read_statement(note)
            statements.replace_statement(tx, party, said.serial, render_statement(said, root))

    def keep(self, tx: Tx, note: bytes, said: KeyStatement) -> bool:
        """Keep a statement that was opened; False when it is known."""
        return statements.insert_statement(tx, said.party, said.serial, note, self._clock())

    def take(self, note: bytes) -> None:
        """A statement of a party whose root key is trusted here; what its key signed beyond the cut stops to count."""
        named = read_statement(note).party
        party = self._people.get_party(named)
        if party.home:
            raise Refused("This is a key statement of our own.", "Only this node makes them.", code=ReasonCode.BAD_NOTE)
        if any(split_note(held)[0] == split_note(note)[0] for held in self.statements(named)):
            # Known, perhaps from under an earlier root key, whose line would not verify any more.
            return
        said = open_statement(note, VerifyKey.parse(party.card.root))

        def work(tx: Tx) -> bool:
            if not self.keep(tx, note, said):
                return False
            detail = {"key": said.revoked, "lanes": len(said.after), "serial": said.serial}
            audit.append(
                tx, at=self._clock(), actor=said.party, action="party.revoke-key", subject=said.party, detail=detail
            )
            if VerifyKey.parse(said.revoked).alg == ALG_COSIGNATURE:
                self._disown(tx, said.party, VerifyKey.parse(said.revoked))
            return True

        if self._store.write(work):
            self._stop_beyond(said.party)

    def _disown(self, tx: Tx, party: str, key: VerifyKey) -> None:
        """What a stolen receipt key has claimed beyond its cuts counts no more, and stays to be seen."""
        cuts = self.revoked(party, tx).get(key.public, {})
        for lane in rows.list_lanes(tx, mine=True):
            if party in lane.audience:
                beyond = cuts.get(lane.origin, (0, b""))[0]
                rows.disown_receipts(tx, lane.id, party, beyond, key.public.hex(), self._clock())

    def _stop_beyond(self, party: str) -> None:
        """Freeze replicas whose newest checkpoint does not count any more."""
        with self._store.read() as reader:
            lanes = [lane for lane in rows.list_lanes(reader, mine=False, author=party) if lane.state == rows.OPEN]
            kept = [(lane, rows.find_checkpoint(reader, lane.id, lane.signed_size)) for lane in lanes]
        for lane, checkpoint in kept:
            if checkpoint is None:
                continue
            try:
                self.open(checkpoint.note, lane.origin, party)
            except KoupreyError as error:
                if error.code != ReasonCode.REVOKED:
                    continue
                size = error.detail.get("size", 0)
                why = f"{party} has revoked the key that signed this; entries from {size} on do not count"
                self._store.write(lambda tx, lane=lane, why=why: rows.set_state(tx, lane.id, rows.FROZEN, why))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
