"""Arming: which values are looked for, brought up to date as indicators come, and what an indicator says now."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator
from typing import Any

import msgspec

from kouprey.exchange.model import Observable
from kouprey.exchange.service import MAIN
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.time import FOREVER, Instant, parse_instant
from kouprey.watch import store as rows
from kouprey.watch.model import Match
from kouprey.watch.rules.matching import KINDS, Matcher, Terms
from kouprey.watch.rules.naming import URL, split_url
from kouprey.watch.service.sources import Sources

_PAGE = 1_000
_AT_ONCE = 100
"""Indicators that are read together while nobody waits for them."""
_REST = 4
"""Times as long as that took nothing is done then."""
_TYPES = ("indicator",)
NAME = "watch"
"""As whom the watch writes by itself."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What an indicator says in its newest version that a reader sees: its keys, and when it is in force."""

    name: str
    keys: frozenset[tuple[str, str]]
    begins: Instant
    ends: Instant
    revoked: bool

    def names(self, kind: str, named: str) -> bool:
        """Whether it still names the value."""
        return (kind, named) in self.keys

    def is_in_force(self, now: Instant) -> bool:
        """Whether it is to be acted upon."""
        return not self.revoked and self.begins <= now < self.ends


class _Indicator(msgspec.Struct):
    """Of an indicator, what is asked here."""

    pattern: Any = None
    pattern_type: Any = "stix"
    revoked: Any = False
    valid_from: Any = None
    valid_until: Any = None
    name: Any = None


_read = msgspec.json.Decoder(_Indicator).decode


class Arming(Sources):
    """What is looked for stands in memory, made of what the exchange holds."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._matcher = Matcher(Terms())
        self._armed_to: Instant = 0
        self._armed_at: object = None
        self._arming = threading.Lock()
        self._hurry = threading.Event()

    def arm(self) -> int:
        """Look for what came since; how many indicators that were. What went is asked where it hits."""
        self._hurry.set()
        try:
            return self._arm(gently=False)
        finally:
            self._hurry.clear()

    def arm_ahead(self) -> int:
        """Do so before events come, where any will, and leave most of the processor to whoever opens a page."""
        with self._store.read() as reader:
            awaited = any(not each.retired for each in rows.list_sources(reader))
        return self._arm(gently=True) if awaited else 0

    def _arm(self, *, gently: bool) -> int:
        with self._arming:
            now = self._store.changes()
            if now == self._armed_at:
                return 0
            count = 0
            for position, stix_id, values in self._indicators(self._armed_to, gently=gently):
                for each in values:
                    self._matcher.terms.add(stix_id, each.kind, each.text)
                self._armed_to = position
                count += 1
            self._armed_at = now
            return count

    def _indicators(self, after: Instant, *, gently: bool = False) -> Iterator[tuple[Instant, str, list[Observable]]]:
        """(position, id, values) of each indicator that came, or changed, above a position."""
        who = self.operator()
        if not self._exchange.waiting(who, MAIN, after_position=after, types=_TYPES, limit=1).count:
            return
        while True:
            begun = time.monotonic()
            page = self._exchange.page(
                who, MAIN, after_position=after, types=_TYPES, limit=_AT_ONCE if gently else _PAGE
            )
            for row in page.rows:
                yield row.position, row.stix_id, self._values(_indicator(row.raw))
            if not page.more:
                return
            after = page.rows[-1].position
            if gently:
                # Until events come, which wait for all of it.
                self._hurry.wait(_REST * (time.monotonic() - begun))

    def _values(self, indicator: _Indicator) -> list[Observable]:
        if indicator.pattern_type != "stix" or not isinstance(indicator.pattern, str) or indicator.revoked is True:
            return []
        return [each for each in self._exchange.sufficient_in(indicator.pattern) if each.kind in KINDS]

    def _said(self, who: Reader, indicators: Collection[str]) -> dict[str, Said]:
        """What these indicators say to a reader; those he may not see are left out."""
        ids = sorted(set(indicators))
        found: dict[str, Said] = {}
        for begin in range(0, len(ids), _PAGE):
            some = ids[begin : begin + _PAGE]
            for row in self._exchange.page(who, MAIN, ids=some, limit=len(some)).rows:
                value = _indicator(row.raw)
                keys = frozenset(_key(each) for each in self._values(value))
                if value.revoked is True and isinstance(value.pattern, str):
                    # Taken back; whom it named is told nevertheless.
                    keys = frozenset(_key(each) for each in self._exchange.sufficient_in(value.pattern))
                found[row.stix_id] = Said(
                    name=value.name if isinstance(value.name, str) else "",
                    keys=keys,
                    begins=_time(value.valid_from, 0),
                    ends=_time(value.valid_until, FOREVER),
                    revoked=value.revoked is True,
                )
        return found

    def _in_force(self, matches: Collection[Match]) -> set[Match]:
        """Those whose indicator is in force at this moment, and still names what it was found by."""
        said, now = self._said(self.operator(), {each.indicator for each in matches}), self._clock()
        return {
            each
            for each in matches
            if (found := said.get(each.indicator)) is not None
            and found.is_in_force(now)
            and found.names(each.kind, each.named)
        }


def _key(each: Observable) -> tuple[str, str]:
    return (URL, split_url(each.text)) if each.kind == URL else (each.kind, each.text)


def _indicator(raw: bytes) -> _Indicator:
    try:
        return _read(raw)
    except msgspec.DecodeError:
        return _Indicator()


def _time(text: object, otherwise: Instant) -> Instant:
    try:
        return parse_instant(text) if isinstance(text, str) else otherwise
    except ValueError:
        return otherwise
