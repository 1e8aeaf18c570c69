"""What an object comes to at one glance: its state, what to do next, and until when it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kouprey.exchange.model import OBSERVABLE_TYPES, ObjectView
from kouprey.exchange.model.weighing import State, Weighed
from kouprey.exchange.pages.naming import Named
from kouprey.exchange.pages.weighed import TONES, is_disputed, is_rated
from kouprey.exchange.wire.comments import instant_of
from kouprey.kernel.web.language import mark
from kouprey.kernel.words.time import SECOND, Instant

DAY = 86_400 * SECOND

NOT_SIGHTED = OBSERVABLE_TYPES | {
    "extension-definition",
    "language-content",
    "marking-definition",
    "relationship",
    "sighting",
}
"""STIX 2.1 section 5.2: a sighting is of a domain object."""

NOT_WEIGHED = frozenset(
    {
        "extension-definition",
        "identity",
        "language-content",
        "location",
        "marking-definition",
        "note",
        "opinion",
        "sighting",
    }
)
"""They are no intelligence whose worth one could ask for."""

SENTENCES: dict[State, str] = {
    "fresh": mark("It holds, as far as anybody here knows."),
    "fading": mark("There was no news of it for a while. Look for something newer before you act on it alone."),
    "doubted": mark("Those who doubt it weigh as much as those who say it. Read their reasons before you act."),
    "expired": mark("It held until its author said, and that is over. Keep it for looking back; do not act on it."),
    "revoked": mark("Its author has revoked it. Do not act on it any more."),
}
DISPUTED = mark("It holds, but not everybody agrees. Read who is against it, and why, before you act.")
NOT_RATED = mark("Nobody has rated it yet. Read who says so before you act on it.")
IN_CONFLICT = mark("Sources say different things of this version. Compare them before you act.")
NOT_JUDGED = mark("It says who or where: by itself there is nothing to act on.")
ABOUT_ANOTHER = {
    "sighting": mark("Somebody has seen this. Read what was seen, and look for it in your own networks."),
    "opinion": mark("It is what somebody thinks of another object. Read that object before you act on either."),
    "note": mark("It adds to what is known of other objects. Read them together."),
}
"""What is to be done with a thing that only speaks of another one."""

_SPANS = (
    ("valid_from", "valid_until"),
    ("first_seen", "last_seen"),
    ("first_observed", "last_observed"),
    ("start_time", "stop_time"),
)
STATED = frozenset(name for names in _SPANS for name in names)
"""Properties that the bar tells."""
SPAN_NAMES = {
    "valid_from": (mark("Valid from"), mark("until")),
    "first_seen": (mark("First seen"), mark("last seen")),
    "first_observed": (mark("First observed"), mark("last observed")),
    "start_time": (mark("Begins"), mark("ends")),
}


@dataclass(frozen=True)
class Mark:
    """A moment on the bar, with its place from the left in per cent."""

    name: str
    at: Instant
    x: float


@dataclass(frozen=True)
class Span:
    """From when until when (0: open) an object holds or was active, laid out over a bar: places in per cent."""

    begin_name: str
    end_name: str
    begins: Instant
    ends: Instant
    left: float
    width: float
    over: bool
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Next:
    """The one thing that most likely comes next: `kind` names it, `text` is "" where there is nothing to offer.

    `href` is "" for the page that publishes.
    """

    kind: str
    text: str = ""
    href: str = ""
    icon: str = ""


NEXT_NOTHING = Next("")


def what_to_do(found: ObjectView, weighed: Weighed, *, judged: bool, conflicts: bool) -> str:
    """One sentence, marked: that it is over comes before that sources disagree."""
    state = weighed.assessment.state
    if found.newest.served.revoked:
        return SENTENCES["revoked"]
    if conflicts and (not judged or state in ("fresh", "fading", "doubted")):
        return IN_CONFLICT
    if judged and state == "fresh" and is_disputed(weighed):
        return DISPUTED
    if judged and state == "fresh" and not is_rated(weighed):
        return NOT_RATED
    return SENTENCES[state] if judged else ABOUT_ANOTHER.get(found.type, NOT_JUDGED)


def next_step(
    found: ObjectView,
    weighed: Weighed,
    about: Next,
    *,
    given: bool,
    conflicts: bool,
    agreements: bool,
    sighted: bool,
    may: Mapping[str, bool],
) -> Next:
    """What most likely comes next, of what a person may do: `may` say and publish; NEXT_NOTHING for nothing.

    What somebody is against is read before it is passed on: the sentence of what to do asks for that too.
    """
    if found.newest.served.revoked:
        return Next("given", mark("See who was given it"), "#given", "out") if given else NEXT_NOTHING
    if conflicts:
        return Next("conflict", mark("Compare the two bodies"), "#conflict-1", "intelligence")
    if about.text:
        return about
    if is_disputed(weighed):
        return Next("opinions", mark("Read who is against it"), "#opinions", "eye")
    came = any(a.label.agreement for b in found.newest.bodies for a in b.assertions)
    if came and may["say"] and found.type not in NOT_SIGHTED and not sighted:
        return Next("say", mark("Say whether you have seen it"), "#say", "eye")
    if not came and not given and may["publish"] and agreements:
        return Next("publish", mark("Publish it"), "", "out")
    if may["say"]:
        return Next("say", mark("Say something about it"), "#say", "eye")
    return NEXT_NOTHING


def about_of(value: Mapping[str, Any], named: Mapping[str, Named], url_of: Callable[[str], str]) -> Next:
    """To what a sighting, an opinion or a note is about, where the reader may open it; else NEXT_NOTHING."""
    if value.get("type") not in ABOUT_ANOTHER:
        return NEXT_NOTHING
    listed = value.get("object_refs")
    ids = [value.get("sighting_of_ref"), *(listed if isinstance(listed, list) else ())]
    first = next((each for each in ids if isinstance(each, str) and each in named and named[each].seen), "")
    return Next("about", mark("Read what it is about"), url_of(first), "eye") if first else NEXT_NOTHING


def span_of(value: Mapping[str, Any], *, now: Instant, seen: Instant, received: Instant) -> Span | None:
    """The span an object states, with now, when it came in and when it was last seen; None when it states none."""
    for begin, end in _SPANS:
        begins, ends = instant_of(value, begin), instant_of(value, end)
        if begins or ends:
            break
    else:
        return None
    if ends and ends < begins:
        ends = begins
    moments = [("received", received), ("seen", seen), ("now", now)]
    known = [at for at in (begins, ends, *(at for _name, at in moments)) if at]
    first, last = min(known), max(known)
    room = max(last - first, DAY) * 1.06
    start = first - room * 0.03

    def x(at: Instant) -> float:
        return round(min(100.0, max(0.0, (at - start) * 100 / room)), 2)

    left = x(begins) if begins else 0.0
    right = x(ends) if ends else 100.0
    begin_name, end_name = SPAN_NAMES[begin]
    return Span(
        begin_name=begin_name,
        end_name=end_name,
        begins=begins,
        ends=ends,
        left=left,
        width=round(max(0.6, right - left), 2),
        over=bool(ends) and ends <= now,
        marks=tuple(Mark(name, at, x(at)) for name, at in moments if at),
    )


def tone_of(sentence: str, state: State, *, judged: bool) -> str:
    """The tone of that sentence."""
    if sentence in (IN_CONFLICT, DISPUTED):
        return "warn"
    if sentence == NOT_RATED:
        return ""
    return TONES[state] if judged else ""
