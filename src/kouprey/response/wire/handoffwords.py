"""The words of what is said in hand-offs, as pages and papers have them; translated where they are shown."""

from __future__ import annotations

from collections.abc import Iterable

from kouprey.kernel.web.language import _, mark
from kouprey.kernel.words.time import Instant
from kouprey.response.model import Clock, Decline, Lack, Message, Stage, Verb
from kouprey.response.rules.deadlines import warning_at

STAGES: dict[Stage, tuple[str, str]] = {
    Stage.REQUESTED: (mark("requested"), "warn"),
    Stage.ACKNOWLEDGED: (mark("acknowledged"), "info"),
    Stage.NEEDS_INFO: (mark("asked back"), "warn"),
    Stage.ACCEPTED: (mark("accepted"), "info"),
    Stage.ACTING: (mark("being worked"), "info"),
    Stage.REPORTED: (mark("reported"), "good"),
    Stage.DISPUTED: (mark("disputed"), "bad"),
    Stage.DECLINED: (mark("declined"), "bad"),
    Stage.CLOSED: (mark("closed"), "idle"),
    Stage.WITHDRAWN: (mark("withdrawn"), "idle"),
    Stage.REROUTED: (mark("given to somebody else"), "idle"),
}
"""Stage -> its word and its tone."""
SAID: dict[Verb, tuple[str, str, str]] = {
    Verb.REQUEST: (mark("asked"), "out", "info"),
    Verb.ACKNOWLEDGE: (mark("has it in hand"), "eye", "info"),
    Verb.HEARD: (mark("heard by telephone that they have it"), "eye", "info"),
    Verb.ACCEPT: (mark("accepted"), "check", "good"),
    Verb.DECLINE: (mark("declined"), "cross", "bad"),
    Verb.QUERY: (mark("asked back"), "info", "warn"),
    Verb.ANSWER: (mark("answered"), "check", "info"),
    Verb.START: (mark("began"), "clock", "info"),
    Verb.PROGRESS: (mark("told how far it is"), "clock", "info"),
    Verb.REPORT: (mark("reported the result"), "check", "good"),
    Verb.CONFIRM: (mark("confirmed, and closed it"), "good", "good"),
    Verb.CONTEST: (mark("says that something is missing"), "warn", "warn"),
    Verb.SETTLE: (mark("agrees to leave it at that"), "check", "info"),
    Verb.REROUTE: (mark("gave it to somebody else"), "out", "warn"),
    Verb.WITHDRAW: (mark("withdrew it"), "cross", "warn"),
}
"""Verb -> what somebody did, its icon and its tone."""
PRESERVED = (mark("preserves it"), "clock", "good")
LONGER = (mark("asks to preserve it for longer"), "clock", "warn")
"""What somebody did who answered a request to preserve by a date, or asked for another one."""
FILED = (mark("filed the legal basis"), "check", "good")
"""What somebody did who filed the basis of an emergency."""
LACKS: dict[Lack, str] = {Lack.BASIS: mark("basis missing"), Lack.CLAUSE: mark("no clause allows it")}
"""What a hand-off lacks, as everything says it that lists one."""
REASONS = {
    Decline.NOT_COMPETENT: mark("We are not competent; another party is"),
    Decline.NO_LEGAL_BASIS: mark("There is no legal basis"),
    Decline.INSUFFICIENT_INFORMATION: mark("Too little is known"),
    Decline.OVER_BROAD: mark("It asks for too much"),
    Decline.SOVEREIGNTY: mark("Sovereignty or public order stands against it"),
    Decline.CONFLICTS_WITH_INVESTIGATION: mark("It would harm an investigation"),
    Decline.CAPACITY: mark("We have not enough people now"),
    Decline.DUPLICATE: mark("It has been asked already"),
    Decline.NOT_FOUND: mark("We find nothing of it"),
}
VIAS: dict[str, str] = {
    "link": mark("by link"),
    "mail": mark("by mail"),
    "telephone": mark("by telephone"),
    "phone": mark("by telephone"),
}
"""How something came that came not from a node."""


def did(message: Message) -> tuple[str, str, str]:
    """What somebody did by a message, its icon and its tone."""
    if message.basis:
        return FILED
    if message.until:
        return LONGER if message.verb is Verb.CONTEST else PRESERVED
    return SAID[message.verb]


def standing(clock: Clock, begun: Instant, now: Instant, stopped: int) -> tuple[str, str]:
    """How a clock stands that runs since `begun` and has stood still for `stopped` microseconds, and its tone."""
    late = clock.late_at(now - stopped)
    if clock.met:
        return (mark("kept late"), "warn") if late else (mark("kept"), "good")
    if clock.frozen:
        return mark("stopped"), "idle"
    if late:
        return mark("overdue"), "bad"
    return mark("runs"), "warn" if warning_at(clock, begun, now, stopped) >= 80 else "info"


def lacking(lacks: Iterable[Lack]) -> list[str]:
    """What is missing, in words."""
    return [_(LACKS[each]) for each in lacks]
