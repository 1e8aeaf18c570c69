"""Recalling: a new indicator asks the kept past."""

from __future__ import annotations

import msgspec

from kouprey.kernel.words.batched import batched
from kouprey.kernel.words.time import FOREVER, Instant
from kouprey.watch import store as rows
from kouprey.watch.model import Event, Found
from kouprey.watch.rules.matching import Matcher, Terms
from kouprey.watch.service.following import Following
from kouprey.watch.service.taking import gather

MARK = "recalled"
_BATCH = 10_000
_RAISED = 1_000


class Recalling(Following):
    """The verb for the past."""

    def recall(self) -> int:
        """Ask the kept past for every indicator that came since the last time; how many hits were found.

        A crash on the way costs a repetition, which finds the same and adds nothing to it.
        """
        with self._store.read() as reader:
            after = rows.get_mark(reader, MARK)
            keeps = bool(rows.list_segments(reader, -FOREVER, FOREVER))
        terms, upto = Terms(), after
        for position, stix_id, values in self._indicators(after, gently=True):
            upto = position
            for each in values if keeps else ():
                terms.add(stix_id, each.kind, each.text)
        if upto == after:
            return 0
        found = self._confirmed(self._in_past(terms)) if len(terms) else []
        now = self._clock()
        for some in batched(found, _RAISED):
            self._store.write(lambda tx, some=some: self._raise(tx, some, now, past=True))  # type: ignore[misc]  # at once
        self._store.write(lambda tx: rows.save_mark(tx, MARK, upto))
        return sum(each.count for each in found)

    def _in_past(self, terms: Terms) -> list[Found]:
        matcher = Matcher(terms)
        found: dict[tuple[str, str, Instant], Found] = {}
        for events in batched(self._keeping.read(-FOREVER), _BATCH):
            hits = matcher.find(events)
            for each in gather(events, hits, lambda place, events=events: _line(events[place])):  # type: ignore[misc]  # at once
                key = (each.match.indicator, each.host, each.hour)
                found[key] = _sum(found[key], each) if key in found else each
        return list(found.values())


def _sum(before: Found, each: Found) -> Found:
    return msgspec.structs.replace(
        before,
        count=before.count + each.count,
        first_at=min(before.first_at, each.first_at),
        last_at=max(before.last_at, each.last_at),
    )


def _line(event: Event) -> bytes:
    """A kept event as a line; what else the sensor wrote is not there any more."""
    return msgspec.json.encode({"host": event.host, **dict(event.values)})
