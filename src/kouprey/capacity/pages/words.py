"""What pages of capacity call things."""

from __future__ import annotations

from typing import Any

import msgspec

from kouprey.capacity.model import Answer, Competency, Kind, SeatState
from kouprey.capacity.wire.tables import competencies
from kouprey.kernel.web.language import _, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import KoupreyError

KINDS = {
    Kind.TRAINING: mark("Training"),
    Kind.SEMINAR: mark("Seminar"),
    Kind.STUDY_VISIT: mark("Study visit"),
    Kind.CONFERENCE: mark("Conference"),
    Kind.FORUM: mark("Forum"),
    Kind.EXERCISE: mark("Exercise"),
    Kind.EXAM: mark("Certification exam"),
}
STATES = {
    SeatState.NOMINATED: (mark("nominated"), "info"),
    SeatState.CONFIRMED: (mark("has a seat"), "good"),
    SeatState.WAITING: (mark("waits"), "warn"),
    SeatState.OFFERED: (mark("a seat is offered"), "info"),
    SeatState.WITHDRAWN: (mark("withdrawn"), "idle"),
}
ANSWERS = {
    Answer.VALID: (mark("Valid"), "good"),
    Answer.REVOKED: (mark("Revoked"), "bad"),
    Answer.UNKNOWN: (mark("The signature is good, the state is unknown"), "warn"),
    Answer.OVER: (mark("It was valid, and is over"), "warn"),
    Answer.REFUSED: (mark("Not valid"), "bad"),
}
WHY = {
    "changed": mark("It is not what was signed: something in it was changed."),
    "no-key": mark("Nobody known here has the key it says it was signed with."),
    "key-over": mark("The key that signed it did not count at that time."),
}
HOW = {"code": mark("by the code of the room"), "hand": mark("by hand"), "list": mark("from a list")}
QUESTIONS = (
    mark("It was useful for my work"),
    mark("The level was right"),
    mark("The trainers explained well"),
    mark("Place and time fitted"),
    mark("I would send colleagues"),
)


class Typed(dict[str, str]):
    """What was typed into a form that is shown again; "" for what was not."""

    def __missing__(self, key: str) -> str:
        return ""


def who(request: Request) -> Reader:
    """Whoever asks, with the roles they have: here roles say what one may do."""
    return msgspec.structs.replace(request.reader, roles=tuple(request.who.roles))


def kind_of(kind: Any) -> str:
    """A kind in the reader's language."""
    return _(KINDS[Kind(kind)])


def competency(each: Competency) -> str:
    """Code and name."""
    name = competencies().get((each.framework, each.code), "")
    return f"{each.framework.upper()} {each.code} {name}".strip()


def choices() -> list[tuple[str, str]]:
    """Every competency, for a select."""
    return [(f"{key[0]}:{key[1]}", f"{key[0].upper()} {key[1]} {name}") for key, name in competencies().items()]


def said(error: KoupreyError) -> str:
    """An error in one line."""
    return " ".join(part for part in (error.what, error.why, error.remedy) if part)
