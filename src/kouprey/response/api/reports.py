"""Endpoints about reports: what people outside have told us."""

from __future__ import annotations

from io import BytesIO
from typing import Annotated, Any

from msgspec import Meta, Struct
from starlette.responses import StreamingResponse

from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.attachments import BYTES, attachment
from kouprey.kernel.web.door import MIB, Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Forbidden
from kouprey.people.model import Permission, roles_with
from kouprey.response.model.cases import Case
from kouprey.response.model.reports import Answer, Origin, Report, Sending, Standing, Told
from kouprey.response.rules.intake import WORDS
from kouprey.response.service import HandOffs, Reports
from kouprey.response.store.cases import place_of, read_place

MAIL = "message/rfc822"
LARGEST = 64 * MIB
ONE = "/reports/{number}"
GONE = {"unknown-report": 404, "role-missing": 403}
Words = Annotated[str, Meta(max_length=20_000)]
Short = Annotated[str, Meta(max_length=2_000)]


class WhichReports(Asked, frozen=True, kw_only=True):
    """Which reports: all, or those with one `standing`. `before` is the `before` of the answer before."""

    standing: Standing | None = None
    before: str = ""


class NewReport(Asked, frozen=True, kw_only=True):
    """What somebody tells: what happened, where, when, and how they are reached; all but `what` may be empty.

    `once` names this telling: sent twice with the same words it is one report.
    """

    what: Words
    where: Short = ""
    when: Short = ""
    reach: Short = ""
    once: Annotated[str, Meta(max_length=100)] = ""


class IntoCase(Asked, frozen=True, kw_only=True):
    """The number of a case to join, "" for a new one."""

    case: str = ""


class SetAside(Asked, frozen=True, kw_only=True):
    """Whether it is set aside as no incident, and why."""

    abandoned: bool
    why: Short = ""


class SentByHand(Asked, frozen=True, kw_only=True):
    """Somebody has sent it."""

    sent: bool = True


class EnclosedShown(Struct, frozen=True, kw_only=True):
    """An attachment, with the SHA-256 of its bytes."""

    name: str
    media_type: str
    size: int
    sha256: str


class ReportShown(Struct, frozen=True, kw_only=True):
    """A report. `case` is the number of the case that it stands in, 0 for none that you see; `claims` the number of
    one that its subject names. `sender` and `subject` are what the mail says, which proves nothing."""

    number: int
    origin: Origin
    standing: Standing
    at: Time
    sender: str
    subject: str
    text: str
    reach: str
    enclosed: tuple[EnclosedShown, ...]
    sealed: str
    trouble: str
    trouble_why: str
    why: str
    size: int
    sha256: str
    case: int
    claims: int


class ReportList(Struct, frozen=True, kw_only=True):
    """A page of reports, what came last first."""

    reports: tuple[ReportShown, ...]
    before: str


class CaseOf(Struct, frozen=True, kw_only=True):
    """The case that a report stands in, or that it is read in."""

    case: int


class AnswerShown(Struct, frozen=True, kw_only=True):
    """An answer to a reporter that no relay has taken."""

    id: str
    report: int
    to: str
    subject: str
    text: str
    sending: Sending
    why: str


class AnswerList(Struct, frozen=True, kw_only=True):
    """Answers that a person may have to send."""

    answers: tuple[AnswerShown, ...]


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services)
    told: dict[str, Any] = {"group": "Reports", "roles": roles_with(Permission.READ)}
    return [*_lists(desk, told), *_takes(desk, told), *_one(desk, told)]


def _lists(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    return [
        api(
            "GET",
            "/reports",
            desk.list,
            takes=WhichReports,
            gives=ReportList,
            fails={"role-missing": 403},
            does=("GET /reports",),
            summary="Reports that you may see.",
            **told,
        ),
        api(
            "GET",
            "/reports/answers",
            desk.answers,
            gives=AnswerList,
            fails={"role-missing": 403},
            does=("GET /reports/answers",),
            summary="Answers to reporters that no relay has taken.",
            **told,
        ),
        api(
            "PUT",
            "/reports/answers/{answer}",
            desk.sent,
            takes=SentByHand,
            gives=AnswerShown,
            fails={"role-missing": 403, "unknown-answer": 404, "changed-meanwhile": 409},
            does=("POST /reports/answers/{answer}",),
            summary="Say that an answer was sent by hand.",
            **told,
        ),
    ]


def _takes(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    return [
        api(
            "POST",
            "/reports",
            desk.tell,
            takes=NewReport,
            gives=ReportShown,
            status=201,
            fails={"role-missing": 403, "no-text": 400, "bad-text": 400},
            summary="Tell of an incident; a case is opened for it.",
            **told,
        ),
        api(
            "POST",
            "/reports/mail",
            desk.mail,
            brings=(MAIL,),
            gives=ReportShown,
            status=201,
            fails={"role-missing": 403},
            cap=LARGEST,
            seconds=600.0,
            summary="Take a mail in, byte for byte; a case is opened for it, or it joins the one that it answers.",
            **told,
        ),
    ]


def _one(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    return [
        api("GET", ONE, desk.one, gives=ReportShown, fails=GONE, does=(f"GET {ONE}",), summary="A report.", **told),
        api(
            "GET",
            f"{ONE}/original",
            desk.original,
            media=(BYTES,),
            fails={**GONE, "no-evidence": 404},
            seconds=600.0,
            does=(f"GET {ONE}/original",),
            summary="The bytes that came; that you read them is written down first.",
            **told,
        ),
        api(
            "PUT",
            f"{ONE}/case",
            desk.put,
            takes=IntoCase,
            gives=CaseOf,
            fails={**GONE, "unknown-case": 404, "has-case": 409, "set-aside": 409, "bad-merge": 409, "merged": 409},
            does=(f"POST {ONE}/case",),
            summary="Open a case for a report, or let it stand in one.",
            **told,
        ),
        api(
            "PUT",
            f"{ONE}/abandoned",
            desk.abandon,
            takes=SetAside,
            gives=ReportShown,
            fails={**GONE, "no-text": 400, "set-aside": 409, "not-set-aside": 409, "changed-meanwhile": 409},
            does=(f"POST {ONE}/abandon",),
            summary="Set a report aside as no incident, or take that back.",
            **told,
        ),
    ]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._reports = services.get(Reports)

    def list(self, request: Request, asked: WhichReports) -> ReportList:
        found, more = self._reports.page(_who(request), str(asked.standing or ""), before=read_place(asked.before))
        last = found[-1][0] if found and more else None
        return ReportList(
            reports=tuple(_shown(report, case) for report, case in found),
            before=place_of(last.at, last.id) if last is not None else "",
        )

    def answers(self, request: Request) -> AnswerList:
        return AnswerList(
            answers=tuple(_answer(each, report.number) for each, report in self._reports.answers(_who(request)))
        )

    def sent(self, request: Request, asked: SentByHand) -> AnswerShown:
        return _answer(self._reports.note_sent(_who(request), request.path_params["answer"]), 0)

    def tell(self, request: Request, asked: NewReport) -> ReportShown:
        who = self._check_teller(request)
        words = Told(what=asked.what, where=asked.where, when=asked.when, reach=asked.reach)
        came, _secret = self._reports.tell(words, once=asked.once, origin=Origin.PROGRAM)
        return self._again(who, came.report)

    def mail(self, request: Request) -> ReportShown:
        who = self._check_teller(request)
        return self._again(who, self._reports.take(BytesIO(request.content), Origin.MAILBOX).report)

    def one(self, request: Request) -> ReportShown:
        shown = self._reports.get(_who(request), request.path_params["number"])
        return _shown(shown.report, shown.case)

    def original(self, request: Request) -> StreamingResponse:
        report, parts = self._reports.read_original(_who(request), request.path_params["number"])
        return attachment(f"report-{report.number}.eml", report.size, parts)

    def put(self, request: Request, asked: IntoCase) -> CaseOf:
        case = self._reports.put_into_case(_who(request), request.path_params["number"], asked.case)
        return CaseOf(case=case.number)

    def abandon(self, request: Request, asked: SetAside) -> ReportShown:
        who, number = _who(request), request.path_params["number"]
        if asked.abandoned:
            self._reports.abandon(who, number, asked.why)
        else:
            self._reports.take_back(who, number)
        return self.one(request)

    def _check_teller(self, request: Request) -> Reader:
        """Whoever opens cases may tell; programs of others use the form, which is slowed down."""
        who = _who(request)
        if not self._reports.may(who):
            raise Forbidden("Reports are taken in by those who open cases.", "", "Ask a lead.", code="role-missing")
        return who

    def _again(self, who: Reader, report: Report) -> ReportShown:
        """What was told, as its teller may see it; Unknown for whoever is cleared for less than its marking."""
        shown = self._reports.get(who, str(report.number))
        return _shown(shown.report, shown.case)


def _shown(report: Report, case: Case | None) -> ReportShown:
    mail = report.mail
    return ReportShown(
        number=report.number,
        origin=report.origin,
        standing=report.standing,
        at=time_of(report.at),
        sender=mail.sender_text,
        subject=mail.subject,
        text=mail.text,
        reach=report.reach,
        enclosed=tuple(
            EnclosedShown(name=each.name, media_type=each.media_type, size=each.size, sha256=each.sha256)
            for each in mail.enclosed
        ),
        sealed=str(mail.sealed),
        trouble=str(mail.trouble),
        trouble_why=WORDS.get(mail.trouble, ""),
        why=report.why,
        size=report.size,
        sha256=report.sha256,
        case=case.number if case is not None else 0,
        claims=report.claims,
    )


def _answer(answer: Answer, report: int) -> AnswerShown:
    return AnswerShown(
        id=answer.id,
        report=report,
        to=answer.to,
        subject=answer.subject,
        text=answer.text,
        sending=answer.sending,
        why=answer.why,
    )


def _who(request: Request) -> Reader:
    return HandOffs.speaker(request.reader, request.who.roles)
