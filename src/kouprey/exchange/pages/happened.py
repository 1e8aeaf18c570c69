"""What happened to an object here, newest first: who said it, what was said of it, to whom it was given."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from kouprey.exchange.model import BodyView, ObjectView, VersionView
from kouprey.exchange.model.weighing import Comment, Weighed
from kouprey.exchange.pages.given import Given
from kouprey.exchange.pages.naming import Names
from kouprey.exchange.pages.reading import OPINION_NAMES, plainly
from kouprey.exchange.wire.comments import instant_of
from kouprey.kernel.web.filters import number
from kouprey.kernel.web.language import _, joined, ngettext
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP

AT_ONCE = 15
LONGEST = 280
_PLACE = re.compile(r"(-?[0-9]{1,18})(?:\.([0-9]{1,6}))?", re.ASCII)


@dataclass(frozen=True)
class Happened:
    """One event: `tone` and `icon` as timelines show them, `detail` in words of others, `url` of what it is about."""

    at: Instant
    title: str
    icon: str
    tone: str = ""
    detail: str = ""
    note: str = ""
    url: str = ""
    level: TLP | None = None


@dataclass(frozen=True)
class Course:
    """A page of events; `older` is the place where the next one begins, "" at the end; `all` how many there are."""

    events: tuple[Happened, ...]
    older: str
    first: bool
    all: int
    more: bool


def happened(
    found: ObjectView,
    weighed: Weighed,
    given: Sequence[Given],
    names: Names,
    now: Instant,
    url_of: Callable[[str], str],
) -> list[Happened]:
    """Everything that is known to have happened, newest first; `url_of` makes the address of an object's page."""
    events = [
        *_versions(found, names),
        *_comments(weighed, names, url_of),
        *_given(given, names),
        *_deeds(found, weighed, names),
        *_ends(found, now),
    ]
    return sorted(events, key=lambda each: (-each.at, each.title, each.detail))


def turned(events: Sequence[Happened], place: str, more: bool) -> Course:
    """The page that begins at a place: an instant, and how many of its events were shown already."""
    begin = _begin(events, place)
    shown = tuple(events[begin : begin + AT_ONCE])
    after = begin + AT_ONCE
    older = ""
    if after < len(events):
        at = events[after].at
        older = f"{at}.{sum(each.at == at for each in events[:after])}"
    return Course(shown, older, begin == 0, len(events), more)


def _begin(events: Sequence[Happened], place: str) -> int:
    found = _PLACE.fullmatch(place)
    if found is None:
        return 0
    at, skip = int(found[1]), int(found[2] or 0)
    begin = next((n for n, each in enumerate(events) if each.at <= at), len(events))
    same = sum(each.at == at for each in events[begin:])
    begin += min(skip, same)
    return begin if begin < len(events) else 0


def _versions(found: ObjectView, names: Names) -> Iterator[Happened]:
    oldest = min((a.received_at for v in found.versions for b in v.bodies for a in b.assertions), default=0)
    for version in found.versions:
        for body in version.bodies:
            for place, said in enumerate(body.assertions):
                yield _asserted(found, version, body, place, names.source(said.source), said.received_at, oldest)


def _asserted(
    found: ObjectView, version: VersionView, body: BodyView, place: int, who: str, at: Instant, oldest: Instant
) -> Happened:
    level = body.assertions[place].label.tlp
    musts = sum(each.severity == "must" for each in body.findings)
    note = ""
    if musts and not place:
        note = ngettext("%(n)s thing against the standard", "%(n)s things against the standard", musts)
        note %= {"n": number(musts)}
    words = {"who": who}
    if place:
        return Happened(at, _("%(who)s says the same") % words, "check", "", "", note, level=level)
    if body is not version.bodies[0]:
        return Happened(
            at, _("%(who)s says otherwise of the same version") % words, "warn", "warn", "", note, level=level
        )
    if body.revoked:
        return Happened(at, _("%(who)s brought its revocation") % words, "cross", "bad", "", note, level=level)
    if at == oldest:
        return Happened(at, _("First received from %(who)s") % words, "download", "info", "", note, level=level)
    return Happened(at, _("A version from %(who)s") % words, "download", "info", "", note, level=level)


def _comments(weighed: Weighed, names: Names, url_of: Callable[[str], str]) -> Iterator[Happened]:
    for each in weighed.comments:
        who = joined(map(names.named, each.sources))
        yield Happened(
            each.received_at, _said(each, who), *_look(each), detail=_cut(each.text), url=url_of(each.stix_id)
        )


def _said(each: Comment, who: str) -> str:
    if each.kind == "sighting" and each.times:
        times = ngettext("%(who)s has seen it %(n)s time", "%(who)s has seen it %(n)s times", each.times)
        return times % {"who": who, "n": number(each.times)}
    if each.kind == "sighting":
        return _("%(who)s looked for it and did not see it") % {"who": who}
    if each.opinion:
        return _("%(who)s: %(opinion)s") % {"who": who, "opinion": _(OPINION_NAMES[each.opinion])}
    return _("A note of %(who)s") % {"who": who}


def _look(each: Comment) -> tuple[str, str]:
    if each.kind == "sighting":
        return "eye", "bad" if each.times else ""
    if each.opinion.endswith("disagree"):
        return "person", "warn"
    return "person", "good" if each.opinion.endswith("agree") else ""


def _given(given: Sequence[Given], names: Names) -> Iterator[Happened]:
    for each in given:
        publication = each.publication
        parties = joined(names.party(party) for party in publication.parties)
        by = _("by %(a)s") % {"a": names.person(publication.by)}
        note = _("without some references") if publication.pruned else ""
        title = _("Published to %(who)s") % {"who": parties}
        yield Happened(publication.at, title, "out", "good", "", f"{by}, {note}" if note else by, level=publication.tlp)
        for party, at in each.parties:
            if at:
                yield Happened(at, _("%(who)s confirmed that it has it") % {"who": names.party(party)}, "check", "good")


def _deeds(found: ObjectView, weighed: Weighed, names: Names) -> Iterator[Happened]:
    if names.ours:
        for merge in weighed.merges:
            by = _("by %(a)s") % {"a": names.person(merge.by)}
            yield Happened(merge.at, _("Taken for the same as another"), "link", "", plainly(merge.because), by)
    for stone in found.tombstones:
        by = _("by %(a)s") % {"a": names.person(stone.by)} if stone.by and names.ours else ""
        because = plainly(stone.because) if names.ours else ""
        yield Happened(stone.at, _("A version was erased here"), "cross", "warn", because, by)


def _ends(found: ObjectView, now: Instant) -> Iterator[Happened]:
    try:
        value: Any = decode(found.newest.served.raw)
    except Damaged:
        return
    until = instant_of(value, "valid_until") if isinstance(value, dict) else 0
    if 0 < until <= now:
        yield Happened(until, _("Its validity ended, as its author said"), "clock", "warn")


def _cut(text: str) -> str:
    return plainly(text if len(text) <= LONGEST else text[:LONGEST].rstrip() + " …")
