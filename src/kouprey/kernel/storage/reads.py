"""Who read what, as ranges: gathered for a second, then written to the audit trail; looks that found nothing hourly.

A line says how often somebody asked the same, how much they were given, and between which positions it lay: enough to
answer "who saw this?", and no copy of what was seen. What is gathered when a process is killed is lost, at most a
second of it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.time import SECOND, Clock, Instant

ACTION = "exchange.read"
HOUR: Instant = 3_600 * SECOND
MOST = 10_000
"""Different questions gathered at a time; beyond them they are written at once, by whoever asks the next."""

_Key = tuple[str, str, str, str, str]


@dataclass(slots=True)
class _Gathered:
    since: Instant
    times: int = 0
    count: int = 0
    first: Instant = 0
    last: Instant = 0


class ReadLog:
    """Gathers reads of one process; `flush` writes them.

    Until `begin` nothing is gathered: commands read for the operator, whose reads nobody could keep from himself.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._gathered: dict[_Key, _Gathered] = {}
        self._on = False

    def begin(self) -> None:
        """From now on reads are gathered: a server runs that flushes them."""
        self._on = True

    def note(
        self, who: Reader, what: str, *, subject: str = "", asked: str = "", count: int, first: Instant, last: Instant
    ) -> None:
        """Somebody was given `count` things of positions from `first` to `last`; of none, both are 0."""
        if not self._on or not who.name or (who.local and who.name == "operator"):
            return
        # Whoever looks with the eyes of another party is still of their own.
        key = (who.beside or who.party, who.name, what, subject, asked)
        with self._lock:
            held = self._gathered.get(key)
            if held is None:
                held = self._gathered[key] = _Gathered(self._clock())
            held.times += 1
            held.count += count
            if count:
                held.first = min(held.first or first, first)
                held.last = max(held.last, last)
            full = len(self._gathered) > MOST
        if full:
            self.flush(all_of_it=True)

    def flush(self, *, all_of_it: bool = False) -> int:
        """Write what was gathered, but looks that found nothing only after an hour; how many lines."""
        now = self._clock()
        with self._lock:
            ready = {
                key: held for key, held in self._gathered.items() if all_of_it or held.count or now - held.since >= HOUR
            }
            for key in ready:
                del self._gathered[key]
        if not ready:
            return 0

        def work(tx: Tx) -> None:
            for (party, name, what, subject, asked), held in ready.items():
                detail: dict[str, object] = {"what": what, "times": held.times, "count": held.count}
                if held.count:
                    detail |= {"first": held.first, "last": held.last}
                if asked:
                    detail["asked"] = asked
                audit.append(tx, at=held.since, actor=name, party=party, action=ACTION, subject=subject, detail=detail)

        try:
            self._store.write(work)
        except Exception:
            # Nothing is lost to a busy database: it is gathered again, and the next flush tries anew.
            with self._lock:
                for key, held in ready.items():
                    self._gathered.setdefault(key, held)
            raise
        return len(ready)
