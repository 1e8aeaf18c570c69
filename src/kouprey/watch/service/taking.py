"""Taking: a batch of lines is read, kept and matched, as a whole or not at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Any
from uuid import uuid4

import msgspec

from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Refused
from kouprey.kernel.words.time import DAY, SECOND, Instant
from kouprey.watch import store as rows
from kouprey.watch.model import HOUR, Event, Format, Found, Match, Source, Status
from kouprey.watch.rules.matching import Hit
from kouprey.watch.rules.naming import alert_id
from kouprey.watch.service.arming import Arming
from kouprey.watch.wire.packing import unpack
from kouprey.watch.wire.reading import read_lines

SENT, LARGEST = 32 << 20, 64 << 20
"""Bytes of a batch as it is sent, and when it is unpacked."""
CUT = 2_000
"""Characters of a line that are kept with an alert."""
REMEMBERED = 7 * DAY
"""How long a batch that comes again is known."""
SHOWN = 35 * DAY
"""How long lines are counted by the step."""
_LONGEST_ID = 200
_SAMPLE = 1 << 20
_TOLD: Instant = 60 * SECOND
_TOLD_MOST = 10_000


class Taking(Arming):
    """The entrance of telemetry."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._told: dict[tuple[Reader, Match], bool] = {}
        self._told_at: Instant = 0

    def take(self, who: Reader, name: str, body: bytes, *, batch: str = "") -> Status:
        """Take lines of a source. The same `batch` is taken once; what was said then is said again.

        Refused (`batch-differs`) for a batch of other lines by a name that was used, Damaged (`unclear-format`) where
        the format of a source is still to be found out and the lines do not tell it.
        """
        self.get_source(who, name)
        if len(batch) > _LONGEST_ID or not batch.isprintable():
            raise Damaged("The name of the batch cannot be read.", f"At most {_LONGEST_ID} letters.", code="bad-batch")
        digest = sha256(body).hexdigest()
        with self._keeping.alone(name):
            with self._store.read() as reader:
                known = rows.find_batch(reader, name, batch) if batch else None
            if known is not None:
                if known[0] != digest:
                    raise Refused(
                        "Another batch of this name was taken.",
                        f"{batch[:100]!r} held other lines when it came before.",
                        "Give each batch a name of its own.",
                        code="batch-differs",
                    )
                return msgspec.structs.replace(known[1], repeated=True)
            named = batch or str(uuid4())

            def also(tx: Tx, status: Status) -> None:
                if batch:
                    # Whoever repeats it may see other indicators than who sent it.
                    silent = msgspec.structs.replace(status, hits=0)
                    rows.save_batch(tx, name, digest, silent, self._clock())

            return self._take(who, self.get_source(who, name), body, named, also)

    def take_packed(self, who: Reader, name: str, body: bytes, *, batch: str = "") -> Status:
        """As `take`, of a batch that may be gzip or Zstandard; TooLarge beyond 64 MiB."""
        self.get_source(who, name)
        return self.take(who, name, unpack(body, LARGEST), batch=batch)

    def _take(self, who: Reader, source: Source, body: bytes, batch: str, also: Callable[[Tx, Status], None]) -> Status:
        """Take a batch; whoever calls is `alone` with the source. The hits told are of indicators that `who` sees."""
        if source.retired:
            raise Refused(
                f"Nothing is taken from {source.name} any more.",
                "It was retired.",
                "Use it again first: `kouprey watch change`.",
                code="source-retired",
            )
        if source.format is Format.AUTO and body.strip():
            source = msgspec.structs.replace(source, format=self.detect(body[:_SAMPLE])[0])
        now = self._clock()
        form = Format.PLAIN if source.format is Format.AUTO else source.format
        lines = read_lines(form, body, source.name, now)
        self.arm()
        hits = self._matcher.find(lines.events)
        raw = body.split(b"\n") if hits else []
        found = self._confirmed(gather(lines.events, hits, lambda place: raw[lines.places[place]]))
        status = Status(
            batch=batch,
            format=form,
            taken=len(lines.events),
            refused=lines.refused,
            hits=self._count_seen(who, found),
            refusals=lines.refusals,
        )
        counts = self._keeping.append(source.name, [event for event in lines.events if event.values])

        def work(tx: Tx) -> None:
            counts(tx)
            if source.format is not Format.AUTO:
                rows.change_source(tx, source)
            rows.count_lines(tx, source.name, status.taken, status.refused, now)
            self._raise(tx, found, now, past=False)
            also(tx, status)

        self._store.write(work)
        return status

    def _confirmed(self, found: Sequence[Found]) -> list[Found]:
        """Those whose indicator is in force now: what is looked for may be older than that."""
        if not found:
            return []
        force = self._in_force({each.match for each in found})
        return [each for each in found if each.match in force]

    def _count_seen(self, who: Reader, found: Sequence[Found]) -> int:
        """Hits of what `who` sees, asked once a minute for each indicator: to be told of one is noted as a read."""
        now = self._clock()
        if not found or now - self._told_at > _TOLD or now < self._told_at or len(self._told) > _TOLD_MOST:
            self._told, self._told_at = {}, now
        unknown = {each.match.indicator for each in found if (who, each.match) not in self._told}
        said = self._said(who, unknown) if unknown else {}
        for each in found:
            if each.match.indicator in unknown:
                seen = said.get(each.match.indicator)
                self._told[who, each.match] = seen is not None and seen.names(each.match.kind, each.match.named)
        return sum(each.count for each in found if self._told[who, each.match])

    @staticmethod
    def _raise(tx: Tx, found: Iterable[Found], now: Instant, *, past: bool) -> None:
        for each in found:
            rows.raise_alert(tx, alert_id(each.match.indicator, each.host, each.hour), each, now, past=past)

    def tidy(self) -> int:
        """Let go of what is too old or too much; how many files of events went."""
        now = self._clock()
        self._store.write(lambda tx: rows.forget(tx, now - REMEMBERED, now - SHOWN))
        return self._keeping.tidy()


def gather(events: Sequence[Event], hits: Sequence[Hit], line: Callable[[int], bytes]) -> list[Found]:
    """Hits of one indicator at one host within one hour as one, with the line of the first."""
    groups: dict[tuple[str, str, Instant], list[Hit]] = defaultdict(list)
    for hit in hits:
        event = events[hit.place]
        groups[hit.match.indicator, _inside(event, hit), event.at - event.at % HOUR].append(hit)
    found = []
    for (_, host, hour), some in groups.items():
        first = some[0]
        times = [events[each.place].at for each in some]
        found.append(
            Found(
                match=first.match,
                kind=first.kind,
                value=_clean(first.value, CUT),
                host=_clean(host, 255),
                source=events[first.place].source,
                hour=hour,
                count=len({each.place for each in some}),
                first_at=min(times),
                last_at=max(times),
                line=_clean(line(first.place)[: 4 * CUT].decode("utf-8", "replace"), CUT),
            )
        )
    return found


def _inside(event: Event, hit: Hit) -> str:
    """Who of ours it concerns: who acted, or, where that is what was found, the other side."""
    if event.host != hit.value:
        return event.host
    others = (value for kind, value in event.values if kind.endswith("-addr") and value != hit.value)
    return next(others, event.host)


def _clean(text: str, longest: int) -> str:
    return text[:longest].replace("\x00", "")
