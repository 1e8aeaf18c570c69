"""How hand-offs look to programs."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from kouprey.kernel.web.api import Asked, Time, time_of
from kouprey.response.model import Decline, Step, Urgency, Verb
from kouprey.response.model.preserving import Preserve
from kouprey.response.service import HandOffs, Line, Told
from kouprey.response.wire.preserving import HopWire, PreserveWire

Text = Annotated[str, Meta(max_length=20_000)]
Short = Annotated[str, Meta(max_length=200)]
Field = Annotated[str, Meta(max_length=4_000)]


class Reader(Struct, frozen=True, kw_only=True):
    """Who opens what is disclosed, and their age recipient."""

    name: Short
    key: Short


class Preserved(Struct, frozen=True, kw_only=True):
    """What is to be preserved (Convention on Cybercrime, article 29, paragraph 2).

    `assistance`: a request for mutual assistance will follow.
    """

    authority: Field
    offence: Field
    data: Field
    custodian: Field = ""
    necessity: Field
    assistance: bool


class Trail(Struct, frozen=True, kw_only=True):
    """Where the trail leads on: a provider, and its state by two capital letters."""

    provider: Short
    state: Annotated[str, Meta(max_length=2)]


class NewHandOff(Asked, frozen=True, kw_only=True):
    """What is asked of whom, under which agreement. `refs` are ids of objects, or values; they give no access.

    `report_days` asks for a report within so many days, 0 for no date; `basis` is needed to preserve or disclose.
    `preserve` goes with a request to preserve; `text` may be empty then. `ground` says what cannot wait for the basis
    of a disclosure in an emergency.
    """

    agreement: str
    to: str
    kind: str
    title: Short
    text: Text = ""
    tlp: str = "amber"
    urgency: Urgency = Urgency.URGENT
    refs: Annotated[tuple[str, ...], Meta(max_length=100)] = ()
    report_days: Annotated[int, Meta(ge=0, le=365)] = 0
    basis: Text = ""
    number: Short = ""
    readers: Annotated[tuple[Reader, ...], Meta(max_length=10)] = ()
    preserve: Preserved | None = None
    ground: Text = ""


class NewMessage(Asked, frozen=True, kw_only=True):
    """What is said next; `reason` and `other` (who is competent) go with declining, `number` is our case number.

    `items` are sealed files, each in base64 as `kouprey sealed make` writes it. `until` (an instant or a day) and
    `route` answer a request to preserve.
    """

    verb: Verb
    text: Text = ""
    reason: Decline | None = None
    other: str = ""
    number: Short = ""
    items: Annotated[tuple[bytes, ...], Meta(max_length=10)] = ()
    until: Short = ""
    route: Annotated[tuple[Trail, ...], Meta(max_length=10)] = ()


class NewRoute(Asked, frozen=True, kw_only=True):
    """Who is asked instead, and why."""

    to: str
    text: Text = ""


class Brief(Struct, kw_only=True):
    """A hand-off in a list; `due` is its next deadline, `until` until when it is preserved, "" for none.

    `lacks_basis`: files were given in an emergency, and their legal basis is not filed yet.
    """

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
    until: str
    lacks_basis: bool


class HandOffList(Struct, kw_only=True):
    """What partners ask of us and what we asked of them; what is due first stands first."""

    asked: tuple[Brief, ...]
    asking: tuple[Brief, ...]


class Sealed(Struct, kw_only=True):
    """A file under seal: the SHA-256 and size of what is sealed, and the keys it is sealed to.

    `lacks_basis`: it was given in an emergency, and its legal basis is not filed yet.
    """

    sha256: str
    size: int
    keys: tuple[str, ...]
    lacks_basis: bool


class Spoken(Struct, kw_only=True):
    """One message in its order; `counted` is false where it came too late to count, `came` when it came here.

    `until` and `route` are of a preservation, `basis` a legal basis that was filed; `also_role` and `also_person` say
    who released it beside.
    """

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
    until: str
    route: tuple[Trail, ...]
    basis: str
    also_role: str
    also_person: str


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
    preserve: Preserved | None
    ground: str
    until: str
    longer: str
    lacks_basis: bool
    forked: tuple[str, ...]
    waiting: tuple[str, ...]


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
        messages=tuple(_spoken(step, held) for step in held.course.steps),
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
        preserve=_preserved(asked.preserve),
        ground=asked.ground,
        until=_instant(held.course.until),
        longer=_instant(held.course.longer),
        lacks_basis=held.course.lacking,
        forked=held.course.forked,
        waiting=held.course.waiting,
    )


def _spoken(step: Step, held: Told) -> Spoken:
    message = step.message
    return Spoken(
        id=message.id,
        verb=str(message.verb),
        author=message.author,
        at=time_of(message.at),
        came=time_of(held.came[message.id]),
        stage=str(step.stage),
        counted=step.counted,
        text=message.text,
        role=message.role,
        person=message.person,
        via=message.via,
        number=message.number,
        reason=message.reason,
        other=message.other,
        items=tuple(
            Sealed(
                sha256=each.sha256,
                size=each.size,
                keys=tuple(grant.to for grant in each.grants),
                lacks_basis=held.course.lacking,
            )
            for each in message.items
        ),
        until=_instant(message.until),
        route=tuple(Trail(provider=each.provider, state=each.state) for each in message.route),
        basis=message.basis,
        also_role=message.also_role,
        also_person=message.also_person,
    )


def _preserved(preserve: Preserve | None) -> Preserved | None:
    if preserve is None:
        return None
    return Preserved(**{name: getattr(preserve, name) for name in Preserved.__struct_fields__})


def preserve_of(given: Preserved | None) -> PreserveWire | None:
    """What a program asks to preserve, as a message carries it."""
    if given is None:
        return None
    return PreserveWire(**{name: getattr(given, name) for name in Preserved.__struct_fields__})


def hops_of(given: tuple[Trail, ...]) -> list[HopWire]:
    """A route as a message carries it."""
    return [HopWire(provider=each.provider, state=each.state) for each in given]


def _instant(at: int) -> str:
    return time_of(at) if at else ""


def brief(line: Line) -> Brief:
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
        until=_instant(line.until),
        lacks_basis=line.lacking,
    )
