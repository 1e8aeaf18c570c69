"""Alerts as far as a reader sees them: an alert is of an indicator, and whoever may not see that sees no alert."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import msgspec

from kouprey.exchange.model import Sighted
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Unknown
from kouprey.kernel.words.time import DAY, SECOND, Instant
from kouprey.kernel.words.tlp import TLP
from kouprey.watch import store as rows
from kouprey.watch.model import HOUR, SPAN, Alert, Source
from kouprey.watch.service.arming import Said
from kouprey.watch.service.telling import Telling

LOOKED = 90 * DAY
"""How far back alerts are listed."""
MOST = 5_000
"""Alerts that are listed and counted, the latest."""
SHOWN = 200
"""And that one list shows."""
RECENT = 900 * SECOND
"""The rate of a source is that of its last quarter of an hour."""
SILENT = HOUR
"""A source that sent, and has sent nothing for so long, is silent."""
HOURS = 24
_LONGEST_REASON = 500


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """An alert and what its indicator says to the reader: its name, and whether it is in force now.

    `sources` say it to him, at `tlp`; told of one alert, not in lists.
    """

    alert: Alert
    name: str
    in_force: bool
    sources: tuple[str, ...] = ()
    tlp: TLP | None = None


class Alerts(msgspec.Struct, frozen=True, kw_only=True):
    """The alerts asked for, the latest first; `facets` count all that the reader sees: facet -> value -> alerts."""

    shown: tuple[Shown, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """A source, how many events a minute came from it lately, and whether it is silent."""

    source: Source
    rate: float
    silent: bool


class Alerting(Telling):
    """Verbs for alerts, and for how sources fare."""

    def list_alerts(self, who: Reader, **wanted: str) -> Alerts:
        """Alerts of the last 90 days whose indicator names to this reader what was found; the latest 200 are shown.

        `wanted` narrows by the facets: state (open or dismissed), source, how, found (now or past), indicator.
        """
        every = self._seen(who)
        facets: dict[str, Counter[str]] = {name: Counter() for name in ("state", "source", "how", "found")}
        for each in every:
            for name, counter in facets.items():
                others = {key: value for key, value in wanted.items() if value and key != name}
                if _fits(each.alert, others):
                    counter[_facets(each.alert)[name]] += 1
        asked = [each for each in every if _fits(each.alert, {key: value for key, value in wanted.items() if value})]
        return Alerts(shown=tuple(asked[:SHOWN]), total=len(asked), facets=facets)

    def get_alert(self, who: Reader, alert: str) -> Shown:
        """One; Unknown when there is none, or its indicator is not for the reader."""
        self._check(who)
        with self._store.read() as reader:
            found = rows.find_alert(reader, alert)
        if found is not None:
            said = self._said(who, [found.indicator]).get(found.indicator)
            if said is not None and said.names(found.named_kind, found.named):
                return self._whole(who, self._shown(found, said))
        raise Unknown("There is no such alert.", "It is none, or you may not see its indicator.", code="unknown-alert")

    def dismiss(self, who: Reader, alert: str, reason: str, *, by: str) -> None:
        """Say that an alert is none, and why; nothing of it is told by itself any more."""
        given = " ".join(reason.split())
        if not given or len(given) > _LONGEST_REASON:
            raise Damaged(
                "A reason is needed.", f"It has 1 to {_LONGEST_REASON} letters.", "Say it in a line.", code="bad-reason"
            )
        self._set(who, alert, self._clock(), given, by)

    def reopen(self, who: Reader, alert: str, *, by: str) -> None:
        """Take a dismissal back."""
        self._set(who, alert, 0, "", by)

    def tell(self, who: Reader, alert: str, *, by: str) -> Sighted:
        """Make what an alert found a sighting, by a person's word; Refused where all of it was told."""
        return self._tell(who, self.get_alert(who, alert).alert, by)

    def health(self, who: Reader) -> list[Health]:
        """Every source and how it fares, by name."""
        sources, now = self.list_sources(who), self._clock()
        with self._store.read() as reader:
            spans = rows.list_spans(reader, now - RECENT - SPAN)
        lately = Counter[str]()
        for source, _, events, _refused in spans:
            lately[source] += events
        minutes = (RECENT + now % SPAN) / (60 * SECOND)
        return [
            Health(
                source=each,
                rate=lately[each.name] / minutes,
                silent=bool(each.last_at) and not each.retired and now - each.last_at > SILENT,
            )
            for each in sources
        ]

    def hours(self, who: Reader) -> list[tuple[Instant, int, int]]:
        """(begin, events, alerts the reader sees) of each of the last 24 hours."""
        self._check(who)
        now = self._clock()
        first = now - now % HOUR - (HOURS - 1) * HOUR
        with self._store.read() as reader:
            spans = rows.list_spans(reader, first)
        events = Counter[Instant]()
        for _, at, count, _refused in spans:
            events[at - at % HOUR] += count
        alerts = Counter(each.alert.hour for each in self._seen(who))
        return [(first + n * HOUR, events[first + n * HOUR], alerts[first + n * HOUR]) for n in range(HOURS)]

    def pulse(self, who: Reader) -> object:
        """Differs when something came, by the ten seconds: of telemetry, which is our own, and of nothing with a label.

        Alerts are not among it. To ask which of them a reader sees is noted as a read, and this is asked every second.
        """
        if not who.local or who.exercise:
            return None
        with self._store.read() as reader:
            return [(each.name, each.last_at // (10 * SECOND), each.retired) for each in rows.list_sources(reader)]

    def total_kept(self, who: Reader) -> tuple[int, int, Instant]:
        """Events kept, their bytes, and since when (0: none are)."""
        self._check(who)
        return self._keeping.total()

    def _set(self, who: Reader, alert: str, at: Instant, reason: str, by: str) -> None:
        self.get_alert(who, alert)
        action = "watch.dismiss" if at else "watch.reopen"

        def work(tx: Tx) -> None:
            rows.dismiss(tx, alert, at, by if at else "", reason)
            audit.append(tx, at=self._clock(), actor=by, action=action, subject=alert, detail={})

        self._store.write(work)

    def _seen(self, who: Reader) -> list[Shown]:
        self._check(who)
        since = self._clock() - LOOKED
        with self._store.read() as reader:
            named = rows.list_named(reader, since)
        said = self._said(who, {indicator for indicator, _, _ in named})
        mine = {each[0] for each in named if each[0] in said and said[each[0]].names(each[1], each[2])}
        with self._store.read() as reader:
            alerts = rows.list_alerts(reader, mine, since, MOST)
        return [
            self._shown(each, said[each.indicator])
            for each in alerts
            if said[each.indicator].names(each.named_kind, each.named)
        ]

    def _whole(self, who: Reader, shown: Shown) -> Shown:
        bodies = self._exchange.get_object(who, shown.alert.indicator).newest.bodies
        told = [each for body in bodies for each in body.assertions]
        sources = tuple(sorted({each.source.name for each in told}))
        return msgspec.structs.replace(shown, sources=sources, tlp=max(each.label.tlp for each in told))

    def _shown(self, alert: Alert, said: Said) -> Shown:
        return Shown(alert=alert, name=said.name, in_force=said.is_in_force(self._clock()))


def _facets(alert: Alert) -> dict[str, str]:
    return {
        "state": "dismissed" if alert.dismissed_at else "open",
        "source": alert.source,
        "how": str(alert.how),
        "found": "past" if alert.past else "now",
        "indicator": alert.indicator,
    }


def _fits(alert: Alert, wanted: Mapping[str, str]) -> bool:
    told = _facets(alert)
    return all(told.get(name) == value for name, value in wanted.items())
