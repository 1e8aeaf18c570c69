"""Endpoints about hand-offs: ask, answer, and read the course of each."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import MIB, Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words import decision
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.tlp import parse_tlp
from kouprey.people.model import Permission, roles_with
from kouprey.response.model import Decline, Urgency, Verb, Wanted
from kouprey.response.service import HandOffs, Line, Told
from kouprey.response.wire.sealed import OpenerWire, read_file, read_openers

Text = Annotated[str, Meta(max_length=20_000)]
Short = Annotated[str, Meta(max_length=200)]


class Reader(Struct, frozen=True, kw_only=True):
    """Who opens what is disclosed, and their age recipient."""

    name: Short
    key: Short


class NewHandOff(Asked, frozen=True, kw_only=True):
    """What is asked of whom, under which agreement. `refs` are ids of objects, or values; they give no access.

    `report_days` asks for a report within so many days, 0 for no date; `basis` is needed to preserve or disclose.
    """

    agreement: str
    to: str
    kind: str
    title: Short
    text: Text
    tlp: str = "amber"
    urgency: Urgency = Urgency.URGENT
    refs: Annotated[tuple[str, ...], Meta(max_length=100)] = ()
    report_days: Annotated[int, Meta(ge=0, le=365)] = 0
    basis: Text = ""
    number: Short = ""
    readers: Annotated[tuple[Reader, ...], Meta(max_length=10)] = ()


class NewMessage(Asked, frozen=True, kw_only=True):
    """What is said next; `reason` and `other` (who is competent) go with declining, `number` is our case number.

    `items` are sealed files, each in base64 as `kouprey sealed make` writes it.
    """

    verb: Verb
    text: Text = ""
    reason: Decline | None = None
    other: str = ""
    number: Short = ""
    items: Annotated[tuple[bytes, ...], Meta(max_length=10)] = ()


class NewRoute(Asked, frozen=True, kw_only=True):
    """Who is asked instead, and why."""

    to: str
    text: Text = ""


class Brief(Struct, kw_only=True):
    """A hand-off in a list; `due` is its next deadline, "" for none."""

    id: str
    agreement: str
    asking: str
    asked: str
    kind: str
    urgency: str
    title: str
    tlp: str
    exercise: str
    stage: str
    at: Time
    due: str
    ended: bool


class HandOffList(Struct, kw_only=True):
    """What partners ask of us and what we asked of them; what is due first stands first."""

    asked: tuple[Brief, ...]
    asking: tuple[Brief, ...]


class Sealed(Struct, kw_only=True):
    """A file under seal: the SHA-256 and size of what is sealed, and the keys it is sealed to."""

    sha256: str
    size: int
    keys: tuple[str, ...]


class Spoken(Struct, kw_only=True):
    """One message in its order; `counted` is false where it came too late to count, `came` when it came here."""

    id: str
    verb: str
    author: str
    at: Time
    came: Time
    stage: str
    counted: bool
    text: str
    role: str
    person: str
    via: str
    number: str
    reason: str
    other: str
    items: tuple[Sealed, ...]


class Deadline(Struct, kw_only=True):
    """A clock; `met` is "" while it is not, `paused_s` for how long a question stopped it."""

    name: str
    due: Time
    met: str
    paused_s: int
    late: bool


class Whole(Struct, kw_only=True):
    """A hand-off with all that was said and its clocks; `may` is what you may say next, `code` six words for a call."""

    id: str
    agreement: str
    asking: str
    asked: str
    kind: str
    urgency: str
    title: str
    text: str
    tlp: str
    at: Time
    refs: tuple[str, ...]
    basis: str
    instead_of: str
    exercise: str
    readers: tuple[Reader, ...]
    stage: str
    ended: bool
    messages: tuple[Spoken, ...]
    clocks: tuple[Deadline, ...]
    may: tuple[str, ...]
    code: str
    forked: tuple[str, ...]
    waiting: tuple[str, ...]


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(HandOffs))
    told: dict[str, Any] = {"group": "Hand-offs", "roles": roles_with(Permission.READ)}
    unknown = {"unknown-handoff": 404}
    said: dict[str, Any] = {"gives": Whole, "status": 201, **told}
    barred = {"not-now": 409, "role-missing": 403}
    return [
        api(
            "GET",
            "/handoffs",
            desk.list,
            gives=HandOffList,
            does=("GET /handoffs", "GET /handoffs/new"),
            summary="What partners ask of us, and what we asked of them.",
            **told,
        ),
        api(
            "POST",
            "/handoffs",
            desk.ask,
            takes=NewHandOff,
            fails={"not-agreed": 409, "role-missing": 403, "no-party": 409, "bad-reader": 400},
            does=("POST /handoffs",),
            summary="Ask a partner to act; the deadlines follow from clause 15.",
            **said,
        ),
        api(
            "GET",
            "/handoffs/{handoff}",
            desk.one,
            gives=Whole,
            fails=unknown,
            does=("GET /handoffs/{handoff}",),
            summary="One with all that was said, and its clocks.",
            **told,
        ),
        api(
            "POST",
            "/handoffs/{handoff}/messages",
            desk.say,
            takes=NewMessage,
            fails=unknown | barred | {"bad-item": 400, "not-sealed-here": 409, "other-readers": 409},
            does=("POST /handoffs/{handoff}",),
            cap=2 * MIB,
            summary="Say what is next: acknowledge, accept, decline, ask back, report, confirm.",
            **said,
        ),
        api(
            "POST",
            "/handoffs/{handoff}/route",
            desk.reroute,
            takes=NewRoute,
            fails={**unknown, **barred, "no-agreement": 409},
            summary="Ask somebody else instead; the first is told and its clocks stop.",
            **said,
        ),
    ]


class _Desk:
    def __init__(self, handoffs: HandOffs) -> None:
        self._handoffs = handoffs

    def _who(self, request: Request) -> decision.Reader:
        return self._handoffs.speaker(request.reader, request.who.roles)

    def list(self, request: Request) -> HandOffList:
        who = self._who(request)
        return HandOffList(
            asked=tuple(map(_brief, self._handoffs.list_asked(who))),
            asking=tuple(map(_brief, self._handoffs.list_asking(who))),
        )

    def ask(self, request: Request, asked: NewHandOff) -> Whole:
        wanted = Wanted(
            agreement=asked.agreement,
            to=asked.to,
            kind=asked.kind,
            title=asked.title,
            text=asked.text,
            tlp=parse_tlp(asked.tlp),
            urgency=asked.urgency,
            refs=asked.refs,
            report_within_s=asked.report_days * 86_400,
            basis=asked.basis,
            number=asked.number,
            readers=read_openers(tuple(OpenerWire(name=each.name, key=each.key) for each in asked.readers)),
        )
        made = self._handoffs.request(self._who(request), wanted)
        return self._whole(request, made.id)

    def one(self, request: Request) -> Whole:
        return self._whole(request, request.path_params["handoff"])

    def say(self, request: Request, asked: NewMessage) -> Whole:
        handoff = request.path_params["handoff"]
        self._handoffs.say(
            self._who(request),
            handoff,
            asked.verb,
            text=asked.text,
            reason=str(asked.reason or ""),
            other=asked.other,
            number=asked.number,
            via="phone" if asked.verb is Verb.HEARD else "",
            items=tuple(map(read_file, asked.items)),
        )
        return self._whole(request, handoff)

    def reroute(self, request: Request, asked: NewRoute) -> Whole:
        made = self._handoffs.reroute(self._who(request), request.path_params["handoff"], asked.to, text=asked.text)
        return self._whole(request, made.id)

    def _whole(self, request: Request, handoff: str) -> Whole:
        return whole(self._handoffs.get(self._who(request), handoff), self._handoffs)


def whole(held: Told, handoffs: HandOffs) -> Whole:
    """A hand-off as programs read it."""
    asked, now = held.asked, handoffs.now()
    return Whole(
        id=asked.id,
        agreement=asked.agreement,
        asking=asked.asking,
        asked=asked.asked,
        kind=asked.kind,
        urgency=str(asked.urgency),
        title=asked.title,
        text=asked.text,
        tlp=asked.tlp.word,
        at=time_of(asked.at),
        refs=asked.refs,
        basis=asked.basis,
        instead_of=asked.instead_of,
        exercise=asked.exercise,
        readers=tuple(Reader(name=each.name, key=each.key) for each in asked.readers),
        stage=str(held.course.stage),
        ended=held.course.ended,
        messages=tuple(
            Spoken(
                id=step.message.id,
                verb=str(step.message.verb),
                author=step.message.author,
                at=time_of(step.message.at),
                came=time_of(held.came[step.message.id]),
                stage=str(step.stage),
                counted=step.counted,
                text=step.message.text,
                role=step.message.role,
                person=step.message.person,
                via=step.message.via,
                number=step.message.number,
                reason=step.message.reason,
                other=step.message.other,
                items=tuple(
                    Sealed(sha256=each.sha256, size=each.size, keys=tuple(grant.to for grant in each.grants))
                    for each in step.message.items
                ),
            )
            for step in held.course.steps
        ),
        clocks=tuple(
            Deadline(
                name=clock.name,
                due=time_of(clock.due),
                met=time_of(clock.met) if clock.met else "",
                paused_s=clock.paused // 1_000_000,
                late=clock.late_at(now - (held.stopped if clock.name != "acknowledge" else 0)),
            )
            for clock in held.course.clocks
        ),
        may=tuple(map(str, held.may)),
        code=handoffs.code_of(asked.id),
        forked=held.course.forked,
        waiting=held.course.waiting,
    )


def _brief(line: Line) -> Brief:
    return Brief(
        id=line.id,
        agreement=line.agreement,
        asking=line.asking,
        asked=line.asked,
        kind=line.kind,
        urgency=str(line.urgency),
        title=line.title,
        tlp=line.tlp.word,
        exercise=line.exercise,
        stage=str(line.stage),
        at=time_of(line.at),
        due=time_of(line.due_next) if line.due_next else "",
        ended=line.ended,
    )
