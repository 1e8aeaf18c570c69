"""Preservation: answered by a date, held by the node itself, extended by message, and let go when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import partial

import msgspec

from kouprey.exchange.service import Exchange
from kouprey.kernel.storage import audit, outbox
from kouprey.kernel.storage.engine import Reader, Store, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Refused, Unknown
from kouprey.kernel.words.time import Clock, Instant, wall_clock
from kouprey.people.service import People
from kouprey.response.facts import ClockNeared
from kouprey.response.model import Course, HandOff, Side, Stage, Verb
from kouprey.response.model.preserving import Answer, Hop, Period
from kouprey.response.rules.preserving import HALF, end_of_day, half_over
from kouprey.response.service.handoffs import HandOffs, Said, Told
from kouprey.response.service.speaking import folded
from kouprey.response.store import handoffs as files
from kouprey.response.store import preserving as rows
from kouprey.response.store.handoffs import Line
from kouprey.response.wire.preserving import shipped_period

CLOCK = "preserved"
"""What the clock of a preservation is called where people are told of it."""


class Preserving:
    """Verbs about preservation. Holds are set and lifted by the node, as the messages say."""

    def __init__(
        self, store: Store, people: People, exchange: Exchange, handoffs: HandOffs, clock: Clock = wall_clock
    ) -> None:
        self._store = store
        self._people = people
        self._exchange = exchange
        self._handoffs = handoffs
        self._clock = clock
        handoffs.preserved = self.settle

    def period(self) -> Period:
        """For how long it is preserved where nobody says otherwise."""
        return shipped_period()

    def suggested(self) -> Instant:
        """The day until which it is preserved if nobody chooses another."""
        return end_of_day(self.period().days, self._clock())

    def answer(self, who: decision.Reader, handoff: str, until: Instant = 0, route: Sequence[Hop] = ()) -> Told:
        """Say until when it is preserved, and where the trail leads on; 0 for the usual time.

        Where it was not accepted yet it is, in the same step. What we hold of it is under a legal hold from then on.
        """
        held = self._handoffs.get(who, handoff)
        if held.asked.kind != "preserve" or held.side is not Side.ASKED:
            raise Refused("Nobody asks us to preserve this.", code="not-preserving")
        report = Said(Verb.REPORT, answer=Answer(until=until or self.suggested(), route=tuple(route)))
        steps = []
        if held.course.stage in (Stage.REQUESTED, Stage.ACKNOWLEDGED):
            self._handoffs.check_said(who, held, Said(Verb.ACCEPT))
            steps.append(self._handoffs.ready(held, Said(Verb.ACCEPT), who))
            course = msgspec.structs.replace(held.course, stage=Stage.ACCEPTED, heads=(steps[0].message.id,))
            held = msgspec.structs.replace(held, course=course)
        self._handoffs.check_said(who, held, report)
        steps.append(self._handoffs.ready(held, report, who))

        def work(tx: Tx) -> None:
            for step in steps:
                step.send(tx)

        self._store.write(work)
        return self._handoffs.get(who, held.asked.id)

    def extend(self, who: decision.Reader, handoff: str, until: Instant, text: str = "") -> Told:
        """Ask for longer; they answer with another date."""
        return self._handoffs.say(who, handoff, Verb.CONTEST, text=text, answer=Answer(until=until))

    def held(self, who: decision.Reader, handoff: str) -> list[tuple[str, str]]:
        """Objects under a hold for it, each with its title, as far as they see them: others are not counted either."""
        asked = self._handoffs.get(who, handoff).asked
        with self._store.read() as reader:
            ids = [stix_id for _, stix_id in rows.list_holds(reader, asked.id)]
        plain, found = msgspec.structs.replace(who, roles=()), []
        for each in ids:
            with suppress(Unknown):
                found.append((each, self._exchange.get_object(plain, each).newest.served.title or each))
        return found

    def settle(self, tx: Tx, asked: HandOff, course: Course) -> None:
        """Hold what is preserved, and let go what is no more: as the messages say now."""
        if asked.asked != self._people.home_id or asked.exercise:
            return
        running = course.until > self._clock()
        held = rows.list_holds(tx, asked.id)
        if running:
            self._hold(tx, asked)
        elif held:
            self._let_go(tx, asked.id, held)

    def _hold(self, tx: Tx, asked: HandOff) -> int:
        """Hold what it names and is here by now; what somebody has lifted by hand meanwhile stays lifted."""
        because = f"Preserved for {asked.asking}, hand-off {asked.id[:12]}"
        known = {stix_id for _, stix_id in rows.list_holds(tx, asked.id)}
        made = self._exchange.hold_named(tx, asked.refs, because=because, by="node", but=known)
        for hold in made:
            rows.add_hold(tx, asked.id, hold.id, hold.what)
        return len(made)

    def turn(self) -> int:
        """Let go what is over, hold what came meanwhile, tell once that half of the time is gone; how much was done."""
        now, home, done = self._clock(), self._people.home_id, 0
        with self._store.read() as reader:
            lines = files.list_preserved(reader, home, now)
            told = files.list_warnings(reader, [line.id for line in lines if line.asking == home])
            half = [
                line
                for line in lines
                if CLOCK not in told.get(line.id, {CLOCK: 0}) and half_over(_answered(reader, line), line.until, now)
            ]
        for line in lines:
            if line.asked == home and line.until <= now:
                done += self._store.write(partial(self._over, line=line))
            elif line.asked == home:
                done += self._store.write(partial(self._more, line=line))
        return done + sum(self._store.write(partial(self._half, line=line)) for line in half)

    def _over(self, tx: Tx, *, line: Line) -> int:
        now = files.find(tx, line.id)
        if now is None or now.until > self._clock():
            return 0
        return self._let_go(tx, line.id, rows.list_holds(tx, line.id))

    def _more(self, tx: Tx, *, line: Line) -> int:
        now = files.find(tx, line.id)
        if now is None or now.until <= self._clock():
            return 0
        return self._hold(tx, folded(now, files.list_messages(tx, now.id))[0])

    def _half(self, tx: Tx, *, line: Line) -> int:
        now = self._clock()
        if not files.add_warning(tx, line.id, CLOCK, HALF, now):
            return 0
        detail: dict[str, object] = {"clock": CLOCK, "percent": HALF, "agreement": line.agreement}
        audit.append(tx, at=now, actor="node", action="handoff.warn", subject=line.id, detail=detail)
        outbox.record(tx, ClockNeared(handoff=line.id, kind=line.kind, clock=CLOCK, percent=HALF))
        return 1

    def _let_go(self, tx: Tx, handoff: str, held: Sequence[tuple[str, str]]) -> int:
        for hold, _ in held:
            self._exchange.lift_named(tx, hold, by="node")
            rows.set_lifted(tx, handoff, hold, self._clock())
        return len(held)


def _answered(reader: Reader, line: Line) -> Instant:
    """When the answer came here: their clock decides nothing."""
    came = [each.came_at for each in files.list_messages(reader, line.id) if each.verb == str(Verb.REPORT)]
    return min(came, default=0)
