"""The page of a request of a step: what leaves, letter for letter, before anything does; and what came back."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, told
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People
from kouprey.response.model.calls import Attempt, CallState, Sent
from kouprey.response.pages import casewords as words
from kouprey.response.pages.cases import PATH, said, who_of
from kouprey.response.pages.naming import Names, plain
from kouprey.response.rules.calling import LONGEST_S, is_waiting
from kouprey.response.rules.requests import LONGEST_VALUE
from kouprey.response.service import Calling, Cases
from kouprey.response.service.calling import LEASE

ONE = f"{PATH}/{{case}}/calls/{{item}}"
SECONDS = LONGEST_S + 30
MOST_CALLS = 1_000


def doors(services: Services) -> list[Door]:
    """A request, what is sent of it, and what a second person says."""
    desk = _Desk(services)
    reads: dict[str, Any] = {"roles": roles_with(Permission.READ)}
    return [
        page(ONE, desk.show, **reads),
        page(ONE, desk.send, "POST", seconds=SECONDS, **reads),
        page(f"{ONE}/{{attempt}}", desk.speak, "POST", seconds=SECONDS, **reads),
    ]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._calling = services.get(Calling)
        self._cases = services.get(Cases)
        self._people = services.get(People)

    def show(self, request: Request) -> Response:
        return self._page(request, _call_of(request.query_params.get("call", "0")))

    def send(self, request: Request) -> Response:
        """Without `go` it is only shown, with the values that were filled in."""
        call = _call_of(request.field("call", longest=8))
        values = {
            name.removeprefix("value"): request.field(name, longest=LONGEST_VALUE)
            for name in list(request.fields)
            if name.startswith("value__")
        }
        if request.field("go", longest=8) != "send":
            return self._page(request, call, values)
        try:
            self._of_case(request)
            made = self._calling.send(
                who_of(request),
                request.path_params["item"],
                call,
                digest=request.field("digest", longest=64),
                newest=request.field("newest", longest=80),
                values=values,
            )
        except KoupreyError as error:
            return self._refused(request, call, values, error)
        return request.redirect(self._back(request, call), _told(made), kind=_tone(made))

    def speak(self, request: Request) -> Response:
        """The second person: it goes, or it does not and says why."""
        call, who, attempt = _call_of(request.field("call", longest=8)), who_of(request), request.path_params["attempt"]
        try:
            self._of_case(request)
            if request.field("go", longest=8) == "release":
                made = self._calling.release(who, attempt)
            else:
                made = self._calling.decline(who, attempt, request.field("because", longest=2_000))
        except KoupreyError as error:
            return self._refused(request, call, {}, error)
        return request.redirect(self._back(request, call), _told(made), kind=_tone(made))

    def _of_case(self, request: Request) -> None:
        """Unknown unless the task stands in the case of this address."""
        who = who_of(request)
        self._cases.item_of(who, self._cases.get(who, request.path_params["case"]), request.path_params["item"])

    def _back(self, request: Request, call: int) -> str:
        path: str = request.url.path.partition("/calls/")[0]
        return f"{path}/calls/{request.path_params['item']}?call={call}"

    def _refused(self, request: Request, call: int, values: dict[str, str], error: KoupreyError) -> Response:
        if error.http_status == 404:
            raise error
        kept = {} if error.code == "bad-value" else values
        return self._page(request, call, kept, said(error), error.http_status)

    def _page(
        self, request: Request, call: int, values: dict[str, str] | None = None, error: str = "", status: int = 200
    ) -> Response:
        self._of_case(request)
        who, item = who_of(request), request.path_params["item"]
        try:
            seen = self._calling.look(who, item, call, values)
        except Damaged as wrong:
            seen, error, status = self._calling.look(who, item, call), said(wrong), wrong.http_status
        here = f"{PATH}/{seen.opened.case.number}/calls/{item}"
        names = Names(self._people)
        missing = [name for name in seen.wanted if not seen.values[name]]
        newest = seen.attempts[0] if seen.attempts else None
        asked = newest if newest is not None and newest.state is CallState.ASKED else None
        waits = newest is not None and is_waiting(newest, self._calling.now(), LEASE)
        return request.render(
            "response/case_call.html",
            status,
            seen=seen,
            case=seen.opened.case,
            title=plain(seen.task.title),
            places=[
                (_("Request %(n)s") % {"n": place + 1}, f"{here}?call={place}", place == call)
                for place in range(len(seen.task.calls))
            ],
            letter=_letter(seen.sent),
            fields=[
                (name, name.strip("_").replace("_", " "), seen.values[name], plain(seen.known.get(name, "")))
                for name in seen.wanted
            ],
            missing=missing,
            asked=asked,
            asker=names.person(asked.asked_by) if asked else "",
            own=asked is not None and asked.asked_by == who.name,
            waits=waits,
            unsure=newest is not None and not waits and (newest.state is CallState.SENT or _is_unsure(newest)),
            bar=None if seen.bar is None else [told(each) for each in (seen.bar.what, seen.bar.why, seen.bar.remedy)],
            attempts=[_shown(each, names) for each in seen.attempts],
            error=error,
            path=f"{PATH}/{seen.opened.case.number}",
            here=here,
            seconds=f"{seen.seconds:g}",
        )


def _call_of(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and int(text[:6]) < MOST_CALLS else 0


def _letter(sent: Sent) -> str:
    """The request as it goes over the line."""
    head = [f"{sent.method} {sent.url}", *(f"{name}: {value}" for name, value in sent.headers)]
    return "\n".join([*head, "", sent.content] if sent.content else head)


def _is_unsure(attempt: Attempt) -> bool:
    return attempt.state is CallState.FAILED and attempt.left


def _tone(made: Attempt) -> str:
    if made.state in (CallState.ASKED, CallState.DECLINED):
        return "info"
    return "bad" if made.error else "good"


def _told(made: Attempt) -> str:
    if made.state is CallState.ASKED:
        return _("Nothing has left yet. A second person, a lead or liaison, lets it go.")
    if made.state is CallState.DECLINED:
        return _("It is not sent, and stays here with the reason.")
    if made.error:
        return told(made.error)
    return _("It was answered with %(status)s. The answer is kept as evidence.") % {"status": made.status}


def _shown(attempt: Attempt, names: Names) -> dict[str, Any]:
    text, tone = words.CALLS[attempt.state]
    if attempt.state is CallState.ANSWERED and attempt.error:
        tone = "bad"
    return {
        "attempt": attempt,
        "state": (_(text), tone),
        "by": names.person(attempt.asked_by),
        "second": names.person(attempt.released_by) if attempt.released_by else "",
        "error": plain(told(attempt.error)),
        "unsure": _is_unsure(attempt),
    }
