"""Erasing: a version goes with everything derived from it, its tombstone stays, and no older backup brings it back."""

from __future__ import annotations

import time
from collections.abc import Sequence
from hashlib import sha256

import msgspec

from kouprey.exchange.facts import VersionErased
from kouprey.exchange.model.keeping import EraseReport, Erasure, Tombstone
from kouprey.exchange.service.holding import Holding
from kouprey.exchange.store import observables
from kouprey.exchange.store import tombstones as rows
from kouprey.exchange.wire.observables import observables_in
from kouprey.federation.service import erase_bodies, list_erased_entries
from kouprey.kernel.storage import audit, meta, outbox
from kouprey.kernel.storage.engine import Reader as Snapshot
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Refused, Unknown
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import Instant

LONGEST_REASON = 2_000
_ASKED = "The partner who gave it asks for it."
_DONE = "exchange.erasures"
"""Up to which number of the list outside the backups this database has carried out."""
_SCRUB = "exchange.scrub"
_PAGES = 64
"""Pages of the index of terms worked over in one transaction: well below 200 ms of the writer."""


class _Removed(msgspec.Struct):
    """What one step took away."""

    bodies: int = 0
    entries: int = 0
    given: tuple[str, ...] = ()


class Erasing(Holding):
    """Verbs that remove for good, and that say what was removed."""

    def erase(self, stix_id: str, *, because: str, who: Reader, by: str, version: str = "") -> EraseReport:
        """Remove an object, or one version of it, with all bodies and all that was derived from them.

        Each version is its own durable step, remembered outside the database first. Unknown when there is none,
        Forbidden when `who` is not one of our own people cleared for everything, Refused (`held`) under a hold.
        """
        report = self._erase(stix_id, because=because, who=who, by=by, version=version)
        return msgspec.structs.replace(report, scrubbed=self.scrub())

    def _erase(self, stix_id: str, *, because: str, who: Reader, by: str, version: str = "") -> EraseReport:
        """As `erase`, without the overwriting of free space, which a running node does afterwards."""
        self._check_cleared(who)
        reason = because.strip()
        if not 1 <= len(reason) <= LONGEST_REASON:
            raise Damaged(
                "An erasure needs a reason.",
                f"It is kept with the tombstone, in 1 to {LONGEST_REASON:,} characters.",
                "Say who asked for it and on which ground.",
                code="no-reason",
            )
        self.replay_erasures()
        with self._store.read() as reader:
            doomed = rows.list_doomed(reader, stix_id, version)
            hashes = {each.id: [body.sha256.hex() for body in rows.list_bodies(reader, each.id)] for each in doomed}
        if not doomed:
            self._raise_absent(who, stix_id, version)
        self._check_free_of_holds(who, stix_id, [each.id for each in doomed])
        removed = [
            self._begin(
                Erasure(
                    stix_id=stix_id,
                    type=each.type,
                    instant=each.instant,
                    version_text=each.version_text,
                    sha256=tuple(hashes[each.id]),
                    at=self._clock(),
                    because=reason,
                    by=by,
                )
            )
            for each in doomed
        ]
        return EraseReport(
            stix_id=stix_id,
            versions=len(doomed),
            bodies=sum(each.bodies for each in removed),
            entries=sum(each.entries for each in removed),
            given=sorted({party for each in removed for party in each.given}),
            scrubbed=False,
        )

    def erase_received(self, origin: str, author: str, indices: Sequence[int]) -> set[int]:
        """Remove what came in these entries of a partner who asks for it; those that must be kept, under a hold.

        What somebody else gave too stays: nobody takes from us what another has given. What the partner did not make
        himself may be given again by others; it is not barred for a copy's sake.
        """
        who, kept = self.operator(), set[int]()
        with self._store.read() as reader:
            brought = rows.list_brought(reader, origin, indices)
            owners = self._people.list_identities(reader)
        for each in brought:
            with self._store.read() as reader:
                alone = self._came_alone(reader, each.version, author, {(origin, index) for index in indices})
                made_by = {owners.get(creator, "") for creator in rows.list_creators(reader, each.version)}
            if not alone:
                continue
            version = each.version_text
            try:
                self._erase(each.stix_id, because=_ASKED, who=who, by=author, version=version)
            except Refused as error:
                if error.code != "held":
                    raise
                kept.add(each.number)
            except Unknown:
                continue  # Two of the entries brought it, and it went with the first.
            else:
                if made_by != {author}:
                    self.lift_erasure(each.stix_id, who=who, by=author, version=version)
        return kept

    def _came_alone(self, reader: Snapshot, version: int, author: str, asked: set[tuple[str, int]]) -> bool:
        """Whether nobody but `author` gave a version, in no entries but such as he has called erased."""
        voices = rows.list_voices(reader, version)
        entries = {(voice.origin, voice.number) for voice in voices} - asked
        if any(voice.party != author or not voice.origin for voice in voices):
            return False
        return entries <= list_erased_entries(reader, entries)

    def lift_erasure(self, stix_id: str, *, who: Reader, by: str, version: str = "") -> int:
        """Let what was erased be received again; how many versions that concerns. It brings nothing back."""
        self._check_cleared(who)
        self.replay_erasures()
        barred = [
            each
            for each in self.list_tombstones(who, stix_id)
            if not each.lifted_at and version in ("", each.version_text)
        ]
        if not barred:
            raise Unknown(
                f"No tombstone of {stix_id[:100]!r} bars anything.",
                "It was never erased here, or that was lifted.",
                code="unknown-tombstone",
            )
        for instant in dict.fromkeys(each.instant for each in barred):
            of_version = [each for each in barred if each.instant == instant]
            self._begin(
                Erasure(
                    stix_id=stix_id,
                    type=of_version[0].type,
                    instant=instant,
                    version_text=of_version[0].version_text,
                    sha256=tuple(each.sha256.hex() for each in of_version),
                    at=self._clock(),
                    by=by,
                    lifted=True,
                )
            )
        return len({each.instant for each in barred})

    def list_tombstones(self, who: Reader, stix_id: str) -> list[Tombstone]:
        """What was erased of an object, for those who could see it; reasons are for our own people."""
        eyes = self._eyes(who)
        with self._store.read() as reader:
            return rows.list_tombstones(reader, eyes, stix_id)

    def replay_erasures(self) -> int:
        """Carry out what is on the list outside the backups and not done in this database; how many lines that was.

        There is something to do after a restore, or when the process was killed in between.
        """
        with self._store.read() as reader:
            done = _number(meta.get(reader, _DONE))
        waiting = self._lanes.erasures.list_since(done)
        for number, record in waiting:
            self._carry_out(number, _line(record))
        return len(waiting)

    def list_erasures(self) -> list[tuple[int, Erasure]]:
        """The whole list, without reasons: what is to be kept elsewhere, in order."""
        return [(number, _told(record)) for number, record in self._lanes.erasures.list_since(0)]

    def take_over_erasures(self, known: Sequence[tuple[int, Erasure]]) -> int:
        """Make a list that was kept elsewhere ours and carry it out; how many lines were carried out.

        Of a version about which something newer stands here, what was said elsewhere before that is passed over.
        """
        newest: dict[tuple[str, Instant], Instant] = {}
        for _, here in self.list_erasures():
            about = (here.stix_id, here.instant)
            newest[about] = max(here.at, newest.get(about, here.at))
        lines = [
            (number, msgspec.json.encode(each).decode())
            for number, each in known
            if each.at >= newest.get((each.stix_id, each.instant), each.at)
        ]
        with self._store.read() as reader:
            done = _number(meta.get(reader, _DONE))
            self._lanes.erasures.take_over(
                lines, after=done, of=_told, done=lambda line: rows.was_carried_out(reader, _line(line))
            )
        return self.replay_erasures()

    def scrub(self, seconds: float = 20.0) -> bool:
        """Overwrite what erased bodies left in free space and in the index of terms; False when that is not done yet.

        In short steps: it may be called again, and a running node does so until it is done.
        """
        with self._store.read() as reader:
            if meta.get(reader, _SCRUB) is None:
                return True
        until = time.monotonic() + seconds
        while self._store.write(lambda tx: rows.merge_terms(tx, _PAGES)):
            if time.monotonic() > until:
                return False
        if not self._store.scrub():
            return False
        self._store.write(lambda tx: meta.delete(tx, _SCRUB))
        return True

    def ask_for_scrub(self, tx: Tx) -> None:
        """Somebody else removed what must not be read from free space either."""
        meta.put(tx, _SCRUB, b"1")

    def _begin(self, erasure: Erasure) -> _Removed:
        with self._store.read() as reader:
            done = _number(meta.get(reader, _DONE))
        # First outside: a node that dies in between carries it out when it starts again.
        number = self._lanes.erasures.remember(msgspec.json.encode(erasure).decode(), done)
        return self._carry_out(number, erasure)

    def _carry_out(self, number: int, erasure: Erasure) -> _Removed:
        def work(tx: Tx) -> _Removed:
            removed = _Removed()
            if erasure.lifted:
                rows.lift(tx, erasure.stix_id, erasure.instant, erasure.at)
            else:
                named_by = rows.list_reports(tx, erasure.stix_id)
                own = [erasure.stix_id] if erasure.type == "report" else []
                outbox.record(tx, VersionErased(stix_id=erasure.stix_id, reports=tuple(sorted({*named_by, *own}))))
                removed = self._remove(tx, erasure)
                meta.put(tx, _SCRUB, b"1")
            if _number(meta.get(tx, _DONE)) == number - 1:
                meta.put(tx, _DONE, str(number).encode())
            self._audit_erasure(tx, erasure, removed)
            return removed

        return self._store.write(work)

    def _remove(self, tx: Tx, erasure: Erasure) -> _Removed:
        found = rows.list_doomed(tx, erasure.stix_id, instant=erasure.instant)
        if not found:
            rows.bury_unheld(tx, erasure)
            return _Removed()
        (doomed,) = found
        bodies, given = rows.list_bodies(tx, doomed.id), rows.list_given(tx, doomed.id)
        rows.bury(tx, doomed, bodies, given, erasure)
        publications = [each for of_body in given.values() for each in of_body]
        entries = erase_bodies(
            tx, self._lanes, [each.number for each in publications], rows.list_entries(tx, doomed.id)
        )
        rows.remove(tx, doomed, bodies, _named(tx, bodies))
        parties = dict.fromkeys(party for each in publications for party in each.parties)
        return _Removed(bodies=len(bodies), entries=entries, given=tuple(parties))

    def _audit_erasure(self, tx: Tx, erasure: Erasure, removed: _Removed) -> None:
        detail: dict[str, object] = {"version": erasure.version_text, "sha256": list(erasure.sha256)}
        if not erasure.lifted:
            detail |= {"because": erasure.because, "bodies": removed.bodies, "entries": removed.entries}
        action = "exchange.lift-erasure" if erasure.lifted else "exchange.erase"
        actor = erasure.by or "node"
        audit.append(tx, at=self._clock(), actor=actor, action=action, subject=erasure.stix_id, detail=detail)

    def _raise_absent(self, who: Reader, stix_id: str, version: str) -> None:
        self.get_object(who, stix_id)
        raise Unknown(
            f"{stix_id[:100]} has no version {version[:60]!r}.",
            remedy=f"`kouprey show {stix_id[:100]} --json` lists its versions.",
            code="unknown-version",
        )


def _named(tx: Tx, bodies: Sequence[rows.DoomedBody]) -> list[int]:
    """The ids of what the bodies name: derived from them, or looked for where a body is damaged."""
    named: list[int] = []
    for body in bodies:
        try:
            if sha256(body.raw).digest() != body.sha256:
                raise Damaged("The body is not what was received.")
            named += observables.ids_of(tx, dict.fromkeys(observables_in(decode(body.raw))))
        except Damaged:
            named += rows.list_named(tx, [body.id])
    return named


def _line(record: str) -> Erasure:
    return msgspec.json.decode(record, type=Erasure)


def _told(record: str) -> Erasure:
    """As it is kept elsewhere, without reasons."""
    return msgspec.structs.replace(_line(record), because="", by="")


def _number(value: bytes | None) -> int:
    return int(value or 0)
