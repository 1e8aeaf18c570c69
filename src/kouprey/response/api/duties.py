"""Endpoints about duties: the clocks of laws on cases, their reports, and the export of a quarter."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from kouprey.kernel.web.api import api
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.people.model import Permission, roles_with
from kouprey.response.api.dutyshapes import (
    Answered,
    AnswerShown,
    Begun,
    DraftShown,
    DutyList,
    DutyShown,
    ExportShown,
    Figures,
    FormShown,
    Owing,
    Quarter,
    RegimeList,
    ReportList,
    SendingShown,
    Sent,
    Stopped,
    Written,
    answer_shown,
    draft_shown,
    duty_shown,
    export_shown,
    form_shown,
    regime_shown,
    report_shown,
    sending_shown,
    when,
)
from kouprey.response.service import Cases, Duties, HandOffs
from kouprey.response.store.cases import place_of, read_place
from kouprey.response.store.duties import FAR, Sought
from kouprey.response.wire.casewords import read_moment

OF_CASE = "/cases/{case}/duties"
ONE = f"{OF_CASE}/{{duty}}"
REPORT = f"{ONE}/{{step}}"
SENDINGS = f"{REPORT}/sendings"
PLAIN = "text/plain"
GONE = {"unknown-case": 404, "unknown-duty": 404, "role-missing": 403}


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services)
    told: dict[str, Any] = {"group": "Duties", "roles": roles_with(Permission.READ)}
    return [*_lists(desk, told), *_clocks(desk, told), *_reports(desk, told), *_sent(desk, told)]


def _lists(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    return [
        api(
            "GET",
            "/regimes",
            desk.regimes,
            gives=RegimeList,
            fails={"bad-regime": 400},
            summary="Regimes that can be begun on a case.",
            **told,
        ),
        api(
            "GET",
            "/duties",
            desk.list,
            takes=Owing,
            gives=ReportList,
            fails={"role-missing": 403, "bad-field": 400},
            does=("GET /duties",),
            summary="Reports that are owed, over all cases that you may see, what is due soonest first.",
            **told,
        ),
        api(
            "GET",
            "/duties/quarter",
            desk.export,
            takes=Quarter,
            gives=ExportShown,
            fails={"role-missing": 403, "bad-quarter": 400},
            does=("GET /duties/quarter",),
            summary="Final reports that were sent in a quarter, and those that are left out, with the reason.",
            **told,
        ),
        api(
            "GET",
            "/duties/quarter.csv",
            desk.table,
            takes=Quarter,
            media=("text/csv",),
            fails={"role-missing": 403, "bad-quarter": 400},
            does=("GET /duties/quarter.csv",),
            summary="The same as a table, in which no cell is a formula.",
            **told,
        ),
    ]


def _clocks(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    return [
        api(
            "GET",
            OF_CASE,
            desk.of_case,
            gives=DutyList,
            fails=GONE,
            does=(f"GET {OF_CASE}",),
            summary="Duties of a case.",
            **told,
        ),
        api(
            "POST",
            OF_CASE,
            desk.start,
            takes=Begun,
            gives=DutyShown,
            status=201,
            fails={
                **GONE,
                "bad-regime": 400,
                "bad-moment": 400,
                "bad-time": 400,
                "bad-track": 400,
                "no-person": 400,
                "no-reason": 400,
                "merged": 409,
            },
            does=(f"POST {OF_CASE}",),
            summary="A case falls under a regime: its clocks begin.",
            **told,
        ),
        api("GET", ONE, desk.one, gives=DutyShown, fails=GONE, summary="A duty with its reports.", **told),
        api(
            "PUT",
            f"{ONE}/stopped",
            desk.stop,
            takes=Stopped,
            gives=DutyShown,
            fails={**GONE, "no-reason": 400, "no-change": 409, "changed-meanwhile": 409},
            does=(f"POST {ONE}",),
            summary="Stop the clocks of a duty, or let them go on; either needs a reason.",
            **told,
        ),
    ]


def _reports(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    return [
        api(
            "GET",
            REPORT,
            desk.draft,
            gives=DraftShown,
            fails={**GONE, "unknown-report": 404},
            does=(f"GET {REPORT}",),
            summary="A report with its words, every version, what was sent, and what was said of it.",
            **told,
        ),
        api(
            "PUT",
            REPORT,
            desk.write,
            takes=Written,
            gives=FormShown,
            fails={**GONE, "unknown-report": 404, "bad-field": 400, "bad-text": 400, "changed-meanwhile": 409},
            does=(f"POST {REPORT}",),
            summary="Keep a version of the words of a report.",
            **told,
        ),
    ]


def _sent(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    report = {**GONE, "unknown-report": 404}
    return [
        api(
            "POST",
            SENDINGS,
            desk.send,
            takes=Sent,
            gives=SendingShown,
            status=201,
            fails={
                **report,
                "no-form": 409,
                "bad-moment": 400,
                "bad-time": 400,
                "bad-text": 400,
                "changed-meanwhile": 409,
            },
            does=(f"POST {SENDINGS}",),
            summary="Write down that a report was sent; its exact text is kept with its SHA-256.",
            **told,
        ),
        api(
            "GET",
            f"{SENDINGS}/{{sending}}",
            desk.text,
            media=(PLAIN,),
            fails={**report, "unknown-sending": 404, "broken": 400},
            does=(f"GET {SENDINGS}/{{sending}}",),
            summary="What was sent, byte for byte.",
            **told,
        ),
        api(
            "POST",
            f"{SENDINGS}/{{sending}}/answers",
            desk.answer,
            takes=Answered,
            gives=AnswerShown,
            status=201,
            fails={**report, "unknown-sending": 404, "bad-moment": 400, "no-reason": 400, "bad-text": 400},
            does=(f"POST {SENDINGS}/{{sending}}",),
            summary="Write down what the receiver said of it: accepted, or revision required.",
            **told,
        ),
    ]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._duties = services.get(Duties)
        self._cases = services.get(Cases)

    def regimes(self, request: Request) -> RegimeList:
        return RegimeList(regimes=tuple(map(regime_shown, self._duties.regimes().values())))

    def list(self, request: Request, asked: Owing) -> ReportList:
        who, now = _who(request), self._duties.now()
        sought = Sought(state=asked.state, regime=asked.regime)
        lines, more = self._duties.list(who, sought, after=read_place(asked.after))
        tally = self._duties.tally(who)
        last = lines[-1].report if more else None
        return ReportList(
            reports=tuple(report_shown(each, now) for each in lines),
            figures=Figures(
                owed=tally.owed, overdue=tally.overdue, kept=tally.kept, late=tally.late, revision=tally.revision
            ),
            after=place_of(last.due or FAR, last.id) if last is not None else "",
        )

    def export(self, request: Request, asked: Quarter) -> ExportShown:
        return export_shown(self._duties.export(_who(request), asked.quarter), self._duties.now())

    def table(self, request: Request, asked: Quarter) -> Response:
        body = self._duties.export_table(_who(request), asked.quarter)
        return Response(body, media_type="text/csv; charset=utf-8")

    def of_case(self, request: Request) -> DutyList:
        opened = self._cases.get(_who(request), request.path_params["case"])
        return DutyList(duties=tuple(map(duty_shown, self._duties.of_case(_who(request), opened))))

    def start(self, request: Request, asked: Begun) -> DutyShown:
        held = self._duties.start(
            _who(request),
            request.path_params["case"],
            asked.regime,
            known=read_moment(asked.known, asked.offset),
            known_by=asked.known_by,
            why=asked.why,
            track=asked.track,
        )
        return duty_shown(held)

    def one(self, request: Request) -> DutyShown:
        return duty_shown(self._duties.get(_who(request), request.path_params["duty"], request.path_params["case"]))

    def stop(self, request: Request, asked: Stopped) -> DutyShown:
        who, duty = _who(request), request.path_params["duty"]
        self._duties.get(who, duty, request.path_params["case"])
        return duty_shown(self._duties.set_stopped(who, duty, asked.version, asked.why, stopped=asked.stopped))

    def draft(self, request: Request) -> DraftShown:
        duty, step, case = _where(request)
        return draft_shown(self._duties.draft(_who(request), duty, step, case))

    def write(self, request: Request, asked: Written) -> FormShown:
        duty, step, case = _where(request)
        return form_shown(self._duties.write(_who(request), duty, step, asked.version, asked.fields, case))

    def send(self, request: Request, asked: Sent) -> SendingShown:
        duty, step, case = _where(request)
        sent = self._duties.send(
            _who(request),
            duty,
            step,
            asked.version,
            asked.channel,
            at=when(asked.at, asked.offset),
            reference=asked.reference,
            case=case,
        )
        return sending_shown(sent)

    def text(self, request: Request) -> Response:
        duty, step, case = _where(request)
        _, said = self._duties.sent_text(_who(request), duty, step, request.path_params["sending"], case)
        return text_response(said)

    def answer(self, request: Request, asked: Answered) -> AnswerShown:
        duty, step, case = _where(request)
        said = self._duties.answer(
            _who(request),
            duty,
            step,
            request.path_params["sending"],
            asked.verdict,
            at=when(asked.at, asked.offset),
            words=asked.words,
            case=case,
        )
        return answer_shown(said)


def text_response(said: bytes) -> Response:
    """The bytes as plain text: nothing is added, nothing is guessed."""
    headers = {"X-Content-Type-Options": "nosniff", "Content-Disposition": 'attachment; filename="report.txt"'}
    return Response(said, media_type="text/plain; charset=utf-8", headers=headers)


def _where(request: Request) -> tuple[str, str, str]:
    """Duty, report and case of an address."""
    return request.path_params["duty"], request.path_params["step"], request.path_params["case"]


def _who(request: Request) -> Reader:
    return HandOffs.speaker(request.reader, request.who.roles)
