"""Group commit: one thread runs the works of all threads, and one flush to disk makes a group of them durable."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Protocol, TypeVar

from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.storage.pool import closed

T = TypeVar("T")
_log = logging.getLogger(__name__)

_ATTEMPTS = 4
"""How often a work is run when the engine says that only the moment was bad."""
_TURN = 0.1
"""Seconds after which a writer without a pause lets other processes have the lock."""


class EndingTx(Tx, Protocol):
    """A transaction that can be told that its work is over."""

    def end(self) -> None:
        """Refuse all later use."""
        ...


class Session(Protocol):
    """The writing connection of one engine, used by the writer thread alone."""

    def begin(self) -> None:
        """Open a transaction that no other process can write beside."""
        ...

    def tx(self, after_commit: Callable[[Callable[[], None]], None]) -> EndingTx:
        """What a work gets to see of the open transaction."""
        ...

    def savepoint(self) -> None:
        """Mark the state before a work."""
        ...

    def keep(self) -> None:
        """Forget the mark, keep the work."""
        ...

    def undo(self) -> None:
        """Go back to the mark and forget it."""
        ...

    def commit(self) -> None:
        """Return when everything is durable."""
        ...

    def rollback(self) -> None:
        """Leave the transaction, whatever its state; never raises."""
        ...

    def intact(self) -> bool:
        """False when the engine has given up the whole transaction."""
        ...

    def transient(self, error: BaseException) -> bool:
        """True when the same work may well succeed if run again."""
        ...

    def explain(self, error: BaseException) -> BaseException:
        """The error in our own words where there are any."""
        ...

    def close(self) -> None:
        """Release the connection."""
        ...


@dataclass(slots=True, eq=False)
class _Job:
    work: Callable[[Tx], Any]
    answer: Future[Any] = field(default_factory=Future)
    result: Any = None
    calls: list[Callable[[], None]] = field(default_factory=list)


class Writer:
    """Runs works one after the other; a group ends after `works`, after `seconds`, or when nobody waits.

    `pause`: seconds between groups, now and then, for an engine whose lock is not handed over in turn.
    """

    def __init__(self, session: Session, *, works: int, seconds: float = 0.05, pause: float = 0.0) -> None:
        self._session = session
        self._works = works
        self._seconds = seconds
        self._pause = pause
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="kouprey-writer", daemon=True)
        self._thread.start()

    def write(self, work: Callable[[Tx], T]) -> T:
        """See `Store.write`."""
        self.refuse_inside("write")
        job = _Job(work)
        with self._lock:
            if self._closed:
                raise closed()
            self._queue.put(job)
        result: T = job.answer.result()
        return result

    def queued(self) -> int:
        """See `Store.queued`."""
        return self._queue.qsize()

    def refuse_inside(self, verb: str) -> None:
        """Raise RuntimeError on the writer thread, which would wait for itself."""
        # The thread itself, not its number: a new thread may be given the number of one that has ended.
        if threading.current_thread() is self._thread:
            raise RuntimeError(
                f"store.{verb}() inside a work or an after_commit call: use the transaction it was given"
            )

    def close(self) -> None:
        """Finish what was accepted, then stop."""
        self.refuse_inside("close")
        with self._lock:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        rested = time.monotonic()
        while not self._stopping:
            if self._queue.empty():
                rested = time.monotonic()
            elif self._pause and time.monotonic() - rested > _TURN:
                time.sleep(self._pause)
                rested = time.monotonic()
            job = self._queue.get()
            if job is None:
                break
            done: list[_Job] = [job]
            try:
                self._group(job, done)
            except BaseException as error:
                # A fault of the engine or of ours: nobody may wait for ever, and the next group gets its chance.
                self._session.rollback()
                _fail(done, self._session.explain(error))
        self._session.close()

    def _next(self) -> _Job | None:
        try:
            job = self._queue.get_nowait()
        except Empty:
            return None
        self._stopping = job is None
        return job

    def _group(self, first: _Job, done: list[_Job]) -> None:
        """Run works in one transaction; `done` always holds those that wait for its outcome."""
        try:
            self._session.begin()
        except BaseException:
            # Who waits behind the first would only wait as long again for the same answer.
            while not self._stopping and (waiting := self._next()) is not None:
                done.append(waiting)
            raise
        until = time.monotonic() + self._seconds
        job: _Job | None = first
        while job is not None:
            if not self._attempt(job):
                done.pop()
            full = len(done) >= self._works or time.monotonic() >= until
            job = None if full else self._next()
            if job is not None:
                done.append(job)
        self._session.commit()
        for job in done:
            for call in job.calls:
                try:
                    call()
                except BaseException:
                    _log.exception("A call after commit failed; the write itself is durable.")
            job.answer.set_result(job.result)
        done.clear()

    def _attempt(self, job: _Job) -> bool:
        """Run one work; False when it failed alone and its caller has been told."""
        for attempt in range(1, _ATTEMPTS + 1):
            calls: list[Callable[[], None]] = []
            tx = self._session.tx(calls.append)
            self._session.savepoint()
            try:
                job.result = job.work(tx)
                self._session.keep()
            except BaseException as error:
                if not self._session.intact():
                    raise
                self._session.undo()
                if attempt < _ATTEMPTS and self._session.transient(error):
                    continue
                _fail([job], self._session.explain(error))
                return False
            finally:
                tx.end()
            job.calls = calls
            break
        return True


def _fail(jobs: list[_Job], error: BaseException) -> None:
    """Tell each caller; several share one cause but not one exception, since each adds its own traceback."""
    if len(jobs) == 1:
        jobs[0].answer.set_exception(error)
        return
    for job in jobs:
        own = error.__class__.__new__(error.__class__, *error.args)
        own.__dict__.update(error.__dict__)
        own.__cause__ = error
        job.answer.set_exception(own)
