"""Drills: hand-offs that are exercises, sent at once or each month, and how long partners took to answer."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import msgspec

from kouprey.federation.service import Federation
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Forbidden, KoupreyError, Refused
from kouprey.kernel.words.time import Clock, Instant, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.people.service import People
from kouprey.response.model import LEGAL_KINDS, HandOff, Urgency, Verb, Wanted
from kouprey.response.model.directory import DRILL, Drill, Measured
from kouprey.response.rules.drills import due, measured, over
from kouprey.response.rules.rights import LEADING
from kouprey.response.service.handoffs import HandOffs, Line, Told
from kouprey.response.store import directory as rows

TITLE = "EXERCISE: is somebody there?"
TEXT = (
    "This is an exercise. Nothing has happened.\n\n"
    "It measures how long a request takes from us to a person of yours. Please acknowledge it, and nothing else."
)
OVER = "The exercise is over. Thank you."
MOST_TEXT = 2_000
_KINDS = ("inform", "sighting-query", "assist", "act")
_ANSWERS = frozenset({Verb.ACKNOWLEDGE, Verb.ACCEPT, Verb.DECLINE, Verb.QUERY, Verb.START, Verb.PROGRESS, Verb.REPORT})
_log = logging.getLogger(__name__)


class Drills:
    """Verbs about drills. They belong to one exercise, which nothing in earnest mixes with."""

    def __init__(
        self, store: Store, people: People, federation: Federation, handoffs: HandOffs, clock: Clock = wall_clock
    ) -> None:
        self._store = store
        self._people = people
        self._federation = federation
        self._handoffs = handoffs
        self._clock = clock

    @staticmethod
    def exercising(who: decision.Reader) -> decision.Reader:
        """The same person as a reader of the exercise: they see what belongs to it, and nothing else.

        Forbidden to whoever is in another exercise: no two mix.
        """
        if who.exercise not in ("", DRILL):
            raise Forbidden("Drills belong to an exercise of their own.", code="other-exercise")
        return msgspec.structs.replace(who, exercise=DRILL)

    def may_send(self, who: decision.Reader) -> bool:
        """Whether they have partners drilled."""
        return who.local and (who.name == "operator" or not LEADING.isdisjoint(who.roles))

    def partners(self) -> dict[str, tuple[str, str]]:
        """Party -> agreement and kind under which it can be drilled now; kinds of the legal track never are."""
        found: dict[str, tuple[str, str]] = {}
        terms = [(standing, term) for standing, term in self._handoffs.terms() if term.kind not in LEGAL_KINDS]
        ordered = sorted(terms, key=lambda each: (_rank(each[1].kind), each[0].agreement))
        for standing, term in ordered:
            for party in standing.parties:
                if party != standing.home and party not in standing.left:
                    found.setdefault(party, (standing.agreement, term.kind))
        return found

    def send(self, who: decision.Reader, parties: Sequence[str], *, text: str = "") -> list[Drill]:
        """Drill these partners now, each by a hand-off of its own; none of them where one cannot be.

        Refused `drill-runs` while one with the same partner is open, `no-agreement` where none allows hand-offs.
        """
        self._check_sends(who)
        ways = self.partners()
        with self._store.read() as reader:
            open_with = {each.party for each in rows.list_drills(reader, running=True)}
        if not parties:
            raise Damaged("Nobody is chosen.", remedy="Choose whom to drill.", code="no-party")
        if len(text) > MOST_TEXT:
            raise Damaged("The text is too long.", remedy="Make it shorter.", code="too-long")
        for party in parties:
            if party not in ways:
                raise Refused(
                    "That partner cannot be drilled.",
                    f"No agreement with {party} that runs allows hand-offs (clause 15).",
                    "Amend an agreement.",
                    code="no-agreement",
                )
            if party in open_with:
                raise Refused("A drill with that partner runs already.", party, "Wait for its end.", code="drill-runs")
        return [self._send(who, party, ways[party], text.strip()) for party in dict.fromkeys(parties)]

    def _send(self, who: decision.Reader, party: str, way: tuple[str, str], text: str) -> Drill:
        agreement, kind = way
        kept: list[Drill] = []

        def also(tx: Tx, made: HandOff) -> None:
            drill = Drill(handoff=made.id, party=party, agreement=agreement, sent_by=who.name, sent_at=made.at)
            rows.save_drill(tx, drill)
            audit.append(tx, at=made.at, actor=who.name, action="drill.send", subject=made.id, detail={"with": party})
            kept.append(drill)

        wanted = Wanted(
            agreement=agreement,
            to=party,
            kind=kind,
            title=TITLE,
            text=text or TEXT,
            tlp=TLP.GREEN,
            urgency=Urgency.ROUTINE,
        )
        self._handoffs.request(self.exercising(who), wanted, also)
        return kept[-1]

    def set_monthly(self, who: decision.Reader, parties: Sequence[str]) -> list[str]:
        """Drill these partners each month from now on, and no others."""
        self._check_sends(who)
        for party in parties:
            if party == self._people.home_id or self._people.find_party(party) is None:
                raise Damaged("That party is no partner.", party[:200], "Choose partners.", code="no-party")
        now, wanted = self._clock(), set(parties)

        def work(tx: Tx) -> None:
            held = set(rows.list_plans(tx))
            for party in sorted(held ^ wanted):
                rows.save_plan(tx, party, who.name, now, 0 if party in wanted else now)
                action = "drill.plan" if party in wanted else "drill.unplan"
                audit.append(tx, at=now, actor=who.name, action=action, subject=party, detail={})

        self._store.write(work)
        return self.monthly()

    def monthly(self) -> list[str]:
        """Who is drilled each month."""
        with self._store.read() as reader:
            return rows.list_plans(reader)

    def list_sent(self, who: decision.Reader) -> list[Drill]:
        """The drills we sent, the newest first."""
        self._check_local(who)
        with self._store.read() as reader:
            return rows.list_drills(reader)

    def asked(self, who: decision.Reader, *, ended: bool = False) -> list[Line]:
        """The drills that partners sent us."""
        return self._handoffs.list_asked(self.exercising(who), ended=ended)

    def get(self, who: decision.Reader, handoff: str) -> Told:
        """One drill, ours or a partner's, with all that was said."""
        return self._handoffs.get(self.exercising(who), handoff)

    def acknowledge(self, who: decision.Reader, handoff: str) -> Told:
        """Answer a partner's drill by its id, or by what that begins with."""
        lines = [line.id for line in self.asked(who) if handoff and line.id.startswith(handoff)]
        return self._handoffs.say(self.exercising(who), lines[0] if len(lines) == 1 else handoff, Verb.ACKNOWLEDGE)

    def measures(self, who: decision.Reader) -> Mapping[str, Measured]:
        """Party -> what its drills come to."""
        every = self.list_sent(who)
        return {party: measured([each for each in every if each.party == party]) for party in {d.party for d in every}}

    def turn(self) -> int:
        """See what became of the drills that run, end those that are over, and send those of the month; how many."""
        with self._store.read() as reader:
            running = rows.list_drills(reader, running=True)
        changed = sum(self._look(each) for each in running)
        return changed + self._send_due()

    def _look(self, drill: Drill) -> bool:
        node = self._node()
        try:
            held = self._handoffs.get(node, drill.handoff)
        except KoupreyError:
            # Its words were erased, or its agreement is gone: it is measured no further.
            held = None
        seen = drill if held is None else self._seen(drill, held)
        now: Instant = self._clock()
        if held is not None and over(seen, now):
            self._end(node, held)
        if held is None or over(seen, now):
            seen = msgspec.structs.replace(seen, closed_at=now)
        if seen == drill:
            return False
        self._store.write(lambda tx: rows.save_drill(tx, seen))
        return True

    def _seen(self, drill: Drill, held: Told) -> Drill:
        """When it came to the partner's node, and when somebody there answered, by our clock."""
        delivered, answered = drill.delivered_at, drill.acknowledged_at
        if not delivered and (number := held.sent.get(held.asked.id, 0)):
            place = self._federation.ledger.find_places([number]).get(number)
            confirmed = place.confirmed if place is not None else ()
            delivered = next((learnt for party, _said, learnt in confirmed if party == drill.party), 0)
        if not answered:
            came = [
                held.came[step.message.id]
                for step in held.course.steps
                if (step.message.author == drill.party and step.message.verb in _ANSWERS)
                or step.message.verb is Verb.HEARD
            ]
            answered = min(came, default=0)
        # Whoever has answered has got it, whatever became of the receipt.
        return msgspec.structs.replace(drill, delivered_at=delivered or answered, acknowledged_at=answered)

    def _end(self, node: decision.Reader, held: Told) -> None:
        verb = next((each for each in (Verb.WITHDRAW, Verb.CONFIRM) if each in held.may), None)
        if verb is None:
            return
        try:
            self._handoffs.say(node, held.asked.id, verb, text=OVER)
        except KoupreyError as error:
            _log.info("Drill %s ends here alone: %s", held.asked.id[:16], error)

    def _send_due(self) -> int:
        now, sent = self._clock(), 0
        with self._store.read() as reader:
            last = {party: rows.list_drills(reader, party=party, limit=1) for party in rows.list_plans(reader)}
        for party, drills in last.items():
            if due(drills[0].sent_at if drills else 0, now):
                try:
                    self.send(self._node(exercise=""), [party])
                except KoupreyError as error:
                    _log.info("The drill of %s is not sent: %s", party, error)
                else:
                    sent += 1
        return sent

    def _node(self, exercise: str = DRILL) -> decision.Reader:
        """The node itself, which a lead has told to drill."""
        return decision.Reader(
            party=self._people.home_id,
            clearance=TLP.RED,
            local=True,
            roles=(str(Role.LEAD),),
            name="node",
            exercise=exercise,
        )

    def _check_local(self, who: decision.Reader) -> None:
        if not who.local:
            raise Forbidden("This is for people of this node's own party.", code="not-local")

    def _check_sends(self, who: decision.Reader) -> None:
        if not self.may_send(who):
            raise Forbidden(
                "Drills are not yours to send.",
                "It needs one of these roles: lead, liaison.",
                "Ask one of them.",
                code="role-missing",
            )


def _rank(kind: str) -> int:
    return _KINDS.index(kind) if kind in _KINDS else len(_KINDS)
