"""Duties over all cases: what is owed, the export of a quarter, and what of it waits for somebody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, told
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged
from kouprey.people.model import Permission, roles_with
from kouprey.response.model.cases import Moment
from kouprey.response.model.duties import DutyLine, Standing
from kouprey.response.model.regimes import Regime
from kouprey.response.pages import casewords
from kouprey.response.pages import dutywords as words
from kouprey.response.pages.naming import plain
from kouprey.response.rules.duties import part_of
from kouprey.response.service import Duties, HandOffs
from kouprey.response.service.casefiles import Opened
from kouprey.response.service.duties import Held
from kouprey.response.store.cases import place_of, read_place
from kouprey.response.store.duties import FAR, Sought
from kouprey.response.wire.casewords import show_moment
from kouprey.response.wire.duties import quarter_before, quarter_of

PATH = "/duties"
OFFERED = 8
"""Quarters that the form of the export offers, the one that runs first."""
PRESSING = 4
"""Reports that the overview names."""


def doors(services: Services) -> list[Door]:
    """The list, and the export of a quarter."""
    desk = _Desk(services)
    reads = roles_with(Permission.READ)
    return [
        page(PATH, desk.show, roles=reads),
        page(f"{PATH}/quarter", desk.quarter, roles=reads),
        page(f"{PATH}/quarter.csv", desk.table, roles=reads),
    ]


def needs(services: Services) -> Callable[[Reader], Iterable[tuple[str, str, str, str]]]:
    """What the overview says of clocks that have reached a mark, to whoever may see the case."""
    duties = services.get(Duties)

    def tell(who: Reader) -> list[tuple[str, str, str, str]]:
        found = duties.pressing(who, PRESSING + 1)
        needs = [(_title(each), _text(each), url_of(each), "clock") for each in found[:PRESSING]]
        if len(found) > PRESSING:
            needs.append((_("More reports are owed"), _("All of them, what is due soonest first."), PATH, "clock"))
        return needs

    return tell


class _Desk:
    def __init__(self, services: Services) -> None:
        self._duties = services.get(Duties)

    def show(self, request: Request) -> Response:
        who, asked = _who(request), request.query_params
        if not self._duties.reads(who):
            return request.render("response/cases_none.html")
        state = asked.get("state", "") or "owed"
        sought = Sought(state=state, regime=asked.get("regime", "")[:80])
        after = read_place(asked.get("after", ""))
        lines, more = self._duties.list(who, sought, after=after)
        question = urlencode([(name, asked[name]) for name in ("state", "regime") if asked.get(name)])
        last = lines[-1].report if more else None
        further = f"{PATH}?after={place_of(last.due or FAR, last.id)}&{question}" if last is not None else ""
        now = self._duties.now()
        return request.render(
            "response/duties.html",
            rows=[row_of(each, now) for each in lines],
            tally=self._duties.tally(who),
            total=self._duties.count(who, sought),
            further=further,
            first=f"{PATH}?{question}" if after else "",
            states=[(key, _(text)) for key, text in words.STATES.items()],
            regimes=[("", _("any")), *regimes_of(self._duties)],
            asked={"state": state, "regime": sought.regime},
            filtered=state != "owed" or bool(sought.regime),
            quarter=quarter_of(now),
            path=PATH,
        )

    def quarter(self, request: Request) -> Response:
        who = _who(request)
        if not self._duties.reads(who):
            return request.render("response/cases_none.html")
        now = self._duties.now()
        export = self._duties.export(who, request.query_params.get("quarter", "") or quarter_of(now))
        before, after = quarter_before(export.quarter), quarter_of(export.until) if export.until <= now else ""
        offered = [quarter_of(now)]
        while len(offered) < OFFERED:
            offered.append(quarter_before(offered[-1]))
        # One that was asked for by its address is chosen too, however long ago it was.
        offered += [export.quarter] if export.quarter not in offered else []
        called = {each: quarter_called(each) for each in (*offered, before, after) if each}
        return request.render(
            "response/duties_quarter.html",
            export=export,
            rows=[row_of(each, now) for each in export.lines],
            omitted=[(row_of(line, now), _(words.LEFT[why])) for line, why in export.omitted],
            before=before,
            after=after,
            quarters=[(each, called[each]) for each in offered],
            called=called,
            path=PATH,
        )

    def table(self, request: Request) -> Response:
        quarter = request.query_params.get("quarter", "") or quarter_of(self._duties.now())
        body = self._duties.export_table(_who(request), quarter)
        name = f"reports-{quarter}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
        return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


def row_of(line: DutyLine, now: int) -> dict[str, Any]:
    """A report as a list or a clock shows it: each colour stands beside its words."""
    report, duty = line.report, line.duty
    text, tone = words.STANDINGS[line.standing]
    verdict, verdict_tone = words.VERDICTS[report.verdict]
    left = abs(report.due - (report.first_sent or now)) // 1_000_000
    return {
        "case": line.case,
        "case_title": plain(line.case.title),
        "title": lawful(line.step.title),
        "cites": lawful(line.step.cites),
        "regime": lawful(duty.regime.title),
        "report": report,
        "state": (_(text), tone),
        "verdict": (_(verdict), verdict_tone),
        "part": part_of(report, now),
        "left": left if line.standing in (Standing.RUNNING, Standing.OVERDUE, Standing.LATE) else 0,
        "over": line.standing in (Standing.OVERDUE, Standing.LATE),
        "open": line.standing in (Standing.RUNNING, Standing.OVERDUE),
        "due": both(Moment(report.due, duty.known.offset)) if report.due else "",
        "local": show_moment(Moment(report.due, duty.known.offset)) if report.due and duty.known.offset else "",
        "url": url_of(line),
    }


def quarter_called(quarter: str) -> str:
    """A quarter as people say it."""
    year, number = quarter.split("-Q")
    return _("quarter %(n)s of %(year)s") % {"n": number, "year": year}


def url_of(line: DutyLine) -> str:
    """The page of a report."""
    return f"/cases/{line.case.number}/duties/{line.duty.id}/{line.report.step}"


def clocks_of(duties: Duties, who: Reader, opened: Opened) -> list[dict[str, Any]]:
    """Duties of a case, each with its clocks."""
    return [clock_of(held) for held in duties.of_case(who, opened)]


def clock_of(held: Held) -> dict[str, Any]:
    """A duty with its clocks."""
    duty = held.duty
    return {
        "duty": duty,
        "title": lawful(duty.regime.title),
        "version": lawful(duty.regime.version),
        "to": lawful(duty.regime.to),
        "unchecked": not duty.regime.checked,
        "outdated": duty.regime.review_by <= held.now,
        "track": _(casewords.TRACKS[duty.track]),
        "known": both(duty.known),
        "known_by": plain(duty.known_by),
        "why": plain(duty.why),
        "because": plain(duty.because),
        "writes": held.writes,
        "number": held.opened.case.number,
        "rows": [row_of(each, held.now) for each in held.lines],
    }


def regimes_of(duties: Duties) -> list[tuple[str, str]]:
    """Choices of a regime."""
    return [(key, lawful(each.title)) for key, each in held_regimes(duties).items()]


def held_regimes(duties: Duties) -> Mapping[str, Regime]:
    """Regimes by their keys; where a file of the node is wrong, those that are asked for fail and lists do not."""
    try:
        return duties.regimes()
    except Damaged:
        return {}


def lawful(text: str) -> str:
    """What a regime says: ours come with a translation, those of a node are in the words of whoever wrote the file."""
    return plain(told(text))


def both(moment: Moment) -> str:
    """A time in the offset in which it was said, and in UTC."""
    utc = show_moment(Moment(moment.at))
    return f"{show_moment(moment)} ({utc[11:]})" if moment.offset else utc


def _title(line: DutyLine) -> str:
    return f"#{line.case.number} {lawful(line.step.title)}"


def _text(line: DutyLine) -> str:
    if line.standing is Standing.OVERDUE:
        return _("The time for this report is over.")
    return _("%(part)s %% of the time is over.") % {"part": line.report.told}


def _who(request: Request) -> Reader:
    return HandOffs.speaker(request.reader, request.who.roles)
