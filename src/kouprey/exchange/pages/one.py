"""One object: what it says, who says so, how it changed, who saw it, and who may see it because of which clause."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from kouprey.agreements.model import State
from kouprey.agreements.service import Agreements
from kouprey.exchange.model import OBSERVABLE_TYPES, Neighbour, ObjectView
from kouprey.exchange.model.weighing import OPINIONS, Weighed
from kouprey.exchange.pages.around import AT_ONCE, around, read_depth
from kouprey.exchange.pages.drafts import QUESTIONS
from kouprey.exchange.pages.given import Given, given_of
from kouprey.exchange.pages.happened import happened, turned
from kouprey.exchange.pages.lent import Lent, look_as, missing, nothing
from kouprey.exchange.pages.listing import object_url
from kouprey.exchange.pages.naming import Names, bodies, may, name_objects, reader_of, spoken_titles
from kouprey.exchange.pages.patterns import JOINS, read_pattern
from kouprey.exchange.pages.placing import MOST_TECHNIQUES, Placement, place
from kouprey.exchange.pages.prose import read_prose
from kouprey.exchange.pages.reading import (
    facts_of,
    plainly,
    pretty,
    references_in,
    texts_of,
    type_name,
    values_of,
)
from kouprey.exchange.pages.standing import NOT_JUDGED, SENTENCES, STATED, span_of
from kouprey.exchange.pages.values import linked, others
from kouprey.exchange.pages.versions import MOST_CHOSEN, steps
from kouprey.exchange.pages.weighed import (
    CONFIDENCE_NAMES,
    MOST_SHOWN,
    OPINION_NAMES,
    STATE_NAMES,
    TONES,
    conflicts_of,
    differences,
    listed,
    opinions,
    sighted,
    spoken,
    why_served,
)
from kouprey.exchange.rules import remedy
from kouprey.exchange.rules.assertions import confidence_word
from kouprey.exchange.rules.merging import NEVER_MERGED
from kouprey.exchange.service import Exchange
from kouprey.federation.service import Federation
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Decision, Reader, Reason
from kouprey.kernel.words.errors import Unknown
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import Instant, format_second, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

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
RAW_SHOWN = 16_000
"""Characters of a body that a page shows; each mark of quotation takes five more of them."""
MOST_FINDINGS = 10
MOST_SEERS = 12
MOST_GIVEN = 20
_AT_ONCE = 40
"""Objects that it names, which one page tells of."""
_INDICATED = 3
"""Objects that an indicator points at, whose techniques are told when it has none of its own."""
_SHOWN_OTHERWISE = frozenset({"pattern", "pattern_type"})


@dataclass(frozen=True)
class Seer:
    """Whether a party may see the newest version, why, and whether it has been given it and has confirmed it."""

    party: str
    name: str
    decision: Decision
    sent: bool
    confirmed: Instant


@dataclass(frozen=True)
class Next:
    """The one thing that most likely comes next: `kind` names it, `text` is "" where there is nothing to offer."""

    kind: str
    text: str = ""
    href: str = ""
    icon: str = ""


@dataclass(frozen=True)
class References:
    """Which part of what an object names stands on this page, and the addresses of those before and after."""

    begin: int
    end: int
    all: int
    at_once: int
    before: str
    after: str


def doors(services: Services) -> list[Door]:
    """The page of an object, and the one that compares two of its versions."""
    view = _View(services)
    path, roles = "/intelligence/{stix_id}", roles_with(Permission.READ)
    return [page(path, view.show, roles=roles), page(f"{path}/compare", view.compare, roles=roles)]


class _View:
    """What the page asks of the services."""

    def __init__(self, services: Services) -> None:
        self._exchange = services.get(Exchange)
        self._people = services.get(People)
        self._agreements = services.get(Agreements)
        self._federation = services.get(Federation)

    def show(self, request: Request) -> Response:
        who = reader_of(request)
        found = self._exchange.get_object(who, request.path_params["stix_id"])
        party = request.query_params.get("as", "")
        if not party:
            return self._page(request, who, found)
        lent = look_as(self._exchange, self._agreements, self._people, who, found, party)
        if lent.found is None:
            return request.render(
                "exchange/object_nothing.html",
                lent=lent,
                text=nothing(lent),
                url=object_url(found.stix_id),
                clause_url=clause_url,
                plain=plainly,
            )
        return self._page(request, lent.reader, lent.found, lent=lent, ours=found)

    def _page(
        self,
        request: Request,
        who: Reader,
        found: ObjectView,
        *,
        lent: Lent | None = None,
        ours: ObjectView | None = None,
    ) -> Response:
        """The page as `who` reads it; with `lent` these are another party's eyes, and `ours` is what we see."""
        words: dict[str, str] = {"as": lent.party} if lent is not None else {}
        here = _address(object_url(found.stix_id), words)

        def url_of(stix_id: str) -> str:
            return _address(object_url(stix_id), words)

        now = wall_clock()
        served = found.newest.served
        value = decode(served.raw)
        pattern = read_pattern(value)
        told = (_SHOWN_OTHERWISE if pattern else frozenset()) | STATED
        facts = facts_of({name: each for name, each in value.items() if name not in told})
        ids = list(dict.fromkeys(references_in(facts)))
        references = _references(len(ids), request.query_params.get("named", ""), here)
        weighed = self._exchange.weigh(who, found)
        named = name_objects(self._exchange, who, ids[references.begin : references.end])
        title = spoken_titles(self._exchange, who, {found.stix_id: value}).get(found.stix_id, found.title)
        depth = read_depth(request.query_params.get("depth", ""))
        near = around(self._exchange, who, found.stix_id, title=title, depth=depth, url_of=url_of)
        raw = pretty(served.raw)
        names = Names(self._people, ours=lent is None)
        given = given_of(self._federation, found) if lent is None else []
        events = happened(found, weighed, given, names, now, url_of)
        in_pattern = {href for line in pattern.lines for _text, href in line.values} if pattern else set()
        observables = [each for each in linked(self._exchange, value) if each[2] not in in_pattern]
        values = [] if pattern else others(self._exchange, value, values_of(value))
        said = self._said(who, found, weighed, names)
        seers = self._seers(who, found, given) if lent is None else []
        placed = self._placement(who, value, near.near, url_of)
        conflicts = conflicts_of(found.newest)
        may_do = {
            "may_publish": lent is None and may(request, Permission.PUBLISH),
            "may_erase": lent is None and may(request, Permission.ERASE) and who.local and who.clearance is TLP.RED,
            "may_say": lent is None and may(request, Permission.WRITE),
        }
        agreements = publishable(self._agreements) if lent is None else []
        judged = found.type not in NOT_WEIGHED
        state = weighed.assessment.state
        return request.render(
            "exchange/object.html",
            lent=lent,
            missing=self._missing(request, ours, found, weighed, near.count) if lent is not None and ours else (),
            found=found,
            title=title,
            kind=type_name(found.type),
            voices=_voices(found, names),
            seers=seers,
            most_seers=MOST_SEERS,
            allowed=sum(each.decision.allowed for each in seers),
            holders=sum(each.sent for each in seers),
            sentence=SENTENCES[state] if judged else SENTENCES["revoked"] if served.revoked else NOT_JUDGED,
            next=self._next(found, given, conflicts, agreements, said, may_do),
            prose=[read_prose(text) for text in texts_of(value)],
            pattern=pattern,
            joins=JOINS,
            written_pattern=plainly(str(value.get("pattern", ""))[:RAW_SHOWN]),
            span=span_of(value, now=now, seen=said["sighted"].last if said["sighted"] else 0, received=_first(found)),
            span_names={"now": _("now"), "seen": _("last seen"), "received": _("came in")},
            facts=facts,
            named=named,
            references=references,
            observables=observables,
            around=near,
            at_depth=here + ("&" if words else "?"),
            at_once=AT_ONCE,
            placed=placed,
            values=values,
            names=names,
            conflicts=conflicts,
            steps=steps(found.versions),
            version_choices=[(each.instant, _shown(each.instant)) for each in found.versions[:MOST_CHOSEN]],
            course=turned(events, request.query_params.get("before", ""), weighed.more),
            here=here,
            **said,
            most_listed=MOST_SHOWN,
            invalid=sum(one.severity == "must" for one in served.findings),
            remedy=remedy,
            most_findings=MOST_FINDINGS,
            mine=self._agreements.decide([a.label for b in found.newest.bodies for a in b.assertions], who),
            given=given,
            most_given=MOST_GIVEN,
            raw=raw[:RAW_SHOWN],
            cut=len(raw) > RAW_SHOWN,
            **may_do,
            **self._coached(request, who, found, lent is not None),
            may_sight=found.type not in NOT_SIGHTED,
            may_merge=found.type not in NEVER_MERGED,
            agreements=agreements,
            clause_url=clause_url,
            type_name=type_name,
            url=object_url(found.stix_id),
            object_url=url_of,
            plain=plainly,
            sections=_sections(
                ("says", _("What it says"), 0, True),
                ("values", _("Values"), len(observables) + len(values), False),
                ("attack", _("ATT&CK"), 0, placed is not None),
                ("around", _("Relations"), near.count, False),
                ("sources", _("Sources"), len(weighed.assertions), True),
                ("conflict-1", _("Conflicts"), len(conflicts), False),
                ("sightings", _("Sightings"), said["times_seen"], said["sighted"] is not None),
                ("opinions", _("Opinions"), len(said["held"]), False),
                ("notes", _("Notes"), len(said["notes"]), False),
                ("versions", _("Versions"), len(found.versions) if len(found.versions) > 1 else 0, False),
                ("findings", _("Findings"), len(served.findings), False),
                ("who", _("Who may see it"), 0, lent is None),
                ("given", _("Given to"), len(given), False),
                ("happened", _("What happened"), len(events), True),
                ("raw", _("As received"), 0, True),
            ),
        )

    def _said(self, who: Reader, found: ObjectView, weighed: Weighed, names: Names) -> dict[str, Any]:
        """What the panels about assertions and comments show."""
        authors = {assertion.created_by for assertion in weighed.assertions} | {
            each.created_by for each in weighed.comments
        }
        seen = sighted(weighed.comments, names)
        return {
            "weighed": weighed,
            "state": _(STATE_NAMES[weighed.assessment.state]),
            "tone": TONES[weighed.assessment.state],
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

    def _seers(self, who: Reader, found: ObjectView, given: Sequence[Given]) -> list[Seer]:
        """Every party we know: may it see this, and has it? Those who may come first."""
        parties = {each.id: plainly(each.name) for each in self._people.list_parties() if not each.home}
        verdicts = self._exchange.verdicts(who, found, parties)
        held: dict[str, Instant] = {}
        for each in given:
            for party, at in each.parties:
                held[party] = max(held.get(party, 0), at)
        made = [
            Seer(party, name, verdicts[party], party in held, held.get(party, 0)) for party, name in parties.items()
        ]
        return sorted(made, key=lambda each: (not each.decision.allowed, each.name, each.party))

    def _coached(self, request: Request, who: Reader, found: ObjectView, lent: bool) -> dict[str, Any]:
        """For what we have written ourselves: whether it may be edited, and what its readers would still ask."""
        editable = not lent and may(request, Permission.WRITE) and self._exchange.may_edit(found)
        return {
            "may_edit": editable,
            "asked_of": self._exchange.ask_of(who, found) if editable else None,
            "question": lambda asks: _(QUESTIONS[asks]),
        }

    def _placement(
        self, who: Reader, value: Mapping[str, Any], near: Sequence[Neighbour], url_of: Callable[[str], str]
    ) -> Placement | None:
        """By its own phases and the techniques one step away; an indicator has those of what it indicates."""
        found = [each for each in near if each.type == "attack-pattern"]
        if not found and value.get("type") == "indicator":
            meant = [each.stix_id for each in near if each.type in ("malware", "tool", "intrusion-set", "campaign")]
            for stix_id in meant[:_INDICATED]:
                beyond = self._exchange.neighbours(who, stix_id).nodes
                found += [each for each in beyond if each.type == "attack-pattern"]
        unique = {each.stix_id: each for each in found}
        told = list(unique)[:MOST_TECHNIQUES]
        held = bodies(self._exchange, who, told)
        shown = [(plainly(unique[key].title), url_of(key), held[key]) for key in told if key in held]
        return place(value, shown, len(unique) - len(told))

    def _missing(
        self, request: Request, ours: ObjectView, theirs: ObjectView, weighed: Weighed, near: int
    ) -> Sequence[str]:
        """What we see of it and they do not."""
        me = reader_of(request)
        own = self._exchange.weigh(me, ours)
        depth = read_depth(request.query_params.get("depth", ""))
        all_near = len(self._exchange.neighbours(me, ours.stix_id, depth=depth).nodes)
        return missing(ours, theirs, (own, weighed), (all_near, near), len(ours.publications))

    def _next(
        self,
        found: ObjectView,
        given: Sequence[Given],
        conflicts: Sequence[object],
        agreements: Sequence[object],
        said: Mapping[str, Any],
        may_do: Mapping[str, bool],
    ) -> Next:
        """What most likely comes next, as far as the reader may do it."""
        url = object_url(found.stix_id)
        if found.newest.served.revoked:
            return Next("given", mark("See who was given it"), "#given", "out") if given else Next("")
        if conflicts:
            return Next("conflict", mark("Compare the two bodies"), "#conflict-1", "intelligence")
        came = any(a.label.agreement for b in found.newest.bodies for a in b.assertions)
        if came and may_do["may_say"] and found.type not in NOT_SIGHTED and said["sighted"] is None:
            return Next("say", mark("Say whether you have seen it"), "#say", "eye")
        if not came and not given and may_do["may_publish"] and agreements:
            return Next("publish", mark("Publish it"), f"{url}/publish", "out")
        if may_do["may_say"]:
            return Next("say", mark("Say something about it"), "#say", "eye")
        return Next("")

    def compare(self, request: Request) -> Response:
        who = reader_of(request)
        found = self._exchange.get_object(who, request.path_params["stix_id"])
        versions = {str(version.instant): version for version in found.versions}
        older, newer = (versions.get(request.query_params.get(name, "")) for name in ("older", "newer"))
        if older is not None and newer is not None and older.instant > newer.instant:
            older, newer = newer, older
        if older is None or newer is None:
            raise Unknown(
                mark("There are no two such versions."),
                mark("One of them is not held here, or you may not see it."),
                mark("Choose two from the list of versions of the object."),
                code="unknown-version",
            )
        return request.render(
            "exchange/compare.html",
            title=found.title,
            url=object_url(found.stix_id),
            older=older,
            newer=newer,
            rows=differences(older.served.raw, newer.served.raw),
            names=Names(self._people),
        )


def _references(count: int, place: str, here: str) -> References:
    """The part that begins at a place (a number of objects), and the ways to the others."""
    begin = int(place) if place.isascii() and place.isdigit() and len(place) < 9 else 0
    begin = begin - begin % _AT_ONCE if begin < count else 0
    end = min(count, begin + _AT_ONCE)

    def at(number: int) -> str:
        return f"{here}{'&' if '?' in here else '?'}named={number}#says"

    return References(begin, end, count, _AT_ONCE, at(max(0, begin - _AT_ONCE)), at(end))


def _address(url: str, words: Mapping[str, str]) -> str:
    return f"{url}?{urlencode(words)}" if words else url


def _voices(found: ObjectView, names: Names) -> list[str]:
    """Who says the newest version, each once."""
    return list(dict.fromkeys(names.source(a.source) for b in found.newest.bodies for a in b.assertions))


def _first(found: ObjectView) -> Instant:
    """When the first of it came in."""
    return min((version.received_at for version in found.versions), default=0)


def _shown(instant: Instant) -> str:
    return format_second(instant).replace("T", " ").replace("Z", " UTC") if instant else _("the only one")


def _sections(*parts: tuple[str, str, int, bool]) -> Iterable[tuple[str, str, int]]:
    """(id, title, count) of the parts that are there: those with a count, and those that are there without one."""
    return [(name, title, count) for name, title, count, there in parts if there or count]


def publishable(agreements: Agreements) -> list[tuple[str, str]]:
    """(id, title) of the agreements something may be published to now."""
    now = wall_clock()
    standings = sorted(agreements.standings().values(), key=lambda standing: standing.title)
    return [(s.agreement, plainly(s.title)) for s in standings if s.state(now) is State.IN_FORCE]


def clause_url(reason: Reason) -> str:
    """Where the clause stands that a reason rests on; "" when it rests on none."""
    if not reason.agreement:
        return ""
    return f"/agreements/{reason.agreement}" + (f"#clause-{reason.clause}" if reason.clause else "")
