"""What other bodies have certified of people of ours, and the points they have."""

from __future__ import annotations

from datetime import date
from functools import partial

import msgspec

from kouprey.capacity.model import Certificate, CpdEntry
from kouprey.capacity.service.records import LONGEST, Records
from kouprey.capacity.store import records
from kouprey.capacity.wire.tables import schemes
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.ids import new_id


class Certificates(Records):
    """Verbs about records of other bodies. Only here may their names stand."""

    def add_certificate(self, who: decision.Reader, certificate: Certificate) -> Certificate:
        """Of oneself, or, for who builds capacity, of anybody of ours: what another body has certified."""
        person = certificate.holder or who.name
        if person != who.name:
            self._check_writes(who)
        if not who.local or who.exercise:
            raise Forbidden("This is for people of this node's own party.", code="not-local")
        fields = (certificate.issuer, certificate.title, certificate.number)
        if not all(0 < len(each.strip()) <= LONGEST and each.isprintable() for each in fields):
            what = "A certificate has an issuer, a title and a number."
            raise Damaged(what, remedy="Write all three.", code="bad-certificate")
        if not _is_day(certificate.valid_until) or len(certificate.proof) > 2_000:
            raise Damaged(
                "It is not said until when it is valid.", "", "Write it like 2029-12-31.", code="bad-certificate"
            )
        if certificate.scheme and certificate.scheme not in schemes():
            raise Damaged("There are no rules of this scheme here.", remedy="Leave it out.", code="bad-certificate")
        made = msgspec.structs.replace(
            certificate,
            id=new_id("crt"),
            holder=person,
            recorded_by=who.name,
            recorded_at=self._clock(),
            checked_by="",
            checked_at=0,
            withdrawn_at=0,
        )

        def work(tx: Tx) -> Certificate:
            records.add_certificate(tx, made)
            self._note(tx, who, "certificate", made.id, holder=person)
            return made

        return self._store.write(work)

    def check_certificate(self, who: decision.Reader, certificate: str) -> None:
        """Somebody else than its holder has looked at the proof."""
        self._check_writes(who)
        held = self._certificate(certificate)
        if held.holder == who.name:
            raise Refused("Nobody checks their own certificate.", remedy="Ask a colleague.", code="own-certificate")
        self._store.write(partial(self._set_checked, who=who, certificate=certificate))

    def withdraw_certificate(self, who: decision.Reader, certificate: str, *, withdrawn: bool = True) -> None:
        """It was recorded wrongly, or counts again; it stays in the record."""
        if self._certificate(certificate).holder != who.name:
            self._check_writes(who)

        def work(tx: Tx) -> None:
            records.withdraw_certificate(tx, certificate, self._clock() if withdrawn else 0)
            self._note(tx, who, "certificate-withdraw" if withdrawn else "certificate", certificate)

        self._store.write(work)

    def certificates(self, who: decision.Reader, person: str = "") -> list[Certificate]:
        """One's own, or, for who builds capacity, anybody's of ours ("" = everybody's)."""
        self._eyes(who)
        mine = person if self.may_write(who) else who.name
        with self._store.read() as reader:
            return records.list_certificates(reader, mine)

    def points(self, who: decision.Reader, person: str = "") -> list[CpdEntry]:
        """Points of one's own, or of somebody of ours, as far as they were given here."""
        self._eyes(who)
        wanted = person if self.may_write(who) and person else who.name
        with self._store.read() as reader:
            mine = records.list_nominees(reader, self._people.home_id, wanted or "-")
            return [each for one in mine for each in records.list_cpd(reader, f"{one.party} {one.id}")]

    def _set_checked(self, tx: Tx, who: decision.Reader, certificate: str) -> None:
        records.check_certificate(tx, certificate, who.name, self._clock())
        self._note(tx, who, "certificate-check", certificate)

    def _certificate(self, certificate: str) -> Certificate:
        with self._store.read() as reader:
            found = records.list_certificates(reader, certificate=certificate) if certificate else []
        if not found:
            raise Unknown("There is no such certificate.", code="unknown-certificate")
        return found[0]


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
