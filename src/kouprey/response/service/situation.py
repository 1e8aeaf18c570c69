"""The situation: what other services tell one reader, put beside one another, and nothing that they do not see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import chain

from kouprey.agreements.service import Agreements
from kouprey.exchange.model import Filters, Head, ObjectView, SourceKind
from kouprey.exchange.service import Exchange
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Forbidden, Unknown
from kouprey.kernel.words.ids import stix_type
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import DAY, Clock, Instant, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.service import People
from kouprey.response.model.cases import Case, Kind
from kouprey.response.model.situation import (
    Attack,
    Attribution,
    Campaign,
    Changing,
    Due,
    Fresh,
    Punctual,
    Situation,
    Strike,
    Traffic,
    Voice,
)
from kouprey.response.rules.situation import (
    ATTACKS,
    NAMED,
    Kept,
    first_of_all,
    ordered_campaigns,
    ordered_strikes,
    punctual,
    sectors_of,
)
from kouprey.response.service.casefiles import tlp_of
from kouprey.response.service.cases import Cases
from kouprey.response.service.handoffs import HandOffs, Line
from kouprey.response.service.lacking import Lacking, Lacks
from kouprey.response.store.cases import Wanted

DAYS, LONGEST = 30, 90
"""Days in which a campaign came or was seen, and the most somebody may ask for."""
SEEN_DAYS, WEEK = 14, 7
MOST_CAMPAIGNS, MOST_STRIKES, MOST_AROUND, MOST_VOICES = 15, 12, 40, 5
MOST_SIGHTINGS, MOST_GIVEN, MOST_KEPT, MOST_CHANGING = 50, 500, 150, 50
_CAMPAIGNS = ("campaign", "intrusion-set")
_STRIKES = ("campaign", "grouping", "incident", "intrusion-set", "report")


class Situations:
    """Verbs about the situation; each is for people of our own party, and sees with the eyes of who asks."""

    def __init__(
        self,
        store: Store,
        people: People,
        agreements: Agreements,
        exchange: Exchange,
        handoffs: HandOffs,
        cases: Cases,
        clock: Clock = wall_clock,
    ) -> None:
        self._store = store
        self._people = people
        self._agreements = agreements
        self._exchange = exchange
        self._handoffs = handoffs
        self._cases = cases
        self._clock = clock
        self._lacking = Lacking(store, handoffs)

    def look(self, who: Reader, days: int = DAYS) -> Situation:
        """All of it now, over the last `days` (1 to 90); Forbidden for a partner."""
        _check_local(who)
        if not 1 <= days <= LONGEST:
            raise Damaged("So many days cannot be shown.", f"1 to {LONGEST} can.", "Ask for fewer.", code="bad-field")
        now = self._clock()
        asked, asking = self._handoffs.list_asked(who), self._handoffs.list_asking(who)
        lacks = self._lacking.of([*asked, *asking])
        due = [self._due(line, now, lacks) for line in (*asked, *asking)]
        over = [*self._handoffs.list_asked(who, ended=True), *self._handoffs.list_asking(who, ended=True)]
        owing = [line for line in over if line.lacking]
        told = [*due, *(self._due(line, now, self._lacking.of(owing)) for line in owing)]
        crossing, more = self._crossing(who)
        campaigns, cut = self._campaigns(who, now - days * DAY)
        counted = self._exchange.days(who, SEEN_DAYS)
        return Situation(
            at=now,
            by=who.name,
            home=self._people.home_id,
            exercise=who.exercise,
            cases=crossing,
            handoffs=tuple(
                sorted(told, key=lambda each: (not each.late, not each.lacks, each.due or now + 10**18, each.id))
            ),
            campaigns=campaigns,
            strikes=ordered_strikes(chain(self._struck(who), self._spoken_of(who, now - days * DAY)))[:MOST_STRIKES],
            changing=tuple(self._changing(who)),
            traffic=self._traffic(who, due, now),
            first_day=counted.first,
            seen=counted.by_type.get("sighting", (0,) * SEEN_DAYS),
            fresh=self._fresh(who, due, [*asked, *asking], campaigns, now),
            days=days,
            more=more or cut,
        )

    def names(self, contacts: Mapping[str, str]) -> dict[str, str]:
        """Id -> name of parties, people of ours, and `contacts`."""
        persons = {person.id: person.name for person in self._people.list_persons()}
        return {**contacts, **persons, **{party.id: party.name for party in self._people.list_parties()}}

    def note_printed(self, who: Reader, language: str) -> None:
        """Write down that it was put on paper: paper goes on to others."""
        detail: dict[str, object] = {"language": language}
        self._store.write(
            lambda tx: audit.append(
                tx, at=self._clock(), actor=who.name, action="situation.print", subject="situation", detail=detail
            )
        )

    def punctual(self, who: Reader) -> tuple[Punctual, ...]:
        """How the clocks of clause 15 went with each partner, over the newest hand-offs that `who` may see."""
        _check_local(who)
        lines = [
            line
            for ended in (False, True)
            for line in (
                *self._handoffs.list_asked(who, ended=ended, limit=MOST_KEPT),
                *self._handoffs.list_asking(who, ended=ended, limit=MOST_KEPT),
            )
        ]
        newest = sorted(lines, key=lambda line: -line.changed_at)[:MOST_KEPT]
        return punctual(self._kept(who, newest), self._clock())

    def _kept(self, who: Reader, lines: Iterable[Line]) -> Iterator[Kept]:
        home = self._people.home_id
        for line in lines:
            with suppress(Unknown):
                held = self._handoffs.get(who, line.id)
                ours = line.asking == home
                yield Kept(held.asked, held.course, line.asked if ours else line.asking, ours)

    def _due(self, line: Line, now: Instant, lacks: Lacks) -> Due:
        ours = line.asking == self._people.home_id
        return Due(
            id=line.id,
            title=line.title,
            other=line.asked if ours else line.asking,
            ours=ours,
            kind=line.kind,
            stage=str(line.stage),
            urgency=str(line.urgency),
            due=line.due_next,
            late=not line.ended and 0 < line.due_next < now,
            tlp=line.tlp,
            lacks=lacks.get(line.id, ()),
        )

    def _crossing(self, who: Reader) -> tuple[tuple[Case, ...] | None, bool]:
        if not self._cases.reads(who):
            return None, False
        lines, more = self._cases.list_cases(who, Wanted(cross_border=True, closed=False))
        return tuple(each.case for each in lines if _in_earnest(each.case, who)), more

    def _campaigns(self, who: Reader, since: Instant) -> tuple[tuple[Campaign, ...], bool]:
        filters = Filters(since=since, revoked=False)
        came = self._exchange.list_objects(who, types=_CAMPAIGNS, filters=filters, limit=MOST_CAMPAIGNS)
        found = {head.stix_id: self._campaign(who, head) for head in came.heads}
        sightings = self._exchange.list_objects(who, types=("sighting",), filters=filters, limit=MOST_SIGHTINGS)
        for head in sightings.heads:
            target = self._sighted(who, head.stix_id)
            if target in found or len(found) >= 2 * MOST_CAMPAIGNS or stix_type(target) not in _CAMPAIGNS:
                continue
            with suppress(Unknown):
                view = self._exchange.get_object(who, target)
                if not view.newest.served.revoked:
                    found[target] = self._seen_again(who, view, head.position)
        return ordered_campaigns(found.values()), came.more or sightings.more

    def _sighted(self, who: Reader, sighting: str) -> str:
        with suppress(Unknown):
            value = decode(self._exchange.get_object(who, sighting).newest.served.raw)
            return str(value.get("sighting_of_ref", "")) if isinstance(value, dict) else ""
        return ""

    def _campaign(self, who: Reader, head: Head) -> Campaign:
        sectors, said = self._around(who, head.stix_id)
        return Campaign(
            stix_id=head.stix_id,
            type=head.type,
            title=head.title,
            at=head.position,
            tlp=max(head.tlp, sectors[1]),
            sectors=sectors[0],
            attributions=said,
        )

    def _seen_again(self, who: Reader, view: ObjectView, at: Instant) -> Campaign:
        (sectors, tlp), said = self._around(who, view.stix_id)
        return Campaign(
            stix_id=view.stix_id,
            type=view.type,
            title=view.title,
            at=at,
            tlp=max(tlp_of(view), tlp),
            sectors=sectors,
            attributions=said,
            seen=True,
        )

    def _around(self, who: Reader, stix_id: str) -> tuple[tuple[tuple[str, ...], TLP], tuple[Attribution, ...]]:
        """Sectors of those it targets with the marking of who says so, and who is said to be behind it."""
        sectors: list[str] = []
        said: list[Attribution] = []
        tlp = TLP.CLEAR
        # What is erased while this is read is left out, and the rest is told.
        with suppress(Unknown):
            near = self._exchange.neighbours(who, stix_id, limit=MOST_AROUND)
            own, titles = {stix_id, *near.same}, {each.stix_id: each.title for each in near.nodes}
            for relation in near.relations:
                if relation.source not in own or not relation.by:
                    continue
                if relation.word == "targets" and stix_type(relation.target) == "identity":
                    views = [self._exchange.get_object(who, each) for each in (relation.target, relation.by)]
                    stated = decode(views[0].newest.served.raw)
                    told = sectors_of(stated) if isinstance(stated, dict) else ()
                    sectors += told
                    tlp = max(tlp, *map(tlp_of, views)) if told else tlp
                elif relation.word == "attributed-to" and len(said) < MOST_VOICES:
                    said.append(self._attribution(who, relation.by, relation.target, titles.get(relation.target, "")))
        return (tuple(dict.fromkeys(sectors)), tlp), tuple(said)

    def _attribution(self, who: Reader, relation: str, actor: str, title: str) -> Attribution:
        view, behind = self._exchange.get_object(who, relation), self._exchange.get_object(who, actor)
        weighed = self._exchange.weigh(who, view)
        opinions = [each for each in weighed.comments if each.kind == "opinion"][: 4 * MOST_VOICES]
        heard: dict[bool, list[Voice]] = {True: [], False: []}
        tlp = max(tlp_of(view), tlp_of(behind))
        for each in opinions:
            for_it = each.opinion in ("agree", "strongly-agree")
            if each.opinion in ("", "neutral") or len(heard[for_it]) >= MOST_VOICES:
                continue
            said = self._exchange.get_object(who, each.stix_id)
            source = said.newest.served.assertions[0].source
            heard[for_it].append(_voice(source.kind, source.party, source.name, each.stix_id))
            tlp = max(tlp, tlp_of(said))
        stated = [each.confidence for each in weighed.assertions if each.served and each.confidence is not None]
        voices = [
            _voice(each.source.kind, each.source.party, each.source.name, relation) for each in weighed.assertions
        ]
        return Attribution(
            relation=relation,
            actor=actor,
            actor_title=title or behind.title,
            confidence=stated[0] if stated else None,
            said_by=tuple(dict.fromkeys(voices))[:MOST_VOICES],
            agree=tuple(heard[True]),
            disagree=tuple(heard[False]),
            tlp=tlp,
        )

    def _struck(self, who: Reader) -> Iterator[Strike]:
        """Cases of ours that are open, by what kind of incident people say it is."""
        if not self._cases.reads(who):
            return
        for category in ("intrusions", "availability"):
            lines, _ = self._cases.list_cases(who, Wanted(category=category, closed=False))
            for case in (line.case for line in lines):
                if case.type in ATTACKS and _in_earnest(case, who):
                    yield Strike(
                        attack=ATTACKS[case.type],
                        title=case.title,
                        at=case.changed_at,
                        tlp=case.tlp,
                        number=case.number,
                        sectors=case.sectors,
                        first=first_of_all(case.sectors),
                    )

    def _spoken_of(self, who: Reader, since: Instant) -> Iterator[Strike]:
        """Objects that came of late and name such an attack."""
        filters, told = Filters(since=since, revoked=False), set[tuple[Attack, str]]()
        for attack, texts in NAMED.items():
            for text in texts:
                found = self._exchange.list_objects(who, types=_STRIKES, text=text, filters=filters, limit=MOST_STRIKES)
                for head in found.heads:
                    if (attack, head.stix_id) in told:
                        continue
                    told.add((attack, head.stix_id))
                    sectors: tuple[str, ...] = ()
                    tlp = TLP.CLEAR
                    if head.type in _CAMPAIGNS:
                        (sectors, tlp), _ = self._around(who, head.stix_id)
                    yield Strike(
                        attack=attack,
                        title=head.title,
                        at=head.position,
                        tlp=max(head.tlp, tlp),
                        stix_id=head.stix_id,
                        sectors=sectors,
                        first=first_of_all(sectors),
                    )

    def _changing(self, who: Reader) -> Iterator[Changing]:
        """Intelligence that changed a case, where they may see both."""
        if not self._cases.reads(who):
            return
        links = [pair for pair in self._cases.changed_by(who) if _in_earnest(pair[0], who)]
        for case, link in links[:MOST_CHANGING]:
            with suppress(Unknown):
                view = self._exchange.get_object(who, link.ref)
                yield Changing(
                    number=case.number,
                    title=case.title,
                    stix_id=link.ref,
                    object_title=view.title,
                    note=link.note,
                    tlp=max(case.tlp, tlp_of(view)),
                )

    def _traffic(self, who: Reader, due: list[Due], now: Instant) -> tuple[Traffic, ...]:
        """One line for each partner, and for whoever else a hand-off is open with."""
        came = self._exchange.days(who, WEEK).by_source
        given: dict[str, int] = {}
        for sent in self._exchange.list_publications(who, MOST_GIVEN):
            if sent.at >= now - WEEK * DAY:
                for party in sent.parties:
                    given[party] = given.get(party, 0) + 1
        partners = [each.id for each in self._people.list_parties() if not each.home]
        others = dict.fromkeys((*partners, *(each.other for each in due)))
        made = [
            Traffic(
                party=party,
                asked_of_us=sum(each.other == party and not each.ours for each in due),
                asked_by_us=sum(each.other == party and each.ours for each in due),
                late=sum(each.other == party and each.late for each in due),
                received=sum(came.get(party, ())),
                given=given.get(party, 0),
            )
            for party in others
        ]
        return tuple(sorted(made, key=lambda each: (-each.late, -each.total, each.party)))

    def _fresh(
        self, who: Reader, due: list[Due], lines: list[Line], campaigns: tuple[Campaign, ...], now: Instant
    ) -> Fresh:
        since, more = now - DAY, False
        opened = changed = closed = 0
        if self._cases.reads(who):
            held, more = self._cases.list_cases(who, Wanted(closed=None))
            moved = [each.case for each in held if each.case.changed_at >= since and _in_earnest(each.case, who)]
            more = more and len(moved) == len(held)
            opened = sum(each.opened_at >= since for each in moved)
            ended = [each.moments["closed"].at for each in moved if "closed" in each.moments]
            closed = sum(at >= since for at in ended)
            changed = len(moved) - opened
        return Fresh(
            opened=opened,
            changed=changed,
            closed=closed,
            handoffs=sum(line.changed_at >= since for line in lines),
            late=sum(each.late and each.due >= since for each in due),
            campaigns=sum(each.at >= since and not each.seen for each in campaigns),
            objects=sum(self._exchange.days(who, 1).totals),
            more=more,
        )


def _voice(kind: SourceKind, party: str, name: str, stix_id: str) -> Voice:
    return Voice(kind=str(kind), name=party if kind is SourceKind.PARTY else name, stix_id=stix_id)


def _in_earnest(case: Case, who: Reader) -> bool:
    """An exercise is none of what goes on in earnest, also where it is kept among the cases as one."""
    return bool(who.exercise) or case.kind is not Kind.EXERCISE


def _check_local(who: Reader) -> None:
    if not who.local:
        raise Forbidden("This is for people of this node's own party.", code="not-local")
