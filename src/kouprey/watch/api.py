"""The REST interface of the watch: batches of sensors, sources, and alerts."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with
from kouprey.watch.model import Format, Source, Status
from kouprey.watch.service import Health, Shown, Watch
from kouprey.watch.service.taking import SENT

BRINGS = ("application/x-ndjson", "application/json", "text/plain", "application/gzip", "application/zstd")
_UNKNOWN = {"unknown-source": 404}


class Batch(Asked, frozen=True, kw_only=True):
    """A name of the batch: the same one is taken once, and answered again."""

    batch: Annotated[str, Meta(max_length=200)] = ""


class NewSource(Asked, frozen=True, kw_only=True):
    """A sensor. `tells`: what it finds is told as sightings without a person's word."""

    name: str
    format: Format = Format.AUTO
    tells: bool = False


class Changed(Asked, frozen=True, kw_only=True):
    """What is left out stays as it is."""

    tells: bool | None = None
    retired: bool | None = None


class Wanted(Asked, frozen=True, kw_only=True):
    """`state` is open or dismissed, `how` exact, below or within, `found` now or past; "" for any."""

    state: str = ""
    source: str = ""
    how: str = ""
    found: str = ""
    indicator: str = ""


class Dismissal(Asked, frozen=True, kw_only=True):
    """Why it is none; "" opens it again."""

    reason: str = ""


class RefusedLine(Struct, kw_only=True):
    """A line that was not taken: its number in the batch, from 1, and why."""

    line: int
    why: str


class Taken(Struct, kw_only=True):
    """What became of a batch. `hits` are of indicators that you may see. The first hundred refused lines are named.

    `repeated`: it had come before; nothing was taken again.
    """

    batch: str
    format: str
    taken: int
    refused: int
    hits: int
    refusals: tuple[RefusedLine, ...]
    repeated: bool


class SourceShown(Struct, kw_only=True):
    """A source; `rate` is events a minute in the last quarter of an hour, `last` is "" before the first batch."""

    name: str
    format: str
    tells: bool
    retired: bool
    events: int
    refused: int
    rate: float
    silent: bool
    last: Time


class Hour(Struct, kw_only=True):
    """What came within an hour, and how many alerts you see of it."""

    begin: Time
    events: int
    alerts: int


class Overview(Struct, kw_only=True):
    """Sources, the last 24 hours, and what is kept since when ("" for nothing)."""

    sources: tuple[SourceShown, ...]
    hours: tuple[Hour, ...]
    kept_events: int
    kept_bytes: int
    kept_since: Time


class AlertShown(Struct, kw_only=True):
    """Hits of one indicator at one host within one hour: `value` was seen, `named` is what the indicator names.

    `line` is the first line as it came, cut; of what was found in the kept past, what is left of it. `from_whom` the
    indicator came is told of one alert, not in lists.
    """

    id: str
    indicator: str
    indicator_name: str
    in_force: bool
    from_whom: tuple[str, ...]
    named: str
    how: str
    kind: str
    value: str
    host: str
    source: str
    count: int
    first: Time
    last: Time
    raised: Time
    past: bool
    line: str
    dismissed: Time
    dismissed_by: str
    reason: str
    sighting: str
    told: int


class AlertList(Struct, kw_only=True):
    """The latest first, at most 200 of `total`; `facets` count what you see."""

    alerts: tuple[AlertShown, ...]
    total: int
    facets: dict[str, dict[str, int]]


class SightingMade(Struct, kw_only=True):
    """The id of the sighting."""

    id: str


def routes(services: Services) -> list[Door]:
    """The endpoints. Alerts and sources stand before the names of sources, which may be neither of these words."""
    desk = _Desk(services.get(Watch))
    return [*_of_alerts(desk), *_of_sources(desk), *_of_batches(desk)]


def _of_alerts(desk: _Desk) -> list[Door]:
    told: dict[str, Any] = {"group": "Watch", "roles": roles_with(Permission.WRITE)}
    unknown = {"unknown-alert": 404}
    one = "/watch/alerts/{alert}"
    return [
        api(
            "GET",
            "/watch/alerts",
            desk.alerts,
            takes=Wanted,
            gives=AlertList,
            summary="Alerts of indicators that you may see.",
            **told,
        ),
        api(
            "GET",
            one,
            desk.alert,
            gives=AlertShown,
            fails=unknown,
            does=("GET /watch/alerts/{alert}",),
            summary="An alert, and why it was raised.",
            **told,
        ),
        api(
            "PUT",
            f"{one}/dismissal",
            desk.dismiss,
            takes=Dismissal,
            fails={**unknown, "bad-reason": 400},
            does=("POST /watch/alerts/{alert}",),
            summary="Say that an alert is none and why, or take that back.",
            **told,
        ),
        api(
            "POST",
            f"{one}/sightings",
            desk.tell,
            gives=SightingMade,
            status=201,
            fails={**unknown, "nothing-to-tell": 409, "indicator-gone": 409, "no-identity": 409},
            does=("POST /watch/alerts/{alert}/sightings",),
            summary="Make what an alert found a sighting, published as its indicator is.",
            **told,
        ),
    ]


def _of_sources(desk: _Desk) -> list[Door]:
    publishes = roles_with(Permission.PUBLISH)
    return [
        api(
            "GET",
            "/watch",
            desk.overview,
            gives=Overview,
            does=("GET /watch", "GET /watch/now"),
            summary="How sources fare, and what came in the last day.",
            group="Watch",
            roles=roles_with(Permission.WRITE),
        ),
        api(
            "POST",
            "/watch/sources",
            desk.add,
            takes=NewSource,
            gives=SourceShown,
            status=201,
            fails={"bad-source-name": 400, "source-exists": 409},
            does=("POST /watch/sources",),
            summary="Let a sensor send here.",
            group="Watch",
            roles=publishes,
        ),
        api(
            "PUT",
            "/watch/sources/{source}",
            desk.change,
            takes=Changed,
            gives=SourceShown,
            fails=_UNKNOWN,
            does=("POST /watch/sources/{source}",),
            summary="Change how a source is dealt with.",
            group="Watch",
            roles=publishes,
        ),
    ]


def _of_batches(desk: _Desk) -> list[Door]:
    return [
        api(
            "POST",
            "/watch/{source}",
            desk.take,
            takes=Batch,
            gives=Taken,
            brings=BRINGS,
            cap=SENT,
            seconds=120.0,
            fails={
                **_UNKNOWN,
                "source-retired": 409,
                "batch-differs": 409,
                "bad-batch": 400,
                "unclear-format": 400,
                "bad-packing": 400,
                "too-large": 413,
            },
            summary="Send lines of a sensor, plain, gzip or Zstandard; they are kept and matched at once.",
            group="Watch",
            roles=roles_with(Permission.WRITE),
        )
    ]


class _Desk:
    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def take(self, request: Request, asked: Batch) -> Taken:
        source = request.path_params["source"]
        return _taken(self._watch.take_packed(request.reader, source, request.content, batch=asked.batch))

    def overview(self, request: Request) -> Overview:
        who = request.reader
        events, size, since = self._watch.total_kept(who)
        return Overview(
            sources=tuple(map(_source, self._watch.health(who))),
            hours=tuple(Hour(begin=time_of(at), events=n, alerts=a) for at, n, a in self._watch.hours(who)),
            kept_events=events,
            kept_bytes=size,
            kept_since=time_of(since),
        )

    def add(self, request: Request, asked: NewSource) -> SourceShown:
        who = request.reader
        made = self._watch.add_source(who, asked.name, asked.format, tells=asked.tells, by=who.name)
        return _source(Health(source=made, rate=0.0, silent=False))

    def change(self, request: Request, asked: Changed) -> SourceShown:
        who, name = request.reader, request.path_params["source"]
        made: Source = self._watch.change_source(who, name, tells=asked.tells, retired=asked.retired, by=who.name)
        return next(_source(each) for each in self._watch.health(who) if each.source.name == made.name)

    def alerts(self, request: Request, asked: Wanted) -> AlertList:
        found = self._watch.list_alerts(
            request.reader,
            state=asked.state,
            source=asked.source,
            how=asked.how,
            found=asked.found,
            indicator=asked.indicator,
        )
        facets = {name: dict(values) for name, values in found.facets.items()}
        return AlertList(alerts=tuple(map(_alert, found.shown)), total=found.total, facets=facets)

    def alert(self, request: Request) -> AlertShown:
        return _alert(self._watch.get_alert(request.reader, request.path_params["alert"]))

    def dismiss(self, request: Request, asked: Dismissal) -> None:
        who, alert = request.reader, request.path_params["alert"]
        if asked.reason:
            self._watch.dismiss(who, alert, asked.reason, by=who.name)
        else:
            self._watch.reopen(who, alert, by=who.name)

    def tell(self, request: Request) -> SightingMade:
        who = request.reader
        return SightingMade(id=self._watch.tell(who, request.path_params["alert"], by=who.name).stix_id)


def _taken(status: Status) -> Taken:
    return Taken(
        batch=status.batch,
        format=str(status.format),
        taken=status.taken,
        refused=status.refused,
        hits=status.hits,
        refusals=tuple(RefusedLine(line=each.line, why=each.why) for each in status.refusals),
        repeated=status.repeated,
    )


def _source(health: Health) -> SourceShown:
    source = health.source
    return SourceShown(
        name=source.name,
        format=str(source.format),
        tells=source.tells,
        retired=source.retired,
        events=source.events,
        refused=source.refused,
        rate=round(health.rate, 2),
        silent=health.silent,
        last=time_of(source.last_at),
    )


def _alert(shown: Shown) -> AlertShown:
    alert = shown.alert
    return AlertShown(
        id=alert.id,
        indicator=alert.indicator,
        indicator_name=shown.name,
        in_force=shown.in_force,
        from_whom=shown.sources,
        named=alert.named,
        how=str(alert.how),
        kind=alert.kind,
        value=alert.value,
        host=alert.host,
        source=alert.source,
        count=alert.count,
        first=time_of(alert.first_at),
        last=time_of(alert.last_at),
        raised=time_of(alert.raised_at),
        past=alert.past,
        line=alert.line,
        dismissed=time_of(alert.dismissed_at),
        dismissed_by=alert.dismissed_by,
        reason=alert.reason,
        sighting=alert.sighting,
        told=alert.told,
    )
