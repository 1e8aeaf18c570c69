"""How the repeated tasks of a running node fare."""

from __future__ import annotations

import threading
from collections import Counter


class Turns:
    """Counts of turns and failures by the name of the job; lives as long as the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._done: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()

    def note(self, job: str, *, failed: bool = False) -> None:
        """A turn has ended."""
        with self._lock:
            self._done[job] += 1
            self._failed[job] += failed

    def counts(self) -> list[tuple[str, int, int]]:
        """(job, turns, failures among them), by job."""
        with self._lock:
            return [(job, done, self._failed[job]) for job, done in sorted(self._done.items())]
