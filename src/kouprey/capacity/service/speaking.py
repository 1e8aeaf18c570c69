"""How capacity speaks between nodes: what may leave under an agreement, what comes, and what is kept of both."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import msgspec

from kouprey.agreements.model import Standing
from kouprey.agreements.service import Agreements
from kouprey.capacity.model import Activity, Kept, Sort
from kouprey.capacity.rules.rights import WRITES, may_write
from kouprey.capacity.store import messages as rows
from kouprey.capacity.wire import messages as wire
from kouprey.federation.model import EntryBody, LaneClass
from kouprey.federation.service import Delivery, Lanes
from kouprey.kernel.storage import audit, labels
from kouprey.kernel.storage.engine import Reader, Store, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Forbidden, KoupreyError, Refused
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import Clock, Instant, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.service import People

KIND = "nomination"
"""What agreements call it among their kinds of information."""
MOST_MESSAGES = 20_000
"""Of one partner; one who says more is heard no further."""


class Speaking:
    """What every verb of capacity works with."""

    def __init__(
        self, store: Store, people: People, agreements: Agreements, lanes: Lanes, clock: Clock = wall_clock
    ) -> None:
        self._store = store
        self._people = people
        self._agreements = agreements
        self._lanes = lanes
        self._clock = clock

    def now(self) -> Instant:
        """By this node's clock, which alone says here whether a deadline is over."""
        return self._clock()

    def operator(self) -> decision.Reader:
        """Whoever has the node's command line: our own party, cleared for everything."""
        return decision.Reader(party=self._people.home_id, clearance=TLP.RED, local=True, name="operator")

    def may_write(self, who: decision.Reader) -> bool:
        """Whether they plan, nominate, confirm, mark and issue."""
        return may_write(who)

    def agreed(self, reader: Reader | None = None) -> list[Standing]:
        """Agreements that run now and cover nominations."""
        now = self._clock()
        return [
            each
            for each in self._agreements.standings(reader).values()
            if each.signed and each.home in each.parties and each.home not in each.left
            if each.starts <= now < each.ends and KIND in each.terms.types
        ]

    def apply(self, sort: Sort) -> Callable[[Tx, Sequence[Delivery]], list[KoupreyError | None]]:
        """Who takes messages of a sort; for each None, or why it is not applied. Never raises for content."""

        def take(tx: Tx, deliveries: Sequence[Delivery]) -> list[KoupreyError | None]:
            answers: list[KoupreyError | None] = []
            for delivery in deliveries:
                try:
                    self._take(tx, sort, delivery)
                except KoupreyError as error:
                    answers.append(error)
                else:
                    answers.append(None)
            return answers

        return take

    def erase_received(self, origin: str, author: str, indices: Sequence[int]) -> Collection[int]:
        """Take names and words out of what came in these entries: that it was said stays."""

        def work(tx: Tx) -> None:
            for each in rows.list_in_entries(tx, origin, indices):
                if each.author == author and not each.erased:
                    rows.erase(tx, each, wire.without_words(each.sort, each.body))

        self._store.write(work)
        return set()

    def _take(self, tx: Tx, sort: Sort, delivery: Delivery) -> None:
        about, party, version = self._read(tx, sort, delivery)
        label = msgspec.structs.replace(delivery.label, agreement=delivery.agreement)
        kept = Kept(
            sort=sort,
            agreement=delivery.agreement,
            about=about,
            author=delivery.author,
            party=party,
            version=version,
            came_at=self._clock(),
            label_set=self._agreements.label_set(tx, [labels.intern_label(tx, label)]),
            body=delivery.content,
            origin=delivery.origin,
            entry_index=delivery.index,
        )
        held = rows.find_version(tx, kept)
        if held is not None and held.body != kept.body and not held.erased:
            raise Refused("That version is here already, with other words.", "The first stays.", code="other-version")
        if rows.count_from(tx, delivery.author) >= MOST_MESSAGES:
            raise Refused("That party has said so much that no more is kept.", code="too-many-messages")
        if rows.add(tx, kept):
            detail: dict[str, object] = {"sort": str(sort), "version": version, "agreement": delivery.agreement}
            audit.append(
                tx,
                at=self._clock(),
                actor=delivery.author,
                action="capacity.receive",
                subject=about or delivery.author,
                detail=detail,
            )

    def _read(self, tx: Tx, sort: Sort, delivery: Delivery) -> tuple[str, str, int]:
        """About which activity, of which party and in which version; Refused for what is not its author's to say."""
        raw, author, home = delivery.content, delivery.author, self._people.home_id
        if sort is Sort.ACTIVITY:
            activity = wire.read_activity(raw, delivery.agreement)
            _check_own(activity.host, author)
            for each in rows.list_of(tx, activity.id, Sort.ACTIVITY):
                if each.agreement != delivery.agreement:
                    raise Refused("It was published under another agreement.", code="other-agreement")
            return activity.id, "", activity.version
        if sort is Sort.NOMINATION:
            nomination = wire.read_nomination(raw)
            _check_own(nomination.party, author)
            if home not in (nomination.host, author):
                raise Refused("It nominates for somebody else's activity.", code="not-asked")
            return nomination.activity, nomination.party, nomination.version
        if sort is Sort.SEATS:
            plan = wire.read_seats(raw)
            _check_own(plan.host, author)
            if home not in (plan.party, author):
                raise Refused("It speaks of the seats of another party.", code="not-asked")
            return plan.activity, plan.party, plan.version
        said = wire.read_register(raw) if sort is Sort.REGISTER else wire.read_wishes(raw)
        _check_own(said.party, author)
        return "", said.party, said.version

    def _say(
        self,
        tx: Tx,
        sort: Sort,
        raw: bytes,
        *,
        agreement: str,
        version: int,
        by: str,
        tlp: TLP,
        about: str = "",
        party: str = "",
        to: str = "",
        lane: LaneClass = LaneClass.PRIORITY,
    ) -> None:
        """Keep what we say, and queue it for `to`, or for everybody of the agreement; what is for us stays here."""
        standing = self._agreements.standings(tx)[agreement]
        label = self._label(standing, tlp, to)
        number = 0
        if to != self._people.home_id:
            self._check_gate(tx, standing, label, to)
            body = EntryBody(media_type=wire.MEDIA_TYPES[sort], label=label, content=raw)
            number = self._lanes.queue(tx, agreement, [body], lane_class=lane, parties=(to,) if to else ())[0]
        rows.add(
            tx,
            Kept(
                sort=sort,
                agreement=agreement,
                about=about,
                author=self._people.home_id,
                party=party,
                version=version,
                came_at=self._clock(),
                label_set=self._agreements.label_set(tx, [labels.intern_label(tx, label)]),
                body=raw,
                publication=number,
                said_by=by,
            ),
        )

    def _label(self, standing: Standing, tlp: TLP, to: str) -> Label:
        two = tuple(sorted({self._people.home_id, to})) if to and len(standing.parties) > 2 else ()
        return Label(owner=self._people.home_id, tlp=min(tlp, standing.tlp_ceiling), kind=KIND, sealed_to=two)

    def _check_gate(self, tx: Tx, standing: Standing, label: Label, to: str) -> None:
        """Refused with the ground where the agreement lets no such thing go."""
        others = [each for each in standing.parties if each != standing.home and each not in standing.left]
        for party in [to] if to else others:
            eyes = self._agreements.party_reader(party)
            made = self._agreements.decide([label], eyes, under=standing.agreement, reader=tx, once_resumed=True)
            if not made.allowed:
                first = made.because[0]
                raise Refused(
                    f"“{standing.title}” does not allow this.",
                    first.text,
                    first.change[0] if first.change else "",
                    code=first.code,
                )

    def _eyes(self, who: decision.Reader) -> rows.Eyes:
        if not who.local:
            raise Forbidden("This is for people of this node's own party.", code="not-local")
        return self._agreements.profile(msgspec.structs.replace(who, roles=())), self._clock()

    def _check_writes(self, who: decision.Reader) -> None:
        if not may_write(who):
            raise Forbidden(
                "That is not yours to do.",
                f"It needs one of these roles: {', '.join(sorted(WRITES))}.",
                "Ask one of them.",
                code="role-missing",
            )

    def _note(self, tx: Tx, who: decision.Reader, action: str, subject: str, **detail: object) -> None:
        audit.append(tx, at=self._clock(), actor=who.name, action=f"capacity.{action}", subject=subject, detail=detail)

    def _hosts(self, activity: Activity) -> bool:
        return activity.host == self._people.home_id


def _check_own(party: str, author: str) -> None:
    if party != author:
        raise Refused("A party speaks for another one.", "Each speaks for itself.", code="not-its-own")
