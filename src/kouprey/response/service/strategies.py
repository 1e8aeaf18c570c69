"""Strategies: how incidents of a kind are answered, kept and shared as objects of the exchange."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

import msgspec

from kouprey.exchange.model import Head, ObjectView
from kouprey.exchange.service import Exchange
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Forbidden, KoupreyError, Refused, Unknown
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import Clock, Instant, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.service import People
from kouprey.response.model.playbooks import Planned, Playbook
from kouprey.response.rules.nesting import Called, nest
from kouprey.response.rules.planning import plan
from kouprey.response.wire.cacao import LONGEST, MOST_STEPS, read_playbook, write_manual
from kouprey.response.wire.strategies import carried_playbook, id_of, write_strategy

KIND = "strategy"
"""What agreements call strategies in their `types`."""
TYPE = "course-of-action"
PAGE = 50
LOOKED_AT = 100
"""Strategies, the newest, among which a playbook is looked for that a program other than this one has wrapped."""


class Strategy(msgspec.Struct, frozen=True, kw_only=True):
    """A course of action as a reader sees it.

    `playbook` is None where it carries none, or one that cannot be read; then `unread` says why. `tasks` are what its
    playbook comes to.
    """

    view: ObjectView
    description: str
    playbook: Playbook | None
    tasks: tuple[Planned, ...]
    unread: str
    raw: bytes


class Strategies:
    """Verbs about strategies."""

    def __init__(self, exchange: Exchange, people: People, clock: Clock = wall_clock) -> None:
        self._exchange = exchange
        self._people = people
        self._clock = clock

    def keep(self, who: Reader, raw: bytes, *, tlp: TLP, by: str) -> str:
        """Keep a playbook that somebody hands in, in our name; the id of its course of action.

        The same playbook with a later `modified` becomes the next version. Damaged where it cannot be read or
        followed; Refused when this version is here already.
        """
        self._check_local(who)
        playbook = read_playbook(raw)
        plan(playbook)
        value = write_strategy(playbook, raw, self._people.home_id)
        self._check_newer(who, str(value["id"]), playbook.modified)
        return self._exchange.make(value, tlp=tlp, kind=KIND, action="strategy.keep", who=who, by=by)

    def write(self, who: Reader, *, name: str, description: str, steps: Sequence[str], tlp: TLP, by: str) -> str:
        """Write down a strategy of steps for people, one after the other; the id of its course of action."""
        told = [each.strip() for each in steps if each.strip()]
        if not name.strip():
            raise Damaged("The strategy has no name.", remedy="Say in a few words when it is used.", code="no-name")
        if not told:
            raise Damaged("The strategy has no steps.", remedy="Write one step on each line.", code="no-steps")
        if len(told) > MOST_STEPS - 2 or max(map(len, [description, *told])) > LONGEST or len(name) > 200:
            raise Damaged("The strategy is too long.", remedy="Make two of it.", code="too-long")
        home = self._people.home()
        if not home.card.identities:
            raise Refused(
                "Our card lists no STIX identity.",
                "What we make says who has made it.",
                "Renew the card with an identity.",
                code="no-identity",
            )
        raw = write_manual(
            f"playbook--{uuid4()}",
            name=name.strip(),
            description=description.strip(),
            types=("mitigation",),
            author=home.card.identities[0],
            at=self._clock(),
            steps=told,
        )
        return self.keep(who, raw, tlp=tlp, by=by)

    def list(self, who: Reader, *, before: Instant | None = None) -> tuple[Sequence[Head], bool]:
        """Courses of action that a reader may see, the newest first, a page of them; whether there are more."""
        page = self._exchange.list_objects(who, types=(TYPE,), before_position=before, limit=PAGE)
        return page.heads, page.more

    def get(self, who: Reader, stix_id: str) -> Strategy:
        """One with its tasks; Unknown where there is none that the reader may see."""
        view = self._exchange.get_object(who, stix_id)
        if view.type != TYPE:
            raise Unknown("This is no strategy.", "It is an object of another kind.", code="no-strategy")
        value = decode(view.newest.served.raw)
        raw, unread = carried_playbook(value), ""
        playbook: Playbook | None = None
        tasks: tuple[Planned, ...] = ()
        if raw:
            try:
                playbook = read_playbook(raw)
                tasks = plan(playbook)
            except KoupreyError as error:
                playbook, tasks, unread = None, (), str(error)
        described = value.get("description", "")
        return Strategy(
            view=view,
            description=described if isinstance(described, str) else "",
            playbook=playbook,
            tasks=tasks,
            unread=unread,
            raw=raw,
        )

    def tasks(self, who: Reader, stix_id: str) -> tuple[Planned, ...]:
        """What taking it up comes to, with the playbooks that it calls, as far as the reader sees those.

        Of several with the same id ours comes first, then one of whom this one is from. Refused as `nest` says.
        """
        found = self.get(who, stix_id)
        if found.playbook is None:
            return ()
        sources = _parties(found.view)
        known: dict[str, Called | None] = {}

        def find(playbook: str) -> Called | None:
            if playbook not in known:
                known[playbook] = self._find_playbook(who, playbook, sources)
            return known[playbook]

        return nest(found.playbook.id, _marked(found), find)

    def _find_playbook(self, who: Reader, playbook: str, sources: Sequence[str]) -> Called | None:
        others = sorted(each.id for each in self._people.list_parties())
        ids = [id_of(party, playbook) for party in dict.fromkeys((self._people.home_id, *sources, *others))]
        called = next(filter(None, (self._called(who, each, playbook) for each in ids)), None)
        if called is not None:
            return called
        before: Instant | None = None
        for _ in range(LOOKED_AT // PAGE):
            heads, more = self.list(who, before=before)
            rest = (self._called(who, head.stix_id, playbook) for head in heads if head.stix_id not in ids)
            called = next(filter(None, rest), None)
            if called is not None or not more:
                return called
            before = heads[-1].position
        return None

    def _called(self, who: Reader, stix_id: str, playbook: str) -> Called | None:
        try:
            found = self.get(who, stix_id)
        except Unknown:
            return None
        held = found.playbook
        if held is None or held.id != playbook or held.revoked:
            return None
        return Called(stix_id, held.name, _marked(found))

    def _check_local(self, who: Reader) -> None:
        if not who.local:
            raise Forbidden(
                "This is for people of this node's own party.",
                "What is kept here is said in our name.",
                "Give it to us under an agreement.",
                code="not-local",
            )

    def _check_newer(self, who: Reader, stix_id: str, modified: Instant) -> None:
        """Every version of ours is kept under its own time; the same time twice would be two versions in conflict."""
        try:
            held = self._exchange.get_object(who, stix_id)
        except Unknown:
            return
        if held.newest.instant >= modified:
            raise Refused(
                "This playbook is here already, in this version or a later one.",
                f"Here it says it was changed at {held.newest.version_text}.",
                "Give it a later `modified` when you change it.",
                code="held-already",
            )


def _parties(view: ObjectView) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.source.party for each in view.newest.served.assertions))


def _marked(found: Strategy) -> tuple[Planned, ...]:
    """Its tasks, with the strictest marking of those who say it."""
    tlp = max(each.label.tlp for each in found.view.newest.served.assertions)
    return tuple(msgspec.structs.replace(each, tlp=tlp) for each in found.tasks)
