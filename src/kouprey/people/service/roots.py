"""Root keys that follow one another: vouched for by the one before, and never taken without its signature."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from kouprey.kernel.seal.notes import split_note
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.words.errors import Refused
from kouprey.kernel.words.time import SECOND
from kouprey.people import rules, wire
from kouprey.people.model import RootStatement
from kouprey.people.service.epoch import bump_policy_epoch
from kouprey.people.service.parties import Parties, read_root_statements
from kouprey.people.store import find_party
from kouprey.people.store import roots as rows


class Roots(Parties):
    """Root statements: our own, and those of trusted parties."""

    def follow_root(self, keep: Iterable[bytes], *, by: str) -> None:
        """Say that our present root key follows the one before it, and sign our card by it; may be repeated.

        `keep` are SHA-256 of texts the one before has signed that count for ever, the most important first; at most
        `wire.KEEP_MAX` are kept. Refused (`no-rotation`) when no root key is being replaced.
        """
        home, ring = self.home(), self._keyring
        before, root = ring.root_before, ring.require_root()
        if before is None:
            raise Refused(
                "No root key is being replaced.",
                remedy="`kouprey keys rotate --root` begins with it.",
                code="no-rotation",
            )
        name = f"{home.id}/root"
        now = self._clock()
        said = RootStatement(
            party=home.id,
            before=before.vkey(name),
            root=root.vkey(name),
            keep=tuple(dict.fromkeys(keep))[: wire.KEEP_MAX],
            issued=now // SECOND * SECOND,
        )

        def work(tx: Tx) -> None:
            held = read_root_statements(tx, home.id)
            if not any(each.before == said.before for each in held):
                self._keep_statement(tx, wire.render_root_statement(said, before, root), said, by)

        self._store.write(work)
        if home.card.root != said.root:
            self.renew_card(by=by)

    def receive_root(self, note: bytes, *, by: str) -> None:
        """Take a root statement of a party that is trusted here; its newer cards are taken from now on.

        Refused when another key follows already (`other-root`), or when nothing leads to it from the key we trust.
        """
        said = wire.parse_root_statement(note)
        party = self.get_party(said.party)
        if party.home:
            raise Refused("This is a root statement of our own.", "Only this node makes them.", code="bad-note")

        def work(tx: Tx) -> None:
            held = read_root_statements(tx, said.party)
            trusted = find_party(tx, said.party)
            present = party.card.root if trusted is None else trusted.card.root
            if said in held:
                return
            after = rules.newest_root(held, present) == said.before
            # What a thief of an earlier key says of still earlier ones is neither under today's key nor kept by it.
            vouched = said.root == present or _digest(note) in _kept(held)
            if not (after or vouched) or any(each.before == said.before for each in held):
                raise Refused(
                    f"Another root key is already trusted for {said.party}.",
                    "The statement about a new one does not follow from it.",
                    "Call the party and compare the fingerprint words: somebody else may have its former root key.",
                    code="other-root",
                )
            self._keep_statement(tx, note, said, by)

        self._store.write(work)

    def _keep_statement(self, tx: Tx, note: bytes, said: RootStatement, by: str) -> None:
        now = self._clock()
        rows.insert_root_statement(tx, said.party, said.before, note, now)
        detail = {"before": said.before, "root": said.root}
        audit.append(tx, at=now, actor=by, action="party.root", subject=said.party, detail=detail)
        bump_policy_epoch(tx)

    def list_root_notes(self, party: str, reader: Reader | None = None) -> list[bytes]:
        """The root statements of a party as they were signed, in the order in which they were kept."""
        if reader is None:
            with self._store.read() as snapshot:
                return rows.list_root_statements(snapshot, party)
        return rows.list_root_statements(reader, party)

    def list_root_statements(self, party: str) -> list[RootStatement]:
        """The same, read."""
        with self._store.read() as reader:
            return read_root_statements(reader, party)

    def earlier_roots(self, party: str) -> tuple[str, ...]:
        """The root keys that the one trusted today has followed, the newest first."""
        return rules.earlier_roots(self.list_root_statements(party), self.get_party(party).card.root)

    def counts_under(self, party: str, root: str, digest: bytes) -> bool:
        """Whether a text with this SHA-256 that `root` has signed counts for a party.

        Under the key trusted today everything does; under an earlier one what a root statement has kept.
        """
        present = self.get_party(party).card.root
        if root == present:
            return True
        held = self.list_root_statements(party)
        return root in rules.earlier_roots(held, present) and digest in _kept(held)


def _kept(held: Iterable[RootStatement]) -> frozenset[bytes]:
    return frozenset(each for said in held for each in said.keep)


def _digest(note: bytes) -> bytes:
    return sha256(split_note(note)[0]).digest()
