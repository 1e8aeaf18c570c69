"""Everything that the page of an object shows, gathered with the eyes of one reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from kouprey.agreements.model import State
from kouprey.agreements.service import Agreements
from kouprey.exchange.model import Neighbour, ObjectView
from kouprey.exchange.model.weighing import OPINIONS, Weighed
from kouprey.exchange.pages.around import AT_ONCE, around, read_depth
from kouprey.exchange.pages.citing import Citing
from kouprey.exchange.pages.drafts import QUESTIONS
from kouprey.exchange.pages.given import given_of
from kouprey.exchange.pages.happened import happened, turned
from kouprey.exchange.pages.lent import Lent, missing
from kouprey.exchange.pages.listing import object_url
from kouprey.exchange.pages.naming import Names, bodies, may, name_objects, spoken_titles
from kouprey.exchange.pages.patterns import JOINS, read_pattern
from kouprey.exchange.pages.placing import MOST_TECHNIQUES, Placement, place
from kouprey.exchange.pages.prose import read_prose
from kouprey.exchange.pages.reading import (
    OPINION_NAMES,
    facts_of,
    plainly,
    pretty,
    references_in,
    texts_of,
    type_name,
    values_of,
)
from kouprey.exchange.pages.released import ROLES, STATES
from kouprey.exchange.pages.seers import Seer, seers_of
from kouprey.exchange.pages.standing import (
    NOT_SIGHTED,
    NOT_WEIGHED,
    STATED,
    about_of,
    next_step,
    span_of,
    tone_of,
    what_to_do,
)
from kouprey.exchange.pages.values import linked, others
from kouprey.exchange.pages.versions import choices, steps
from kouprey.exchange.pages.weighed import (
    CONFIDENCE_NAMES,
    MOST_SHOWN,
    STATE_NAMES,
    conflicts_of,
    listed,
    opinions,
    sighted,
    spoken,
    tone_of_worth,
    why_served,
)
from kouprey.exchange.rules import remedy
from kouprey.exchange.rules.assertions import confidence_word
from kouprey.exchange.rules.merging import NEVER_MERGED
from kouprey.exchange.service import Exchange
from kouprey.federation.service import Federation
from kouprey.kernel.web.language import _, pgettext
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Permission
from kouprey.people.service import People

RAW_SHOWN = 16_000
"""Characters of a body that a page shows; each mark of quotation takes five more of them."""
MOST_FINDINGS = 10
MOST_SEERS = 12
MOST_GIVEN = 20
REFERENCES_AT_ONCE = 40
"""Objects that it names, which one page tells of."""
_INDICATED = 3
"""Objects that an indicator points at, whose techniques are told when it has none of its own."""
_SHOWN_OTHERWISE = frozenset({"pattern", "pattern_type"})


@dataclass(frozen=True)
class References:
    """Which part of what an object names stands on this page, and the addresses of those before and after."""

    begin: int
    end: int
    all: int
    at_once: int
    before: str
    after: str


@dataclass(frozen=True)
class Sight:
    """What is read and by whom; with `lent` these are the eyes of another party, and `ours` is what `me` sees."""

    request: Request
    me: Reader
    who: Reader
    found: ObjectView
    lent: Lent | None = None
    ours: ObjectView | None = None

    @property
    def words(self) -> dict[str, str]:
        """What stands in every address, so that one goes on looking with the same eyes."""
        return {"as": self.lent.party} if self.lent is not None else {}

    @property
    def here(self) -> str:
        """The address of this page."""
        return self.url_of(self.found.stix_id)

    def url_of(self, stix_id: str) -> str:
        """The page of an object, with the same eyes."""
        url = object_url(stix_id)
        return f"{url}?{urlencode(self.words)}" if self.words else url

    def asked(self, name: str) -> str:
        """A part of the address."""
        return self.request.query_params.get(name, "")


class Gathering:
    """Asks the services for what a page shows."""

    def __init__(self, services: Services) -> None:
        self._exchange = services.get(Exchange)
        self._people = services.get(People)
        self._agreements = services.get(Agreements)
        self._federation = services.get(Federation)

    def gather(self, sight: Sight) -> dict[str, Any]:
        """The values of the template."""
        found, value = sight.found, decode(sight.found.newest.served.raw)
        names = Names(self._people, ours=sight.lent is None)
        weighed = self._exchange.weigh(sight.who, found)
        shown = {
            **self._content(sight, value),
            **self._around(sight, value),
            **self._said(sight.who, found, weighed, names),
            **self._rights(sight),
            **self._coached(sight),
            "lent": sight.lent,
            "found": found,
            "names": names,
            "kind": type_name(found.type),
            "url": object_url(found.stix_id),
            "here": sight.here,
            "object_url": sight.url_of,
            "cite": Citing(self._people),
            "type_name": type_name,
            "plain": plainly,
        }
        shown |= self._told(sight, value, shown)
        shown["missing"] = self._missing(sight, weighed, shown["around"].count)
        shown["sections"] = _sections(shown)
        return shown

    def _content(self, sight: Sight, value: dict[str, Any]) -> dict[str, Any]:
        """What the object itself says."""
        who, served = sight.who, sight.found.newest.served
        pattern = read_pattern(value)
        told = (_SHOWN_OTHERWISE if pattern else frozenset()) | STATED
        facts = facts_of({name: each for name, each in value.items() if name not in told})
        ids = list(dict.fromkeys(references_in(facts)))
        references = _references(len(ids), sight.asked("named"), sight.here)
        in_pattern = {href for line in pattern.lines for _text, href in line.values} if pattern else set()
        raw = pretty(served.raw)
        return {
            "title": spoken_titles(self._exchange, who, {sight.found.stix_id: value}).get(
                sight.found.stix_id, sight.found.title
            ),
            "prose": [read_prose(text) for text in texts_of(value)],
            "pattern": pattern,
            "joins": JOINS,
            "written_pattern": plainly(str(value.get("pattern", ""))[:RAW_SHOWN]),
            "facts": facts,
            "named": name_objects(self._exchange, who, ids[references.begin : references.end]),
            "references": references,
            "observables": [each for each in linked(self._exchange, value) if each[2] not in in_pattern],
            "values": [] if pattern else others(self._exchange, value, values_of(value)),
            "invalid": sum(one.severity == "must" for one in served.findings),
            "remedy": remedy,
            "most_findings": MOST_FINDINGS,
            "most_listed": MOST_SHOWN,
            "steps": steps(sight.found.versions),
            "version_choices": choices(sight.found.versions) if sight.lent is None else [],
            "raw": raw[:RAW_SHOWN],
            "cut": len(raw) > RAW_SHOWN,
        }

    def _around(self, sight: Sight, value: Mapping[str, Any]) -> dict[str, Any]:
        """What it is related with, and its place in ATT&CK."""
        depth = read_depth(sight.asked("depth"))
        own = sight.found
        near = around(self._exchange, sight.who, own.stix_id, title=own.title, depth=depth, url_of=sight.url_of)
        return {
            "around": near,
            "at_depth": sight.here + ("&" if sight.words else "?"),
            "at_once": AT_ONCE,
            "placed": self._placement(sight, value, near.near),
            # Texts of templates are taken for mark-up, in which an ampersand is not itself.
            "attack_words": {
                "title": _("Place in ATT&CK"),
                "all": _("All of ATT&CK"),
                "tactics": _("The tactics of ATT&CK"),
                "this": pgettext("technique", "this one"),
            },
        }

    def _placement(self, sight: Sight, value: Mapping[str, Any], near: Sequence[Neighbour]) -> Placement | None:
        """By its own phases and the techniques one step away; an indicator has those of what it indicates."""
        found = [each for each in near if each.type == "attack-pattern"]
        if not found and value.get("type") == "indicator":
            meant = [each.stix_id for each in near if each.type in ("malware", "tool", "intrusion-set", "campaign")]
            for stix_id in meant[:_INDICATED]:
                beyond = self._exchange.neighbours(sight.who, stix_id).nodes
                found += [each for each in beyond if each.type == "attack-pattern"]
        unique = {each.stix_id: each for each in found}
        told = list(unique)[:MOST_TECHNIQUES]
        held = bodies(self._exchange, sight.who, told)
        shown = [(plainly(unique[key].title), sight.url_of(key), held[key]) for key in told if key in held]
        return place(value, shown, len(unique) - len(told))

    def _said(self, who: Reader, found: ObjectView, weighed: Weighed, names: Names) -> dict[str, Any]:
        """What the panels about assertions and comments show."""
        authors = {each.created_by for each in weighed.assertions} | {each.created_by for each in weighed.comments}
        seen = sighted(weighed.comments, names)
        return {
            "weighed": weighed,
            "state": _(STATE_NAMES[weighed.assessment.state]),
            "tone": tone_of_worth(weighed),
            "spoken": spoken,
            "is_weighed": found.type not in NOT_WEIGHED,
            "authors": name_objects(self._exchange, who, authors - {""}),
            "confidence": lambda given: _(CONFIDENCE_NAMES[confidence_word(given)]),
            "why_served": why_served(weighed),
            "sighted": seen,
            "times_seen": found.times_seen if weighed.more or seen is None else seen.times,
            "opinions": opinions(weighed),
            "held": [each for each in listed(weighed, "opinion") if each.opinion],
            "notes": listed(weighed, "note"),
            "opinion_names": {name: _(text) for name, text in OPINION_NAMES.items()},
            "choices": [(each, _(OPINION_NAMES[each])) for each in reversed(OPINIONS)],
            "likely": [
                each
                for each in self._exchange.list_likely(who, found)
                if each.stix_id not in {other.stix_id for other in weighed.same}
            ]
            if names.ours
            else [],
        }

    def _rights(self, sight: Sight) -> dict[str, Any]:
        """What may be done with it, and who may see it; nothing of that with the eyes of others."""
        who, found = sight.who, sight.found
        own = sight.lent is None
        given = given_of(self._federation, found) if own else []
        seers = seers_of(self._exchange, self._people, who, found, given) if own else []
        return {
            "mine": self._agreements.decide([a.label for b in found.newest.bodies for a in b.assertions], who),
            "seers": seers,
            "most_seers": MOST_SEERS,
            "allowed": sum(each.decision.allowed or bool(each.sent) for each in seers),
            "holders": sum(each.sent for each in seers),
            "given": given,
            "most_given": MOST_GIVEN,
            "approvals": self._exchange.list_approvals_of(who, found.stix_id) if own and who.local else [],
            "titles": {key: plainly(each.title) for key, each in self._agreements.standings().items()},
            "approval_states": STATES,
            "approval_roles": ROLES,
            "agreements": publishable(self._agreements) if own else [],
            "may_release": own and may(sight.request, Permission.RELEASE),
            "came": self._came(found),
            "may_concern": bool(found.publications)
            or any(a.label.agreement for b in found.newest.bodies for a in b.assertions),
            "may_publish": own and may(sight.request, Permission.PUBLISH),
            "may_erase": own and may(sight.request, Permission.ERASE) and who.local and who.clearance is TLP.RED,
            "may_say": own and may(sight.request, Permission.WRITE),
            "may_sight": found.type not in NOT_SIGHTED,
            "may_merge": found.type not in NEVER_MERGED,
        }

    def _came(self, found: ObjectView) -> list[tuple[str, str]]:
        """(id, title) of the agreements under which the newest version came."""
        under = sorted({a.label.agreement for b in found.newest.bodies for a in b.assertions} - {""})
        standings = self._agreements.standings()
        return [(each, plainly(standings[each].title) if each in standings else each) for each in under]

    def _coached(self, sight: Sight) -> dict[str, Any]:
        """For what we have written ourselves: whether it may be edited, and what its readers would still ask."""
        own = sight.lent is None and may(sight.request, Permission.WRITE)
        editable = own and self._exchange.may_edit(sight.found)
        return {
            "may_edit": editable,
            "asked_of": self._exchange.ask_of(sight.who, sight.found) if editable else None,
            "question": lambda asks: _(QUESTIONS[asks]),
        }

    def _told(self, sight: Sight, value: Mapping[str, Any], shown: Mapping[str, Any]) -> dict[str, Any]:
        """What follows from all of that: the state, the next step, the span, and what happened."""
        found, weighed, seen, now = sight.found, shown["weighed"], shown["sighted"], wall_clock()
        state = weighed.assessment.state
        conflicts = conflicts_of(found.newest)
        sentence = what_to_do(found, weighed, judged=shown["is_weighed"], conflicts=bool(conflicts))
        events = happened(found, weighed, shown["given"], shown["names"], now, sight.url_of)
        return {
            "conflicts": conflicts,
            "voices": _voices(found, shown["names"]),
            "sentence": sentence,
            "tone_to_do": tone_of(sentence, state, judged=shown["is_weighed"]),
            "next": next_step(
                found,
                weighed,
                about_of(value, shown["named"], sight.url_of),
                given=bool(shown["given"]),
                conflicts=bool(conflicts),
                agreements=bool(shown["agreements"]) and any(_may_come(each) for each in shown["seers"]),
                sighted=seen is not None,
                may={"say": shown["may_say"], "publish": shown["may_publish"]},
            ),
            "span": span_of(
                value,
                now=now,
                seen=seen.last if seen else 0,
                received=min((version.received_at for version in found.versions), default=0),
            ),
            "span_names": {"now": _("now"), "seen": _("last seen"), "received": _("came in")},
            "course": turned(events, sight.asked("before"), weighed.more),
        }

    def _missing(self, sight: Sight, weighed: Weighed, near: int) -> Sequence[str]:
        """What we see of it and they do not."""
        if sight.ours is None:
            return ()
        own = self._exchange.weigh(sight.me, sight.ours)
        depth = read_depth(sight.asked("depth"))
        all_near = len(self._exchange.neighbours(sight.me, sight.ours.stix_id, depth=depth).nodes)
        return missing(sight.ours, sight.found, (own, weighed), (all_near, near), len(sight.ours.publications))


def _references(count: int, place: str, here: str) -> References:
    """The part that begins at a place (a number of objects), and the ways to the others."""
    begin = int(place) if place.isascii() and place.isdigit() and len(place) < 9 else 0
    begin = begin - begin % REFERENCES_AT_ONCE if begin < count else 0
    end = min(count, begin + REFERENCES_AT_ONCE)

    def at(number: int) -> str:
        return f"{here}{'&' if '?' in here else '?'}named={number}#says"

    return References(begin, end, count, REFERENCES_AT_ONCE, at(max(0, begin - REFERENCES_AT_ONCE)), at(end))


def _may_come(seer: Seer) -> bool:
    """Whether a party would get it when it is published, at once or when it is released."""
    return seer.decision.allowed or any(reason.code == "awaits-release" for reason in seer.decision.because)


def _voices(found: ObjectView, names: Names) -> list[str]:
    """Who says the newest version, each once."""
    return list(dict.fromkeys(names.source(a.source) for b in found.newest.bodies for a in b.assertions))


def _sections(shown: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    """(id, title, count or 0) of the parts that are there."""
    found: ObjectView = shown["found"]
    seen, versions = shown["sighted"], len(found.versions)
    parts = (
        ("says", _("What it says"), 0, True),
        ("values", _("Values"), len(shown["observables"]) + len(shown["values"]), False),
        ("attack", _("ATT&CK"), 0, shown["placed"] is not None),
        ("around", _("Relations"), shown["around"].count, False),
        ("sources", _("Sources"), len(shown["weighed"].assertions), True),
        ("conflict-1", _("Conflicts"), len(shown["conflicts"]), False),
        ("sightings", _("Sightings"), shown["times_seen"] if seen else 0, seen is not None),
        ("opinions", _("Opinions"), len(shown["held"]), False),
        ("notes", _("Notes"), len(shown["notes"]), False),
        ("versions", _("Versions"), versions if versions > 1 else 0, False),
        ("findings", _("Findings"), len(found.newest.served.findings), False),
        ("who", _("Who may see it"), 0, shown["lent"] is None),
        ("given", _("Given to"), len(shown["given"]), False),
        ("happened", _("What happened"), shown["course"].all, True),
        ("raw", _("As received"), 0, True),
    )
    return [(name, title, count) for name, title, count, there in parts if there or count]


def publishable(agreements: Agreements) -> list[tuple[str, str]]:
    """(id, title) of the agreements something may be published to now."""
    now = wall_clock()
    standings = sorted(agreements.standings().values(), key=lambda standing: standing.title)
    return [(s.agreement, plainly(s.title)) for s in standings if s.state(now) is State.IN_FORCE]
