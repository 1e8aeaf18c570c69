"""Duties of one case: begun, stopped and let go on; the page of a report, what was sent, and what was said of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.responses import Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People
from kouprey.response.model.cases import Moment, Track
from kouprey.response.model.duties import MORE, Channel, Verdict
from kouprey.response.pages import cases as lists
from kouprey.response.pages import casewords
from kouprey.response.pages import dutywords as words
from kouprey.response.pages.duties import both, clock_of, clocks_of, lawful, regimes_of, row_of
from kouprey.response.pages.naming import Names, plain
from kouprey.response.service import Cases, Duties
from kouprey.response.service.dutyreports import Draft
from kouprey.response.wire.casewords import offset_text, read_moment

OF_CASE = f"{lists.PATH}/{{case}}/duties"
STARTED = ("regime", "known", "offset", "known_by", "why", "track")


def doors(services: Services) -> list[Door]:
    """Clocks of a case, one of them, a report, and what was sent."""
    desk = _Desk(services)
    reads: dict[str, Any] = {"roles": roles_with(Permission.READ)}
    report = f"{OF_CASE}/{{duty}}/{{step}}"
    return [
        page(OF_CASE, desk.of_case, **reads),
        page(OF_CASE, desk.start, "POST", **reads),
        page(f"{OF_CASE}/{{duty}}", desk.stop, "POST", **reads),
        page(report, desk.one, **reads),
        page(report, desk.write, "POST", **reads),
        page(f"{report}/sendings", desk.send, "POST", **reads),
        page(f"{report}/sendings/{{sending}}", desk.text, **reads),
        page(f"{report}/sendings/{{sending}}", desk.answer, "POST", **reads),
    ]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._duties = services.get(Duties)
        self._cases = services.get(Cases)
        self._people = services.get(People)

    def of_case(self, request: Request) -> Response:
        return self._of_case(request, {"offset": lists.OFFSETS[0]})

    def _of_case(self, request: Request, given: Mapping[str, str], error: str = "", status: int = 200) -> Response:
        who = lists.who_of(request)
        opened = self._cases.get(who, request.path_params["case"])
        regimes = self._duties.regimes()
        return request.render(
            "response/case_clocks.html",
            status,
            case=opened.case,
            title=plain(opened.case.title),
            clocks=clocks_of(self._duties, who, opened),
            given=given,
            error=error,
            regimes=regimes_of(self._duties),
            about=[(lawful(each.title), lawful(each.note), each) for each in regimes.values()],
            tracks=[(str(each), _(casewords.TRACKS[each])) for each in self._duties.startable(opened)],
            offsets=lists.offsets(),
            path=lists.PATH,
        )

    def start(self, request: Request) -> Response:
        given = {name: request.field(name, longest=2_000) for name in STARTED}
        try:
            self._duties.start(
                lists.who_of(request),
                request.path_params["case"],
                given["regime"],
                known=read_moment(given["known"], given["offset"]),
                known_by=given["known_by"],
                why=given["why"],
                track=_track(given["track"]),
            )
        except KoupreyError as error:
            if error.http_status == 404:
                raise
            return self._of_case(request, given, lists.said(error), error.http_status)
        return request.redirect(self._case_of(request), _("The clocks run."))

    def stop(self, request: Request) -> Response:
        who, duty = lists.who_of(request), request.path_params["duty"]
        self._duties.get(who, duty, request.path_params["case"])
        stopped = request.field("stopped", longest=8) == "yes"
        try:
            version = _version(request)
            self._duties.set_stopped(who, duty, version, request.field("why", longest=2_000), stopped=stopped)
        except KoupreyError as error:
            return self._of_case(request, {}, lists.said(error), error.http_status)
        notice = _("The clocks stand. They can go on again.") if stopped else _("The clocks go on.")
        return request.redirect(self._case_of(request), notice)

    def one(self, request: Request) -> Response:
        return self._one(request)

    def _one(
        self, request: Request, error: str = "", status: int = 200, typed: Mapping[str, str] | None = None
    ) -> Response:
        case, duty, step = _where(request)
        draft = self._duties.draft(lists.who_of(request), duty, step, case)
        held, names = draft.held, Names(self._people)
        fields = {**draft.fields, **(typed or {})}
        return request.render(
            "response/duty.html",
            status,
            draft=draft,
            held=held,
            case=held.opened.case,
            row=row_of(held.lines[draft.report.place], held.now),
            clock=clock_of(held),
            lines=[(name, _(words.LINES[name]), fields.get(name, "")) for name in (*draft.step.fields, MORE)],
            forms=[(each, names.person(each.by)) for each in draft.forms],
            sendings=self._sendings(draft, names),
            channels=[(str(key), _(text)) for key, text in words.CHANNELS.items()],
            verdicts=[(str(key), _(text)) for key, (text, _tone) in words.VERDICTS.items()],
            offsets=lists.offsets(),
            offset=offset_text(held.duty.known),
            error=error,
            path=lists.PATH,
            here=f"{lists.PATH}/{case}/duties/{duty}/{step}",
        )

    def _sendings(self, draft: Draft, names: Names) -> list[dict[str, Any]]:
        offset = draft.held.duty.known.offset
        return [
            {
                "sending": each,
                "at": both(Moment(each.at.at, each.at.offset or offset)),
                "channel": _(words.CHANNELS[each.channel]),
                "by": names.person(each.made_by),
                "answers": [
                    {
                        "verdict": (_(words.VERDICTS[answer.verdict][0]), words.VERDICTS[answer.verdict][1]),
                        "at": both(answer.at),
                        "words": plain(answer.words),
                        "by": names.person(answer.made_by),
                    }
                    for answer in draft.answers.get(each.id, ())
                ],
            }
            for each in draft.sendings
        ]

    def write(self, request: Request) -> Response:
        case, duty, step = _where(request)
        given = {name: request.field(name, longest=20_000) for name in words.LINES if name in request.fields}

        def work() -> str:
            self._duties.write(lists.who_of(request), duty, step, _version(request), given, case)
            return _("The words are kept; earlier ones stay.")

        return self._done(request, work, given)

    def send(self, request: Request) -> Response:
        case, duty, step = _where(request)

        def work() -> str:
            self._duties.send(
                lists.who_of(request),
                duty,
                step,
                _version(request),
                _channel(request),
                at=_when(request),
                reference=request.field("reference", longest=2_000),
                case=case,
            )
            return _("It is written down as sent, with the hash of its exact text.")

        return self._done(request, work)

    def answer(self, request: Request) -> Response:
        case, duty, step = _where(request)

        def work() -> str:
            self._duties.answer(
                lists.who_of(request),
                duty,
                step,
                request.path_params["sending"],
                _verdict(request),
                at=_when(request),
                words=request.field("words", longest=20_000),
                case=case,
            )
            return _("What the receiver said is written down.")

        return self._done(request, work)

    def text(self, request: Request) -> Response:
        """The bytes as plain text: nothing is added, nothing is guessed."""
        case, duty, step = _where(request)
        _sent, said = self._duties.sent_text(lists.who_of(request), duty, step, request.path_params["sending"], case)
        headers = {"X-Content-Type-Options": "nosniff", "Content-Disposition": 'attachment; filename="report.txt"'}
        return Response(said, media_type="text/plain; charset=utf-8", headers=headers)

    def _done(self, request: Request, work: Callable[[], str], typed: Mapping[str, str] | None = None) -> Response:
        try:
            notice = work()
        except KoupreyError as error:
            if error.http_status == 404:
                raise
            return self._one(request, lists.said(error), error.http_status, typed)
        case, duty, step = _where(request)
        return request.redirect(f"{lists.PATH}/{case}/duties/{duty}/{step}", notice)

    @staticmethod
    def _case_of(request: Request) -> str:
        return f"{lists.PATH}/{request.path_params['case']}"


def _where(request: Request) -> tuple[str, str, str]:
    return request.path_params["case"], request.path_params["duty"], request.path_params["step"]


def _version(request: Request) -> int:
    version = request.field("version", longest=12)
    if not (version.isascii() and version.isdecimal()):
        raise Damaged("It is not said which version was looked at.", code="bad-field")
    return int(version)


def _when(request: Request) -> Moment | None:
    at = request.field("at", longest=40)
    return read_moment(at, request.field("offset", longest=10)) if at else None


def _track(text: str) -> Track | None:
    try:
        return Track(text) if text else None
    except ValueError:
        raise Damaged("There is no such track.", remedy="Choose one of the list.", code="bad-track") from None


def _channel(request: Request) -> Channel:
    try:
        return Channel(request.field("channel", longest=20))
    except ValueError:
        raise Damaged("It is not said by what it went.", remedy="Choose one of the list.", code="bad-field") from None


def _verdict(request: Request) -> Verdict:
    try:
        return Verdict(request.field("verdict", longest=20))
    except ValueError:
        raise Damaged(
            "It is not said what the receiver said.", remedy="Choose one of the list.", code="bad-field"
        ) from None
