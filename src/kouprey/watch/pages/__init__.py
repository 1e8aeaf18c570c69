"""Pages of the watch: how sources fare, alerts, and why each was raised."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import mark
from kouprey.kernel.web.live import Pulses
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.session import Undo
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.people.model import Permission, roles_with
from kouprey.watch.model import Format, How
from kouprey.watch.service import Alerts, Shown, Watch

PATH = "/watch"
FORMATS = {
    Format.AUTO: mark("by the first batch"),
    Format.ZEEK: mark("Zeek (JSON)"),
    Format.SURICATA: mark("Suricata (EVE)"),
    Format.ECS: mark("Collector (ECS, Windows)"),
    Format.PLAIN: mark("Text (syslog)"),
}
HOWS = {How.EXACT: mark("exactly"), How.BELOW: mark("a name below it"), How.WITHIN: mark("an address within it")}
_FACETS = {
    "state": (mark("State"), {"open": mark("open"), "dismissed": mark("dismissed")}),
    "found": (mark("Seen"), {"now": mark("as it happened"), "past": mark("in kept events")}),
    "how": (mark("Matches"), {str(how): text for how, text in HOWS.items()}),
    "source": (mark("Source"), {}),
}


def routes(services: Services) -> list[Door]:
    """The doors of the watch for persons who write intelligence; sources are for those who publish it."""
    desk = _Desk(services.get(Watch))
    writes, publishes = roles_with(Permission.WRITE), roles_with(Permission.PUBLISH)
    one = f"{PATH}/alerts/{{alert}}"
    return [
        page(PATH, desk.show, roles=writes),
        page(f"{PATH}/now", desk.now, roles=writes),
        page(f"{PATH}/sources", desk.add, "POST", roles=publishes),
        page(f"{PATH}/sources/{{source}}", desk.change, "POST", roles=publishes),
        page(one, desk.alert, roles=writes),
        page(one, desk.decide, "POST", roles=writes),
        page(f"{one}/sightings", desk.tell, "POST", roles=writes),
    ]


def pulses(services: Services) -> Pulses:
    """What sensors send is our own; alerts are those the reader may see."""
    return {"watch": services.get(Watch).pulse}


class _Desk:
    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def show(self, request: Request) -> Response:
        return self._show(request, "watch/overview.html")

    def now(self, request: Request) -> Response:
        return self._show(request, "watch/now.html")

    def _show(self, request: Request, template: str, status: int = 200, error: KoupreyError | None = None) -> Response:
        who = request.reader
        wanted = {name: request.query_params.get(name, "")[:60] for name in _FACETS}
        alerts = self._watch.list_alerts(who, **wanted)
        hours = self._watch.hours(who)
        kept, size, since = self._watch.total_kept(who)
        publishes = roles_with(Permission.PUBLISH)
        return request.render(
            template,
            status,
            alerts=alerts,
            facets=_chips(alerts, wanted),
            narrowed=any(wanted.values()),
            query=urlencode({name: value for name, value in wanted.items() if value}),
            sources=self._watch.health(who),
            hours=hours,
            events=sum(each[1] for each in hours),
            raised=sum(each[2] for each in hours),
            kept=kept,
            size=size,
            since=since,
            formats=FORMATS,
            hows=HOWS,
            may_change=bool(set(publishes) & set(request.who.roles)),
            origin=request.site.origins[0] if request.site.origins else "",
            error=error,
            given=request.fields,
        )

    def add(self, request: Request) -> Response:
        who = request.reader
        try:
            try:
                form = Format(request.field("format"))
            except ValueError:
                raise Damaged(
                    mark("That is no format."), "", mark("Choose one of the list."), code="bad-format"
                ) from None
            made = self._watch.add_source(
                who, request.field("name"), form, tells=request.field("tells") == "yes", by=who.name
            )
        except KoupreyError as error:
            return self._show(request, "watch/overview.html", error.http_status, error)
        undo = Undo(f"{PATH}/sources/{made.name}", {"retired": "yes"})
        return request.redirect(PATH, mark("The source may send."), "good", undo)

    def change(self, request: Request) -> Response:
        name, who = request.path_params["source"], request.reader
        before = self._watch.get_source(who, name)
        wish = {key: request.field(key) == "yes" for key in ("tells", "retired") if request.field(key)}
        self._watch.change_source(who, name, by=who.name, **wish)
        back = {key: "yes" if getattr(before, key) else "no" for key in wish}
        return request.redirect(PATH, mark("The source was changed."), "good", Undo(f"{PATH}/sources/{name}", back))

    def alert(self, request: Request) -> Response:
        return self._alert(request)

    def _alert(self, request: Request, status: int = 200, error: KoupreyError | None = None) -> Response:
        shown = self._watch.get_alert(request.reader, request.path_params["alert"])
        return request.render(
            "watch/alert.html", status, shown=shown, alert=shown.alert, hows=HOWS, error=error, case=_case(shown)
        )

    def decide(self, request: Request) -> Response:
        who, alert = request.reader, request.path_params["alert"]
        here = f"{PATH}/alerts/{alert}"
        if request.field("open") == "yes":
            self._watch.reopen(who, alert, by=who.name)
            return request.redirect(here, mark("The alert is open again."), "good")
        try:
            self._watch.dismiss(who, alert, request.field("reason"), by=who.name)
        except Damaged as error:
            return self._alert(request, error.http_status, error)
        return request.redirect(here, mark("The alert is dismissed."), "good", Undo(here, {"open": "yes"}))

    def tell(self, request: Request) -> Response:
        who = request.reader
        made = self._watch.tell(who, request.path_params["alert"], by=who.name)
        return request.redirect(f"/intelligence/{made.stix_id}", mark("The sighting is kept."), "good")


def _chips(alerts: Alerts, wanted: dict[str, str]) -> list[dict[str, object]]:
    """Facets with more than one value, or one that was chosen."""
    found: list[dict[str, object]] = []
    for name, (title, texts) in _FACETS.items():
        values = alerts.facets[name]
        chosen = wanted[name]
        if len(values) < 2 and not chosen:
            continue
        chips = []
        for value in sorted(values.keys() | ({chosen} - {""})):
            others = {key: each for key, each in wanted.items() if each and key != name}
            query = urlencode(others if value == chosen else {**others, name: value})
            chips.append(
                {
                    "text": texts.get(value, value),
                    "href": f"{PATH}?{query}" if query else PATH,
                    "count": values.get(value, 0),
                    "on": value == chosen,
                }
            )
        found.append({"title": title, "chips": chips})
    return found


def _case(shown: Shown) -> str:
    """Where a case of this alert is begun: a title and a line, for whoever opens it to complete."""
    alert = shown.alert
    title = shown.name or alert.named
    summary = f"{alert.value} · {alert.host or alert.source} · {alert.count} · {alert.indicator}"
    return "/cases/new?" + urlencode({"title": title[:200], "summary": summary[:500]})
