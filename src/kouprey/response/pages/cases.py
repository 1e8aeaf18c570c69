"""Cases: the list, the form to open one, the page of one, and how long they took."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from kouprey.exchange.service import Exchange
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, in_words, labelled
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.kernel.words.tlp import TLP, parse_pap, parse_tlp
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People
from kouprey.response.model.cases import MOMENTS, Case, CaseLine, Kind, Phase, Severity
from kouprey.response.model.casetemplates import Template
from kouprey.response.model.taxonomy import RSIT
from kouprey.response.pages import casewords as words
from kouprey.response.pages.naming import Names, plain
from kouprey.response.rules.measuring import doubt, out_of_order, spans
from kouprey.response.service import Cases, CaseTemplates, Duties, HandOffs, Notices, Strategies
from kouprey.response.service.cases import Begun
from kouprey.response.store.cases import Wanted, place_of, read_place
from kouprey.response.wire.casewords import offset_text, read_moment, show_moment

PATH = "/cases"
OFFSETS = ("+07:00", "+08:00", "+00:00", "+05:30", "+06:30", "+09:00", "+10:00", "+01:00", "+02:00", "-05:00")
"""Offered in forms, those of the region first; any other can be written behind the time."""
FORM = ("title", "summary", "type", "severity", "severity_why", "tlp", "cross_border", "sectors", "kind", "strategy")


def doors(services: Services) -> list[Door]:
    """The list, a new one, how long they took, one, and what is changed of it."""
    desk = Desk(services)
    reads = roles_with(Permission.READ)
    return [
        page(PATH, desk.show, roles=reads),
        page(f"{PATH}/new", desk.form, roles=reads),
        page(f"{PATH}/times", desk.times, roles=reads),
        page(PATH, desk.open, "POST", roles=reads),
    ]


class Desk:
    """What these pages ask of the services."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.cases = services.get(Cases)
        self.templates = services.get(CaseTemplates)
        self.duties = services.get(Duties)
        self.strategies = services.get(Strategies)
        self.notices = services.get(Notices)
        self.people = services.get(People)
        self.exchange = services.get(Exchange)

    def show(self, request: Request) -> Response:
        who, asked = who_of(request), request.query_params
        if not self.cases.reads(who):
            return request.render("response/cases_none.html")
        wanted = _wanted(asked)
        lines, more = self.cases.list_cases(who, wanted, before=read_place(asked.get("before", "")))
        last = lines[-1].case if more and lines else None
        question = urlencode([(name, value) for name, value in asked.multi_items() if name != "before" and value])
        older = (
            f"{PATH}?before={place_of(last.changed_at, last.id)}" + (f"&{question}" if question else "") if last else ""
        )
        names, overdue = Names(self.people), self.duties.overdue_of(who, [line.case.id for line in lines])
        return request.render(
            "response/cases.html",
            rows=[self._row(line, names, overdue) for line in lines],
            older=older,
            newest=f"{PATH}?{question}" if asked.get("before") else "",
            # A page that holds all of them has counted them.
            total=len(lines) if not more and not asked.get("before") else self.cases.count(who, wanted),
            asked=dict(asked),
            filtered=any(asked.get(name) for name in ("text", "phase", "severity", "category", "state", "border")),
            phases=[("", _("any phase")), *_pairs(words.PHASES)],
            severities=[("", _("any severity")), *_pairs(words.SEVERITIES)],
            classes=[("", _("any class")), *((key, _(text)) for key, text in words.CLASSES.items())],
            may_open=self.cases.may_open(who),
            path=PATH,
        )

    def _row(self, line: CaseLine, names: Names, overdue: Collection[str]) -> dict[str, Any]:
        case = line.case
        return {
            "case": case,
            "title": plain(case.title),
            "phase": phase_of(case),
            "severity": (_(words.SEVERITIES[case.severity][0]), words.SEVERITIES[case.severity][1]),
            "type": _(words.TYPES[case.type]) if case.type else "",
            "tasks": line.tasks,
            "lead": names.person(case.lead) if case.lead else "",
            "overdue": case.id in overdue,
            "kind": _(words.KINDS[case.kind]),
        }

    def form(self, request: Request) -> Response:
        asked = request.query_params
        who = who_of(request)
        begun = self.cases.begin_with(who, from_object=asked.get("object", ""), from_handoff=asked.get("handoff", ""))
        # What another room has found is put in, and a person says the rest.
        title, summary = asked.get("title", "")[:200], asked.get("summary", "")[:20_000]
        given = {"title": begun.title or title, "summary": begun.summary or summary}
        given["tlp"] = max(TLP.AMBER, begun.tlp).word
        given |= {name: asked.get(name, "") for name in ("strategy", "object", "handoff", "template")}
        if given["template"]:
            given |= self._begun_by(who, given["template"], given, begun)
        return self._form(request, given, begun)

    def _begun_by(self, who: Reader, template: str, given: Mapping[str, str], begun: Begun) -> dict[str, str]:
        """What a template fills the form with; it says nothing over what the case begins with."""
        held = self.templates.get(who, template)
        return {
            "title": given["title"] or held.title,
            "summary": given["summary"] or held.summary,
            "tlp": max(held.tlp, begun.tlp).word,
            "type": held.type,
            "severity": str(held.severity),
            "kind": str(held.kind),
            "sectors": ", ".join(held.sectors),
            "cross_border": "yes" if held.cross_border else "",
        }

    def refused(self, request: Request, error: str, status: int) -> Response:
        """The empty form with what was wrong about a file."""
        return self._form(request, {"title": "", "summary": "", "tlp": TLP.AMBER.word}, Begun(), error, status)

    def _form(
        self, request: Request, given: dict[str, str], begun: Begun, error: str = "", status: int = 200
    ) -> Response:
        heads, _more = self.strategies.list(request.reader)
        return request.render(
            "response/case_new.html",
            status,
            given=given,
            begun=begun,
            error=error,
            strategies=[("", _("none")), *((head.stix_id, plain(head.title or head.stix_id)) for head in heads)],
            templates=[("", _("none")), *((each.id, plain(each.name)) for each in self._templates_of(request))],
            types=types(),
            severities=_pairs(words.SEVERITIES),
            kinds=[(str(key), _(text)) for key, text in words.KINDS.items()],
            levels=[(level.word, level.text) for level in TLP if begun.tlp <= level <= request.reader.clearance],
            path=PATH,
        )

    def _templates_of(self, request: Request) -> Sequence[Template]:
        who = who_of(request)
        return self.templates.list(who) if self.cases.reads(who) else ()

    def open(self, request: Request) -> Response:
        who = who_of(request)
        given = {name: request.field(name, longest=20_000) for name in (*FORM, "object", "handoff", "template")}
        begun = self.cases.begin_with(who, from_object=given["object"], from_handoff=given["handoff"])
        try:
            how: dict[str, Any] = {
                "summary": given["summary"],
                "bodies": begun.bodies,
                "origin": begun.origin,
                "kind": Kind(given["kind"] or "incident"),
                "type": given["type"],
                "severity": Severity(given["severity"] or "unknown"),
                "severity_why": given["severity_why"],
                "tlp": parse_tlp(given["tlp"]),
                "cross_border": bool(given["cross_border"]),
                "sectors": listed(given["sectors"]),
            }
            if given["template"] and given["strategy"]:
                raise Damaged(
                    "A case begins with a template or with a strategy.",
                    "Both bring tasks.",
                    "Choose one, and take the strategy up in the case.",
                    code="bad-field",
                )
            if given["template"]:
                made = self.templates.open(who, given["template"], given["title"], **how)
            elif given["strategy"]:
                tasks = self.strategies.tasks(who, given["strategy"])
                made = self.cases.open_by(who, given["title"], given["strategy"], tasks, **how)
            else:
                made = self.cases.open(who, given["title"], **how)
        except ValueError as error:
            return self._form(request, given, begun, str(error)[:200], 400)
        except KoupreyError as error:
            return self._form(request, given, begun, said(error), error.http_status)
        return request.redirect(f"{PATH}/{made.number}", _("Case %(number)s is open.") % {"number": made.number})

    def times(self, request: Request) -> Response:
        found = self.cases.measured(who_of(request))
        return request.render(
            "response/case_times.html",
            classes=[(_(words.CLASSES[name]) if name else _("All"), spans_of) for name, spans_of in found.items()],
            spans=[(name, _(text)) for name, text in words.SPANS.items()],
            unclassed=_counted(found[""]) - sum(_counted(each) for name, each in found.items() if name),
            nothing=not any(known for known, *_rest in found[""].values()),
            path=PATH,
        )


def facts_of(case: Case) -> dict[str, Any]:
    """What a page shows of a case itself: its times as they were said, and how long it took with its arithmetic."""
    moments = [
        {
            "key": name,
            "name": _(words.MOMENTS[name]),
            "at": case.moments[name].at if name in case.moments else 0,
            "said": show_moment(case.moments[name]) if name in case.moments else "",
            "elsewhere": name in case.moments and case.moments[name].offset != 0,
            "precision": _(words.PRECISIONS[case.moments[name].precision]) if name in case.moments else "",
            "offset": offset_text(case.moments[name]) if name in case.moments else OFFSETS[0],
        }
        for name in MOMENTS
    ]
    taken = [
        {
            "name": _(words.SPANS[each.name]),
            "seconds": each.seconds,
            "from": show_moment(case.moments[each.start]),
            "to": show_moment(case.moments[each.end]),
            "doubt": doubt(case.moments, each),
        }
        for each in spans(case.moments)
        if each.seconds is not None
    ]
    wrong = [(_(words.MOMENTS[start]), _(words.MOMENTS[end])) for start, end in out_of_order(case.moments)]
    return {"moments": moments, "spans": taken, "wrong": wrong}


def changes_of(request: Request) -> dict[str, Any]:
    """What the form of a case changes: each field that it has. Damaged for what cannot be read."""
    given: dict[str, Any] = {}
    texts = {name: request.field(name, longest=20_000) for name in request.fields if name not in ("csrf", "file")}
    readers: dict[str, Any] = {"kind": Kind, "phase": Phase, "severity": Severity, "tlp": parse_tlp, "pap": parse_pap}
    for name, read in readers.items():
        if texts.get(name):
            try:
                given[name] = read(texts[name])
            except ValueError as error:
                raise Damaged("A field cannot be read.", str(error)[:120], code="bad-field") from error
    for name in ("title", "summary", "type", "severity_why", "lead"):
        if name in texts:
            given[name] = texts[name]
    if "sectors" in texts:
        given["sectors"] = listed(texts["sectors"])
    if "whole" in texts:
        given["cross_border"] = bool(texts.get("cross_border"))
    moment = texts.get("moment", "")
    if moment:
        given["moments"] = {
            moment: read_moment(texts.get("at", ""), texts.get("offset", ""), texts.get("precision", ""))
        }
    return given


def who_of(request: Request) -> Reader:
    """Who looks, with the roles they have."""
    return HandOffs.speaker(request.reader, request.who.roles)


def phase_of(case: Case) -> tuple[str, str]:
    """How its phase is called, and its tone."""
    text, tone = words.PHASES[case.phase]
    return _(text), tone


def types() -> list[tuple[str, str]]:
    """Choices of a type of incident, by class."""
    return [
        ("", _("not yet said")),
        *(
            (kind, labelled(_(words.CLASSES[name]), _(words.TYPES[kind])))
            for name, kinds in RSIT.items()
            for kind in kinds
        ),
    ]


def _pairs(named: Mapping[Any, tuple[str, str]]) -> list[tuple[str, str]]:
    return [(str(key), _(text)) for key, (text, _tone) in named.items()]


def listed(text: str) -> tuple[str, ...]:
    """Words between commas."""
    return tuple(each.strip()[:200] for each in text.split(",") if each.strip())[:50]


def said(error: KoupreyError) -> str:
    """An error as a page shows it."""
    return in_words(error)


def _counted(spans_of: Mapping[str, tuple[int, int, int, int]]) -> int:
    """How many cases stand behind a table: of each it is either known or not known how long it took."""
    return max((known + missing for known, missing, *_rest in spans_of.values()), default=0)


def _wanted(asked: Any) -> Wanted:
    state = asked.get("state", "")
    return Wanted(
        text=asked.get("text", "")[:200],
        phase=asked.get("phase", ""),
        category=asked.get("category", ""),
        severity=asked.get("severity", ""),
        cross_border=True if asked.get("border") else None,
        closed={"closed": True, "any": None}.get(state, False),
    )


def offsets() -> Sequence[tuple[str, str]]:
    """Choices of an offset from UTC."""
    return [(each, f"UTC{each}") for each in OFFSETS]


def precisions() -> Sequence[tuple[str, str]]:
    """Choices of how exactly a time is known."""
    return [("", _("as it is written")), *((str(key), _(text)) for key, text in words.PRECISIONS.items())]
