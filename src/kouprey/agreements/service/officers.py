"""Two officers: where a node asks for it, no single person signs an agreement."""

from __future__ import annotations

from kouprey.agreements import store as rows
from kouprey.agreements.model import Version
from kouprey.agreements.service.sides import Sides
from kouprey.kernel.storage import audit, meta
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.errors import Refused
from kouprey.people.service import bump_policy_epoch

_KEY = "agreements-two-officers"


class Officers(Sides):
    """Signing by one person, or by one who prepares and another who confirms."""

    def two_officers(self) -> bool:
        """Whether a signature needs two persons here."""
        with self._store.read() as reader:
            return meta.get(reader, _KEY) == b"1"

    def demand_two_officers(self, on: bool, *, by: str) -> None:
        """Ask for two persons from now on, or no longer."""

        def work(tx: Tx) -> None:
            if (meta.get(tx, _KEY) == b"1") == on:
                return
            meta.put(tx, _KEY, b"1" if on else b"0")
            bump_policy_epoch(tx)
            audit.append(tx, at=self._clock(), actor=by, action="agreement.officers", subject="", detail={"two": on})

        self._store.write(work)

    def prepared_by(self, version: bytes) -> str:
        """Who has prepared a version for signing, "" when nobody has."""
        with self._store.read() as reader:
            found = rows.find_prepared(reader, version)
        return found[0] if found else ""

    def sign(self, agreement: str, *, by: str, note_sha256: bytes = b"") -> Version:
        """Sign a version with our root key, and let the other parties know; with two officers the second one does.

        The first only prepares it: the version comes back as it was. `note_sha256` names the version that was read;
        without it, the newest one we have not signed. Both persons stand in the audit.
        """
        if not self.two_officers():
            return super().sign(agreement, by=by, note_sha256=note_sha256)
        pending = [v for v in self.list_signable(agreement) if note_sha256 in (b"", v.note_sha256)]
        if not pending:
            return super().sign(agreement, by=by, note_sha256=note_sha256)
        version = pending[-1]
        first = self.prepared_by(version.note_sha256)
        if not first:
            self._keyring.require_root()
            self._prepare(version, by)
            return version
        if first == by:
            raise Refused(
                "A second person signs this.",
                "You have prepared it, and this node asks for two officers.",
                "Ask a colleague who may sign agreements to read and confirm it.",
                code="same-officer",
            )
        signed = super().sign(agreement, by=by, note_sha256=version.note_sha256)

        def work(tx: Tx) -> None:
            rows.delete_prepared(tx, version.note_sha256)
            detail = {"version": version.number, "prepared_by": first, "confirmed_by": by}
            audit.append(tx, at=self._clock(), actor=by, action="agreement.confirm", subject=agreement, detail=detail)

        self._store.write(work)
        return signed

    def _prepare(self, version: Version, by: str) -> None:
        def work(tx: Tx) -> None:
            rows.save_prepared(tx, version.note_sha256, by, self._clock())
            self._note(tx, by, "agreement.prepare", version)

        self._store.write(work)
