"""Trying a list on what the network did: which events of a day it would have blocked, and on how many hosts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from kouprey.kernel.words.batched import batched
from kouprey.kernel.words.time import Instant
from kouprey.protect.model import Entry, Trial
from kouprey.watch.model import HOUR, Event
from kouprey.watch.service import Matcher, Terms

DAY_HOURS = 24
_BATCH = 10_000
_MOST = 10
_NEW, _HELD = "new", "held"


def try_list(
    events: Iterable[Event], entries: Iterable[Entry], held: Collection[tuple[str, str]], since: Instant, until: Instant
) -> Trial:
    """What a list would have blocked of events of [since, until); `held` are the keys of what is blocked already.

    One event counts once, whatever of it is listed. Nobody is named as host where the sensor named nobody.
    """
    terms = Terms()
    for each in entries:
        terms.add(_HELD if each.key in held else _NEW, each.kind, each.text)
    matcher, tally = Matcher(terms), _Tally(since)
    for some in batched(events, _BATCH):
        tally.seen += len(some)
        found: dict[int, tuple[str, bool]] = {}
        for hit in matcher.find(some):
            value, new = found.get(hit.place, (hit.value, False))
            found[hit.place] = (value, new or hit.match.indicator == _NEW)
        for place, (value, new) in found.items():
            tally.add(some[place], value, new=new)
    return tally.trial(until)


class _Tally:
    def __init__(self, since: Instant) -> None:
        self.seen = self._new = 0
        self._since = since
        self._hours = [0] * DAY_HOURS
        self._values = Counter[str]()
        self._hosts = Counter[str]()
        self._new_hosts: set[str] = set()

    def add(self, event: Event, value: str, *, new: bool) -> None:
        self._hours[min(DAY_HOURS - 1, max(0, (event.at - self._since) // HOUR))] += 1
        self._values[value] += 1
        if event.host:
            self._hosts[event.host] += 1
        if new:
            self._new += 1
            if event.host:
                self._new_hosts.add(event.host)

    def trial(self, until: Instant) -> Trial:
        return Trial(
            since=self._since,
            until=until,
            seen=self.seen,
            events=sum(self._hours),
            hosts=len(self._hosts),
            new_events=self._new,
            new_hosts=len(self._new_hosts),
            hours=tuple(self._hours),
            values=tuple(self._values.most_common(_MOST)),
            hosts_most=tuple(self._hosts.most_common(_MOST)),
        )
