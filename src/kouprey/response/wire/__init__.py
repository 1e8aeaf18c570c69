"""Hand-offs as entries carry them (docs/spec/hand-off.md)."""

from __future__ import annotations

import re
from hashlib import sha256

import msgspec

from kouprey.agreements.model import HANDOFF_KINDS
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.ids import is_party_id
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import DAY, Instant, format_instant, parse_instant
from kouprey.response.model import Decline, Due, HandOff, Message, Urgency, Verb
from kouprey.response.wire import preserving
from kouprey.response.wire.preserving import HopWire, PreserveWire
from kouprey.response.wire.sealed import ItemWire, OpenerWire, check_items, from_wire, read_openers, to_wire

MEDIA_TYPE = "application/vnd.kouprey.hand-off+json;version=1"
LONGEST_TEXT = 20_000
LONGEST_TITLE = 200
MOST_REFS = 100
MOST_SEEN = 64
ERASED = "(erased)"
_LONGEST_REF = 500
_LONGEST_WORD = 200
_FARTHEST = 3_650 * DAY
_ID = re.compile(r"[0-9a-f]{64}")


class _Due(msgspec.Struct, kw_only=True):
    acknowledge: str = ""
    decide: str = ""
    report: str = ""
    pause_s: int = 0


class _Also(msgspec.Struct, kw_only=True):
    role: str = ""
    person: str = ""


class _Wire(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Every field a message may have; which it must have follows from its verb."""

    v: int
    verb: str
    at: str
    nonce: str
    handoff: str = ""
    seen: tuple[str, ...] = ()
    text: str = ""
    role: str = ""
    person: str = ""
    via: str = ""
    number: str = ""
    reason: str = ""
    other: str = ""
    to: str = ""
    kind: str = ""
    urgency: str = ""
    title: str = ""
    refs: tuple[str, ...] = ()
    due: _Due = msgspec.field(default_factory=_Due)
    basis: str = ""
    instead_of: str = ""
    readers: tuple[OpenerWire, ...] = ()
    items: tuple[ItemWire, ...] = ()
    preserve: PreserveWire | None = None
    ground: str = ""
    until: str = ""
    route: tuple[HopWire, ...] = ()
    also: _Also | None = None


def write_request(asked: HandOff, said: Message, nonce: str) -> bytes:
    """The bytes of a request; the SHA-256 of them is the id of the hand-off."""
    due = asked.due
    return msgspec.json.encode(
        msgspec.structs.replace(
            _wire(said, nonce),
            to=asked.asked,
            kind=asked.kind,
            urgency=str(asked.urgency),
            title=asked.title,
            refs=asked.refs,
            due=_Due(
                acknowledge=_text(due.acknowledge),
                decide=_text(due.decide),
                report=_text(due.report),
                pause_s=due.pause_s,
            ),
            basis=asked.basis,
            instead_of=asked.instead_of,
            readers=tuple(OpenerWire(name=each.name, key=each.key) for each in asked.readers),
            preserve=preserving.to_wire(asked.preserve),
            ground=asked.ground,
        )
    )


def write_message(said: Message, nonce: str) -> bytes:
    """The bytes of anything that follows a request."""
    return msgspec.json.encode(_wire(said, nonce))


def without_words(raw: bytes) -> bytes:
    """A message that its author has erased: what it did stays, what it said and who said it goes."""
    wire = msgspec.convert(decode(raw), type=_Wire)
    # That there was a title, a basis and a ground is part of what it did; their words are not.
    kept = {name: ERASED if getattr(wire, name) else "" for name in ("title", "basis", "ground")}
    also = _Also(role=wire.also.role) if wire.also is not None else None
    gone = msgspec.structs.replace(wire, text="", person="", number="", refs=(), readers=(), items=(), **kept)
    return msgspec.json.encode(msgspec.structs.replace(gone, preserve=None, route=(), also=also))


def id_of(raw: bytes) -> str:
    """What a message is called: the SHA-256 of its bytes."""
    return sha256(raw).hexdigest()


def read_message(raw: bytes, label: Label) -> tuple[Message, HandOff | None]:
    """What an entry says, and of a request what it asks for; Damaged for anything that is not exactly that.

    Author, agreement, level and exercise are those of the entry's `label`.
    """
    try:
        wire = msgspec.convert(decode(raw), type=_Wire)
        verb = Verb(wire.verb)
        at = parse_instant(wire.at)
    except (msgspec.ValidationError, ValueError) as error:
        raise _bad(str(error)) from error
    told, also = id_of(raw), wire.also or _Also()
    _check(wire, verb)
    message = Message(
        id=told,
        handoff=told if verb is Verb.REQUEST else wire.handoff,
        verb=verb,
        author=label.owner,
        at=at,
        seen=wire.seen,
        text=wire.text,
        role=wire.role,
        person=wire.person,
        via=wire.via,
        number=wire.number,
        reason=wire.reason,
        other=wire.other,
        items=tuple(map(from_wire, wire.items)),
        until=_until(wire, at),
        route=preserving.read_route(wire.route),
        basis="" if verb is Verb.REQUEST else wire.basis,
        also_role=also.role,
        also_person=also.person,
    )
    check_items(message.items)
    return message, _asked(wire, message, label) if verb is Verb.REQUEST else None


def _asked(wire: _Wire, message: Message, label: Label) -> HandOff:
    if wire.kind not in HANDOFF_KINDS or not is_party_id(wire.to) or wire.to == label.owner:
        raise _bad("it asks for nothing that is known, or nobody")
    if not 0 < len(wire.title) <= LONGEST_TITLE or not wire.title.isprintable():
        raise _bad("its title is missing, too long or cannot be shown")
    if len(wire.refs) > MOST_REFS or not all(0 < len(ref) <= _LONGEST_REF and ref.isprintable() for ref in wire.refs):
        raise _bad("it names too much, or what cannot be shown")
    if wire.instead_of and not _ID.fullmatch(wire.instead_of):
        raise _bad("what it replaces has no id")
    if not 0 <= wire.due.pause_s < 1 << 31:
        raise _bad("its clocks cannot stop for so long")
    try:
        urgency = Urgency(wire.urgency)
        due = Due(
            acknowledge=_instant(wire.due.acknowledge, message.at),
            decide=_instant(wire.due.decide, message.at),
            report=_instant(wire.due.report, message.at),
            pause_s=wire.due.pause_s,
        )
    except ValueError as error:
        raise _bad(str(error)) from error
    return HandOff(
        id=message.id,
        agreement=label.agreement,
        asking=label.owner,
        asked=wire.to,
        kind=wire.kind,
        urgency=urgency,
        title=wire.title,
        text=wire.text,
        tlp=label.tlp,
        at=message.at,
        due=due,
        refs=wire.refs,
        basis=wire.basis,
        instead_of=wire.instead_of,
        exercise=label.exercise,
        readers=read_openers(wire.readers),
        preserve=preserving.from_wire(wire.preserve),
        ground=wire.ground,
    )


def _wire(said: Message, nonce: str) -> _Wire:
    return _Wire(
        v=1,
        verb=str(said.verb),
        at=format_instant(said.at),
        nonce=nonce,
        handoff=said.handoff,
        seen=said.seen,
        text=said.text,
        role=said.role,
        person=said.person,
        via=said.via,
        number=said.number,
        reason=said.reason,
        other=said.other,
        items=tuple(map(to_wire, said.items)),
        until=_text(said.until),
        route=tuple(HopWire(provider=each.provider, state=each.state) for each in said.route),
        basis=said.basis,
        also=_Also(role=said.also_role, person=said.also_person) if said.also_person else None,
    )


def _check(wire: _Wire, verb: Verb) -> None:
    if wire.v != 1 or not 16 <= len(wire.nonce) <= 64:
        raise _bad("its version is not known, or it is not told apart from others")
    words: tuple[str, ...] = (wire.role, wire.person, wire.via, wire.number, wire.reason, wire.other, wire.nonce)
    words += (wire.also.role, wire.also.person) if wire.also is not None else ()
    if not all(len(word) <= _LONGEST_WORD and word.isprintable() for word in words):
        raise _bad("a word of it is too long or cannot be shown")
    if (
        max(map(len, (wire.text, wire.basis, wire.ground))) > LONGEST_TEXT
        or "\0" in wire.text + wire.basis + wire.ground
    ):
        raise _bad("its text is too long or cannot be kept")
    if verb is Verb.REQUEST:
        if wire.handoff or wire.seen:
            raise _bad("a request follows nothing")
        return
    if not _ID.fullmatch(wire.handoff):
        raise _bad("it belongs to no hand-off")
    if not 1 <= len(wire.seen) <= MOST_SEEN or not all(map(_ID.fullmatch, wire.seen)):
        raise _bad("it does not say what its author had seen")
    if verb is Verb.DECLINE and wire.reason not in set(Decline):
        raise _bad("it declines for no reason that is known")
    if wire.other and not is_party_id(wire.other):
        raise _bad("it names no party")


def _until(wire: _Wire, at: Instant) -> Instant:
    try:
        return _instant(wire.until, at)
    except ValueError as error:
        raise _bad(str(error)) from error


def _text(instant: Instant) -> str:
    return format_instant(instant) if instant else ""


def _instant(text: str, begun: Instant) -> Instant:
    """A deadline lies after the request and within ten years, or there is none."""
    if not text:
        return 0
    due = parse_instant(text)
    if not begun <= due <= begun + _FARTHEST:
        raise ValueError("a deadline lies before the request or too far away")
    return due


def _bad(why: str) -> Damaged:
    return Damaged("A message of a hand-off cannot be read.", f"In it, {why}."[:300], code="bad-hand-off")
