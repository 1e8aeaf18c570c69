"""What one peer may ask of this process in a minute: no peer, greedy or hostile, takes the time of the others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from time import monotonic
from typing import NamedTuple

from kouprey.federation.model import ReasonCode
from kouprey.kernel.words.errors import TooMany

AT_ONCE = 8
"""Requests of one peer that are answered at the same time: one exchange, hints and a start need fewer."""
_MINUTE = 60.0


class Budget(NamedTuple):
    """Requests and bytes (of requests and answers together) in a minute; 0 = unbounded."""

    requests: int = 6_000
    bytes: int = 2 << 30


@dataclass
class _Left:
    requests: float
    bytes: float
    at: float
    running: int = 0


class Budgets:
    """One purse for each peer, filled evenly up to the budget of a minute; one answer may overdraw it."""

    def __init__(self, budget: Budget = Budget(), clock: Callable[[], float] = monotonic) -> None:
        self._budget = budget
        self._clock = clock
        self._lock = threading.Lock()
        self._left: dict[str, _Left] = {}

    def require(self, party: str) -> None:
        """Raises TooMany (`throttled`, with `retry_after` in seconds) when the peer has used up what it has."""
        with self._lock:
            left = self._filled(party)
            short = [
                (1 - have) / budget * _MINUTE
                for have, budget in zip((left.requests, left.bytes), self._budget, strict=True)
                if budget and have < 1
            ]
        if short:
            raise _throttled("You have asked for more than a minute holds here.", ceil(max(short)))

    @contextmanager
    def turn(self, party: str) -> Iterator[None]:
        """One request of the peer is being answered; raises TooMany when too many are."""
        with self._lock:
            left = self._filled(party)
            if left.running >= AT_ONCE:
                raise _throttled(f"{AT_ONCE} requests of yours are being answered.", 1)
            left.running += 1
            left.requests -= 1
        try:
            yield
        finally:
            with self._lock:
                left.running -= 1

    def spend(self, party: str, size: int) -> None:
        """So many bytes came and went for the peer."""
        with self._lock:
            self._filled(party).bytes -= size

    def _filled(self, party: str) -> _Left:
        now = self._clock()
        left = self._left.setdefault(party, _Left(self._budget.requests, self._budget.bytes, now))
        gone, left.at = (now - left.at) / _MINUTE, now
        left.requests = min(self._budget.requests, left.requests + gone * self._budget.requests)
        left.bytes = min(self._budget.bytes, left.bytes + gone * self._budget.bytes)
        return left


def _throttled(why: str, seconds: int) -> TooMany:
    return TooMany(
        "That is too much at once.",
        why,
        f"Ask again in {seconds} s; nothing is lost meanwhile.",
        code=ReasonCode.THROTTLED,
        detail={"retry_after": seconds},
    )
