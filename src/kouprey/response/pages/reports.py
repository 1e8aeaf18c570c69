"""Reports that came in: the list, one of them, what becomes of it, and the answers that are sent by hand."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response, StreamingResponse

from kouprey.kernel.web.attachments import attachment
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.session import Undo
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import KoupreyError
from kouprey.people.model import Permission, roles_with
from kouprey.response.model.cases import Case
from kouprey.response.model.reports import Origin, Report, Standing
from kouprey.response.pages import cases as lists
from kouprey.response.pages import reportwords as words
from kouprey.response.pages.naming import plain
from kouprey.response.rules.intake import Loop, is_mailbox
from kouprey.response.service import Reports
from kouprey.response.store.cases import place_of, read_place

PATH = "/reports"


def doors(services: Services) -> list[Door]:
    """The list, the answers, one, and what is done with it."""
    desk = _Desk(services)
    reads: dict[str, Any] = {"roles": roles_with(Permission.READ)}
    one = f"{PATH}/{{number}}"
    return [
        page(PATH, desk.show, **reads),
        page(f"{PATH}/answers", desk.answers, **reads),
        page(f"{PATH}/answers/{{answer}}", desk.sent, "POST", **reads),
        page(one, desk.one, **reads),
        page(f"{one}/original", desk.original, seconds=600.0, **reads),
        page(f"{one}/case", desk.put, "POST", **reads),
        page(f"{one}/abandon", desk.abandon, "POST", **reads),
    ]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._reports = services.get(Reports)

    def show(self, request: Request) -> Response:
        who, asked = lists.who_of(request), request.query_params
        if not self._reports.reads(who):
            return request.render("response/reports_none.html")
        standing = asked.get("standing", "")
        standing = standing if standing in list(Standing) else ""
        found, more = self._reports.page(who, standing, before=read_place(asked.get("before", "")))
        question = f"&standing={standing}" if standing else ""
        last = found[-1][0] if found and more else None
        counts = self._reports.count(who)
        chosen = [(_("All"), PATH, not standing, sum(counts.values()))]
        chosen += [
            (_(text), f"{PATH}?standing={key}", standing == key, counts.get(str(key), 0))
            for key, (text, _tone) in words.STANDINGS.items()
        ]
        may = self._reports.may(who)
        box = self._reports.box_state()
        return request.render(
            "response/reports.html",
            rows=[self._row(report, case) for report, case in found],
            chosen=chosen,
            total=counts.get(standing, 0) if standing else sum(counts.values()),
            standing=standing,
            older=f"{PATH}?before={place_of(last.at, last.id)}{question}" if last else "",
            newest=f"{PATH}?{question[1:]}" if asked.get("before") else "",
            waiting=len(self._reports.answers(who)) if may else 0,
            may=may,
            box=box[0] if box else None,
            box_state=box[1] if box else None,
            form=self._reports.form,
            folder=self._reports.folder.name if self._reports.folder else "",
            path=PATH,
        )

    def _row(self, report: Report, case: Case | None) -> dict[str, Any]:
        return {
            "report": report,
            "title": _title(report),
            "sender": plain(report.mail.sender_text or report.reach),
            "standing": _standing(report),
            "origin": _(words.ORIGINS[report.origin]),
            "case": case,
            "case_title": plain(case.title) if case else "",
        }

    def one(self, request: Request) -> Response:
        return self._one(request)

    def _one(self, request: Request, error: str = "", status: int = 200, why: str = "") -> Response:
        who = lists.who_of(request)
        shown = self._reports.get(who, request.path_params["number"])
        report = shown.report
        return request.render(
            "response/report.html",
            status,
            report=report,
            mail=report.mail,
            title=_title(report),
            standing=_standing(report),
            origin=_(words.ORIGINS[report.origin]),
            trouble=_(words.TROUBLES[report.mail.trouble]) if report.mail.trouble else "",
            loop=_(words.LOOPS[Loop(report.why)]) if report.standing is Standing.LOOP and report.why else "",
            formed=report.origin is Origin.FORM,
            unanswered=_unanswered(report),
            seal=_(words.SEALS[report.mail.sealed]) if report.mail.sealed else "",
            case=shown.case,
            claimed=shown.claimed if shown.case is None or not shown.case.merged_into else None,
            answers=[(each, _sending(each.sending)) for each in shown.answers],
            doubtful=shown.doubtful,
            may=self._reports.may(who),
            error=error,
            why=why,
            path=PATH,
        )

    def put(self, request: Request) -> Response:
        number = request.path_params["number"]
        try:
            into = request.field("into", longest=40).lstrip("#")
            case = self._reports.put_into_case(lists.who_of(request), number, into)
        except KoupreyError as error:
            return self._one(request, lists.said(error), error.http_status)
        text = _("It is read in case %(number)s now.") if into else _("Case %(number)s is open.")
        return request.redirect(f"{PATH}/{number}", text % {"number": into or case.number})

    def abandon(self, request: Request) -> Response:
        number, who = request.path_params["number"], lists.who_of(request)
        why = request.field("why", longest=2_000)
        try:
            if request.field("back", longest=10):
                self._reports.take_back(who, number)
                return request.redirect(f"{PATH}/{number}", _("It is as it was before."))
            self._reports.abandon(who, number, why)
        except KoupreyError as error:
            return self._one(request, lists.said(error), error.http_status, why)
        undo = Undo(f"{PATH}/{number}/abandon", {"back": "yes"})
        return request.redirect(f"{PATH}/{number}", _("It is set aside."), undo=undo)

    def original(self, request: Request) -> StreamingResponse:
        """As an attachment: nothing that a stranger sent is opened inside these pages."""
        report, parts = self._reports.read_original(lists.who_of(request), request.path_params["number"])
        return attachment(f"report-{report.number}.eml", report.size, parts)

    def answers(self, request: Request) -> Response:
        who = lists.who_of(request)
        found = self._reports.answers(who)
        return request.render(
            "response/report_answers.html",
            answers=[(answer, report, _sending(answer.sending)) for answer, report in found],
            sends=self._reports.sends_mail(),
            path=PATH,
        )

    def sent(self, request: Request) -> Response:
        self._reports.note_sent(lists.who_of(request), request.path_params["answer"])
        return request.redirect(f"{PATH}/answers", _("It is written down that you sent it."))


def _title(report: Report) -> str:
    return plain(report.mail.subject) or _("without a subject")


def _unanswered(report: Report) -> str:
    """Why no answer was written, as far as the report itself tells."""
    if report.mail.robot or report.mail.bounce:
        return _("None was written: a program wrote it.")
    if report.mail.trouble:
        return _("None was written: it could not be read.")
    if not is_mailbox(report.mail.sender):
        return _("None was written: there is no mail address to answer to.")
    return _("None was written: they had several within a day, or nobody reads that mailbox.")


def _standing(report: Report) -> tuple[str, str]:
    text, tone = words.STANDINGS[report.standing]
    return _(text), tone


def _sending(sending: Any) -> tuple[str, str]:
    text, tone = words.SENDINGS[sending]
    return _(text), tone
