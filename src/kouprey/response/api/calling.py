"""Endpoints about requests of steps: shown letter for letter, let go, and what came of them."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.people.model import Permission, roles_with
from kouprey.response.model.calls import Attempt
from kouprey.response.rules.calling import LONGEST_S
from kouprey.response.service import Calling, Cases, HandOffs

ONE = "/cases/{case}/items/{item}/calls"
PAGE = "/cases/{case}/calls/{item}"
SECONDS = LONGEST_S + 30
Values = Annotated[dict[str, Annotated[str, Meta(max_length=2_000)]], Meta(max_length=200)]


class ToSee(Asked, frozen=True, kw_only=True):
    """Which request of the task, from 0, and what fills its variables."""

    call: Annotated[int, Meta(ge=0, le=1_000)] = 0
    values: Values = field(default_factory=dict)


class ToSend(Asked, frozen=True, kw_only=True):
    """The request as it was seen: `digest` and `newest` are those of its look, `values` the same as there."""

    digest: Annotated[str, Meta(max_length=64)]
    newest: Annotated[str, Meta(max_length=80)]
    call: Annotated[int, Meta(ge=0, le=1_000)] = 0
    values: Values = field(default_factory=dict)


class Declined(Asked, frozen=True, kw_only=True):
    """Why it is not sent."""

    because: Annotated[str, Meta(max_length=2_000)]


class AttemptShown(Struct, kw_only=True):
    """One time that somebody wanted it sent. `state` is asked, declined, sent, answered or failed.

    `left`: whether anything may have reached the other side. `evidence` is the item that keeps the answer, "" for none.
    """

    id: str
    call: int
    state: str
    method: str
    url: str
    asked_by: str
    asked: Time
    released_by: str
    ended: Time
    status: int
    evidence: str
    error: str
    left: bool


class Attempts(Struct, kw_only=True):
    """Every time that a request of a task was sent or asked for, the newest first."""

    attempts: tuple[AttemptShown, ...]


class LookShown(Struct, kw_only=True):
    """What would leave, letter for letter, secrets by name; `wanted` are variables, `bar` says why it may not leave.

    `values` are what they stand for; those in `known` come from the answer to the task of that title, and are left out
    or said otherwise when it is sent.
    """

    call: int
    calls: int
    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    content: str
    digest: str
    newest: str
    wanted: tuple[str, ...]
    values: dict[str, str]
    known: dict[str, str]
    two_persons: bool
    seconds: float
    may_send: bool
    bar: str


GONE = {"unknown-case": 404, "unknown-item": 404, "no-call": 404, "role-missing": 403}
SENT = {
    **GONE,
    **dict.fromkeys(("shown-differs", "changed-meanwhile", "in-progress", "host-not-allowed", "not-https"), 409),
    **dict.fromkeys(("cannot-be-sent", "no-secret", "pap", "exercise"), 409),
    "bad-value": 400,
    "not-a-person": 403,
}


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services)
    told: dict[str, Any] = {"group": "Cases", "roles": roles_with(Permission.READ)}
    return [
        api(
            "GET",
            ONE,
            desk.list,
            gives=Attempts,
            fails=GONE,
            does=(f"GET {PAGE}",),
            summary="Requests of a step that were sent or asked for.",
            **told,
        ),
        api(
            "POST",
            f"{ONE}/look",
            desk.look,
            takes=ToSee,
            gives=LookShown,
            fails={**GONE, "bad-value": 400},
            summary="What a request of a step would send; nothing is sent.",
            **told,
        ),
        api(
            "POST",
            ONE,
            desk.send,
            takes=ToSend,
            gives=AttemptShown,
            status=201,
            fails=SENT,
            seconds=SECONDS,
            does=(f"POST {PAGE}",),
            summary="Let a request of a step go, or ask a second person to; nothing is sent twice by itself.",
            **told,
        ),
        api(
            "POST",
            f"{ONE}/{{attempt}}/release",
            desk.release,
            gives=AttemptShown,
            fails={**SENT, "same-person": 403},
            seconds=SECONDS,
            does=(f"POST {PAGE}/{{attempt}}",),
            summary="Be the second person, and send it as the first has seen it.",
            **told,
        ),
        api(
            "POST",
            f"{ONE}/{{attempt}}/decline",
            desk.decline,
            takes=Declined,
            gives=AttemptShown,
            fails={**GONE, "no-reason": 400, "changed-meanwhile": 409},
            summary="Say that a request is not sent, and why.",
            **told,
        ),
    ]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._calling = services.get(Calling)
        self._cases = services.get(Cases)

    def list(self, request: Request) -> Attempts:
        return Attempts(attempts=tuple(map(_shown, self._calling.attempts(_who(request), self._item(request)))))

    def look(self, request: Request, asked: ToSee) -> LookShown:
        seen = self._calling.look(_who(request), self._item(request), asked.call, asked.values)
        return LookShown(
            call=seen.call,
            calls=len(seen.task.calls),
            method=seen.sent.method,
            url=seen.sent.url,
            headers=seen.sent.headers,
            content=seen.sent.content,
            digest=seen.sent.digest,
            newest=seen.newest,
            wanted=seen.wanted,
            values=dict(seen.values),
            known=dict(seen.known),
            two_persons=seen.third,
            seconds=seen.seconds,
            may_send=seen.may_send and seen.bar is None,
            bar="" if seen.bar is None else " ".join(seen.bar[1:]),
        )

    def send(self, request: Request, asked: ToSend) -> AttemptShown:
        made = self._calling.send(
            _who(request),
            self._item(request),
            asked.call,
            digest=asked.digest,
            newest=asked.newest,
            values=asked.values,
        )
        return _shown(made)

    def release(self, request: Request) -> AttemptShown:
        self._item(request)
        return _shown(self._calling.release(_who(request), request.path_params["attempt"]))

    def decline(self, request: Request, asked: Declined) -> AttemptShown:
        self._item(request)
        return _shown(self._calling.decline(_who(request), request.path_params["attempt"], asked.because))

    def _item(self, request: Request) -> str:
        """The task of an address; Unknown unless it stands in its case."""
        who = _who(request)
        opened = self._cases.get(who, request.path_params["case"])
        return self._cases.item_of(who, opened, request.path_params["item"]).id


def _who(request: Request) -> Reader:
    return HandOffs.speaker(request.reader, request.who.roles)


def _shown(attempt: Attempt) -> AttemptShown:
    return AttemptShown(
        id=attempt.id,
        call=attempt.call,
        state=attempt.state,
        method=attempt.sent.method,
        url=attempt.sent.url,
        asked_by=attempt.asked_by,
        asked=time_of(attempt.asked_at),
        released_by=attempt.released_by,
        ended=time_of(attempt.ended_at) if attempt.ended_at else "",
        status=attempt.status,
        evidence=attempt.evidence,
        error=attempt.error,
        left=attempt.left,
    )
