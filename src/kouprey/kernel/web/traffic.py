"""Counts of the requests that were answered: by door and status class, and how long answers took to begin."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter

from kouprey.kernel.words.vital import Sample, Vital

BOUNDS = (0.005, 0.02, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
"""Seconds. The architecture promises pages and reads below 0.3; whatever is above 30 has been given up."""


class Traffic:
    """Lives as long as the process. Doors are named by their templates, so addresses and secrets in them stay out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str]] = Counter()
        self._buckets: dict[str, list[int]] = {}
        self._seconds: Counter[str] = Counter()

    def count(self, route: str, kind: str, status: int, seconds: float) -> None:
        """One request was answered."""
        with self._lock:
            self._requests[route, f"{status // 100}xx"] += 1
            buckets = self._buckets.setdefault(kind, [0] * (len(BOUNDS) + 1))
            buckets[bisect_left(BOUNDS, seconds)] += 1
            self._seconds[kind] += seconds  # type: ignore[assignment]  # a Counter adds fractions as well

    def vitals(self) -> list[Vital]:
        """What was counted so far."""
        with self._lock:
            requests = sorted(self._requests.items())
            buckets = {kind: list(held) for kind, held in self._buckets.items()}
            seconds = dict(self._seconds)
        counted = tuple(Sample(n, (("route", route), ("status", status))) for (route, status), n in requests)
        timed: list[Sample] = []
        for kind, held in sorted(buckets.items()):
            total = 0
            for bound, n in zip((*map(str, BOUNDS), "+Inf"), held, strict=True):
                total += n
                timed.append(Sample(total, (("kind", kind), ("le", bound)), "_bucket"))
            timed += [Sample(seconds[kind], (("kind", kind),), "_sum"), Sample(total, (("kind", kind),), "_count")]
        return [
            Vital("requests_total", "Requests answered, by door and class of status.", "counter", counted),
            Vital("request_seconds", "Seconds until an answer began.", "histogram", tuple(timed)),
        ]
