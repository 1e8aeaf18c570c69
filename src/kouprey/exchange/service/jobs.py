"""Imports that outlive the request that brought them: started, asked after, and stopped."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import msgspec

from kouprey.exchange.model import ImportReport, Refusal
from kouprey.exchange.model.importing import Failure, ImportJob, State
from kouprey.exchange.service.importing import Importing
from kouprey.exchange.store import jobs as rows
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import KoupreyError, Refused, Unknown
from kouprey.kernel.words.time import FOREVER, SECOND, Instant
from kouprey.kernel.words.tlp import TLP, parse_tlp

log = logging.getLogger("kouprey.exchange")

MOST_REFUSALS = 100_000
"""Refusals that are kept of one import; beyond that they are counted only."""
SILENT = 60 * SECOND
"""A process that has said nothing for so long has gone."""
_BEAT = 20.0
"""Seconds between two signs of life of an import that waits."""
_KEPT = 30 * 86_400 * SECOND
_AT_A_TIME = 20
_PAGE = 1_000


class Jobs(Importing):
    """Verbs for imports that somebody follows on a page."""

    def start_import(
        self,
        stream: BinaryIO,
        *,
        name: str,
        size: int,
        tlp: TLP | None = None,
        collection: str = "",
        who: Reader,
    ) -> ImportJob:
        """Begin to take in a stream of STIX as `import_stream` does, beside the request; the job to ask after.

        The stream is closed at the end. Unknown for a collection that is none. What this import made durable stays
        whatever becomes of the process; of the rest nothing is kept, and it has to be given again.
        """
        if collection:
            self.get_collection(collection)
        now = self._clock()
        job = ImportJob(
            id=secrets.token_hex(8),
            person=who.name,
            name=name[:200],
            tlp=tlp.word if tlp is not None else "",
            collection=collection,
            size=size,
            done=0,
            counted=ImportReport(),
            state="waiting",
            told=Failure(),
            stop=False,
            began_at=now,
            beat_at=now,
            ended_at=0,
        )
        self._forget_old(now)
        self._store.write(lambda tx: rows.insert(tx, job))
        ended = threading.Event()
        self._jobs[job.id] = ended
        # A process that is told to end does not wait for it: that is what `interrupted` is for.
        work = threading.Thread(target=self._take_in, args=(job, stream, ended), name=f"import {job.id}", daemon=True)
        work.start()
        return job

    def wait_for_import(self, job: str, seconds: float) -> None:
        """Wait until a job of this process has ended, and no longer than that."""
        ended = self._jobs.get(job)
        if ended is not None:
            ended.wait(seconds)

    def get_import(self, job: str, who: Reader) -> ImportJob:
        """A job of `who`; Unknown when they have none of this id."""
        with self._store.read() as reader:
            found = rows.find(reader, job, who.name)
        if found is None:
            raise Unknown(
                "There is no such import.",
                "Everybody sees the imports they have started, for a month.",
                "Look at your list of imports.",
                code="unknown-import",
            )
        return self._as_it_is(found)

    def list_imports(self, who: Reader, *, before: Instant = FOREVER, limit: int = 50) -> list[ImportJob]:
        """The jobs of `who` that began before an instant, newest first."""
        with self._store.read() as reader:
            found = rows.list_of(reader, who.name, before=before, limit=limit)
        return [self._as_it_is(each) for each in found]

    def list_refusals(self, job: str, who: Reader, *, after: int = -1, limit: int = _PAGE) -> list[tuple[int, Refusal]]:
        """(number, refusal) of a job of `who`, in the order of the stream; Unknown as in `get_import`."""
        self.get_import(job, who)
        with self._store.read() as reader:
            return rows.list_refusals(reader, job, after=after, limit=limit)

    def each_refusal(self, job: str, who: Reader) -> Iterator[Refusal]:
        """All refusals that are kept of a job of `who`, a page at a time; Unknown as in `get_import`."""
        found = self.list_refusals(job, who)
        return self._each_refusal(found, job)

    def _each_refusal(self, found: list[tuple[int, Refusal]], job: str) -> Iterator[Refusal]:
        while found:
            yield from (refusal for _, refusal in found)
            with self._store.read() as reader:
                found = rows.list_refusals(reader, job, after=found[-1][0], limit=_PAGE)

    def cancel_import(self, job: str, who: Reader) -> ImportJob:
        """Stop a job of `who` at its next batch. What it has taken in stays. Refused when it has ended already."""
        found = self.get_import(job, who)
        if not found.going:
            raise Refused("This import has ended already.", code="import-ended")
        self._store.write(lambda tx: rows.ask_to_stop(tx, job, who.name))
        return self.get_import(job, who)

    def _as_it_is(self, job: ImportJob) -> ImportJob:
        """A job of a process that has gone will not say so itself."""
        if not job.going or job.id in self._jobs:
            return job
        # On SQLite there is one server process: this one, and it knows nothing of the job.
        alone = self._store.dialect == "sqlite"
        if alone or self._clock() - job.beat_at > SILENT:
            return msgspec.structs.replace(job, state="interrupted")
        return job

    def _take_in(self, job: ImportJob, stream: BinaryIO, ended: threading.Event) -> None:
        try:
            with stream:
                self._take_turn(job)
                try:
                    self._import(job, stream)
                finally:
                    self._turns.release()
        except KoupreyError as error:
            if error.code == _CANCELLED:
                self._end(job, "cancelled", Failure())
            else:
                self._end(job, "failed", _failure(error))
        except Exception:
            log.exception("import %s failed", job.id)
            words = Failure(
                code="error",
                what="Something went wrong in this node.",
                why="The log of the node says more.",
                remedy="Import it again; what was taken in is passed over quickly.",
            )
            self._end(job, "failed", words)
        finally:
            self._jobs.pop(job.id, None)
            ended.set()

    def _take_turn(self, job: ImportJob) -> None:
        while not self._turns.acquire(timeout=_BEAT):
            self._store.write(lambda tx: rows.beat(tx, job.id, self._clock()))

    def _import(self, job: ImportJob, stream: BinaryIO) -> None:
        def keep(tx: Tx, counted: ImportReport, refusals: Sequence[Refusal], last: bool) -> None:
            if rows.is_to_stop(tx, job.id):
                raise Refused("The import was stopped.", code=_CANCELLED)
            now = self._clock()
            rows.add_refusals(tx, job.id, refusals, MOST_REFUSALS)
            rows.advance(tx, job.id, counted=counted, done=job.size if last else _place(stream, job.size), now=now)
            if last:
                rows.end(tx, job.id, "done", Failure(), now)

        self.import_stream(
            stream,
            name=job.name,
            tlp=parse_tlp(job.tlp) if job.tlp else None,
            collection=job.collection,
            by=job.person,
            also=keep,
        )

    def _end(self, job: ImportJob, state: State, told: Failure) -> None:
        """Write down an end before the end; what was kept until there was never told to the audit."""

        def work(tx: Tx) -> None:
            now = self._clock()
            rows.end(tx, job.id, state, told, now)
            audit.append(
                tx, at=now, actor=job.person, action="exchange.import", subject=job.name, detail={"ended": state}
            )

        try:
            self._store.write(work)
        except KoupreyError:
            # The database is away: whoever asks is told that the import was interrupted, which is true.
            log.exception("the end of import %s is not written down", job.id)

    def _forget_old(self, now: Instant) -> None:
        with self._store.read() as reader:
            old = rows.list_older(reader, now - _KEPT, _AT_A_TIME)
        for each in old:
            self._store.write(lambda tx, each=each: rows.forget(tx, each))  # type: ignore[misc]  # a lambda with defaults


_CANCELLED = "import-cancelled"


def _place(stream: BinaryIO, size: int) -> int:
    """How much of the file has been read, a little ahead of what is kept."""
    return min(stream.tell(), size)


def _failure(error: KoupreyError) -> Failure:
    return Failure(code=error.code, what=error.what, why=error.why, remedy=error.remedy)
