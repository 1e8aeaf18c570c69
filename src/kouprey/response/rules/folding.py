"""The fold: one set of messages comes to one course, in whatever order it arrived and on whichever node.

Messages name those their author had seen, so they are ordered by what was known and not by clocks. Of two that did not
know of each other, a withdrawal comes first, then what the asking side says, then what the asked side says; between
equals the time their author wrote decides, and then the id. Whoever writes an earlier time so wins nothing over the
other side. A message that no longer fits is kept in the course and does not count.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kouprey.kernel.words.time import SECOND, Instant
from kouprey.response.model import ENDED, Clock, Course, HandOff, Message, Side, Stage, Step, Verb

_UNDECIDED = (Stage.REQUESTED, Stage.ACKNOWLEDGED)
_AT_WORK = (Stage.ACKNOWLEDGED, Stage.ACCEPTED, Stage.ACTING)
TAKES_UP = (Verb.ACCEPT, Verb.START, Verb.PROGRESS, Verb.REPORT)
"""By these somebody is at work."""

TABLE: dict[tuple[Verb, Side], tuple[tuple[Stage, ...], Stage | None]] = {
    (Verb.ACKNOWLEDGE, Side.ASKED): ((Stage.REQUESTED,), Stage.ACKNOWLEDGED),
    (Verb.HEARD, Side.ASKING): ((Stage.REQUESTED,), Stage.ACKNOWLEDGED),
    (Verb.ACCEPT, Side.ASKED): (_UNDECIDED, Stage.ACCEPTED),
    (Verb.DECLINE, Side.ASKED): (_UNDECIDED, Stage.DECLINED),
    (Verb.QUERY, Side.ASKED): (_AT_WORK, Stage.NEEDS_INFO),
    (Verb.ANSWER, Side.ASKING): ((Stage.NEEDS_INFO,), None),
    (Verb.START, Side.ASKED): ((Stage.ACCEPTED,), Stage.ACTING),
    (Verb.PROGRESS, Side.ASKED): ((Stage.ACTING,), Stage.ACTING),
    (Verb.REPORT, Side.ASKED): ((Stage.ACCEPTED, Stage.ACTING, Stage.DISPUTED), Stage.REPORTED),
    (Verb.CONFIRM, Side.ASKING): ((Stage.REPORTED, Stage.DECLINED), Stage.CLOSED),
    (Verb.CONTEST, Side.ASKING): ((Stage.REPORTED,), Stage.DISPUTED),
    (Verb.SETTLE, Side.ASKING): ((Stage.DISPUTED,), Stage.DISPUTED),
    (Verb.SETTLE, Side.ASKED): ((Stage.DISPUTED,), Stage.DISPUTED),
    (Verb.REROUTE, Side.ASKING): ((*_UNDECIDED, Stage.DECLINED), Stage.REROUTED),
    (Verb.WITHDRAW, Side.ASKING): (
        (*_UNDECIDED, Stage.NEEDS_INFO, Stage.ACCEPTED, Stage.ACTING, Stage.DECLINED),
        Stage.WITHDRAWN,
    ),
}
"""(verb, side) -> in which stages it counts, and where it leads; None: back to where the query was asked.

A settlement ends a dispute once both sides have said it.
"""


def verbs_for(course: Course, side: Side) -> list[Verb]:
    """What that side may say next."""
    return [
        verb
        for (verb, who), (stages, _) in TABLE.items()
        if who is side and course.stage in stages and not (verb is Verb.SETTLE and side in course.settled)
    ]


def fold(handoff: HandOff, messages: Iterable[Message]) -> Course:
    """What the messages of a hand-off come to; those of strangers and repeats are left out."""
    known = {each.id: each for each in messages if handoff.side_of(each.author) is not None}
    play = _Play(handoff)
    ordered = list(_in_order(handoff, known))
    for message in ordered:
        play.take(message)
    done = {each.id for each in ordered}
    followed = {seen for each in ordered for seen in each.seen}
    return Course(
        stage=play.stage,
        steps=tuple(play.steps),
        clocks=play.clocks(),
        heads=tuple(sorted(done - followed)),
        waiting=tuple(sorted(known.keys() - done)),
        forked=_forked(ordered),
        settled=tuple(sorted(play.settled)),
        until=play.until,
        longer=play.longer,
        lacking=_lacks_basis(handoff, play.steps),
    )


def _lacks_basis(handoff: HandOff, steps: Iterable[Step]) -> bool:
    """Whether files were given in an emergency whose legal basis the asking side has not filed yet.

    A basis is filed by whatever message bears it, also by one that changes nothing else.
    """
    if not handoff.ground:
        return False
    said = [(step.message, step.counted) for step in steps]
    given = any(counted and each.items for each, counted in said)
    filed = any(each.basis and handoff.side_of(each.author) is Side.ASKING for each, _ in said)
    return given and not filed and not handoff.basis


def crossed(handoff: HandOff, course: Course) -> bool:
    """Whether the side that is asked took it up when it had been withdrawn or given away, unknown to it."""
    return course.stage in (Stage.REROUTED, Stage.WITHDRAWN) and any(
        not step.counted and step.message.verb in TAKES_UP and step.message.author == handoff.asked
        for step in course.steps
    )


def questions_open(course: Course) -> Instant:
    """For how long questions that were answered had been open, in microseconds: more than what clause 15 leaves out."""
    whole = since = 0
    for message in (step.message for step in course.steps if step.counted):
        if message.verb is Verb.QUERY and not since:
            since = message.at
        elif message.verb is Verb.ANSWER and since:
            whole, since = whole + max(0, message.at - since), 0
    return whole


def _in_order(handoff: HandOff, known: Mapping[str, Message]) -> Iterable[Message]:
    """The request, then always the foremost of those whose forerunners are all told."""
    request = known.get(handoff.id)
    if request is None:
        return
    missing = {each.id: len(set(each.seen)) for each in known.values() if each.id != request.id and each.seen}
    after: dict[str, list[str]] = {}
    for each in missing:
        for seen in set(known[each].seen):
            after.setdefault(seen, []).append(each)
    ready = [(_rank(handoff, request), request.id)]
    while ready:
        _, told = heapq.heappop(ready)
        yield known[told]
        for each in after.get(told, ()):
            missing[each] -= 1
            if missing[each] == 0:
                heapq.heappush(ready, (_rank(handoff, known[each]), each))


def _rank(handoff: HandOff, message: Message) -> tuple[int, Instant]:
    if message.verb is Verb.WITHDRAW:
        return 0, message.at
    return (1 if handoff.side_of(message.author) is Side.ASKING else 2), message.at


def _forked(ordered: Iterable[Message]) -> tuple[str, ...]:
    """Parties of which two messages do not know of each other: one author has one history."""
    newest: dict[str, str] = {}
    before: dict[str, frozenset[str]] = {}
    found: set[str] = set()
    for each in ordered:
        before[each.id] = frozenset(each.seen).union(*(before[seen] for seen in each.seen))
        held = newest.get(each.author)
        if held is not None and held not in before[each.id]:
            found.add(each.author)
        newest[each.author] = each.id
    return tuple(sorted(found))


@dataclass
class _Play:
    """The course while it is made."""

    handoff: HandOff
    stage: Stage = Stage.REQUESTED
    back: Stage = Stage.ACKNOWLEDGED
    steps: list[Step] = field(default_factory=list)
    settled: set[Side] = field(default_factory=set)
    met: dict[str, Instant] = field(default_factory=dict)
    asked_since: Instant = 0
    paused: int = 0
    over: Instant = 0
    until: Instant = 0
    longer: Instant = 0

    def take(self, message: Message) -> None:
        if message.verb is Verb.REQUEST:
            self.steps.append(Step(message, self.stage, message.id == self.handoff.id))
            return
        side = self.handoff.side_of(message.author)
        assert side is not None
        stages, leads = TABLE.get((message.verb, side), ((), None))
        counted = self.stage in stages and not (message.verb is Verb.SETTLE and side in self.settled)
        if counted:
            self._move(message, side, leads)
        self.steps.append(Step(message, self.stage, counted))

    def _move(self, message: Message, side: Side, leads: Stage | None) -> None:
        if message.verb is Verb.QUERY:
            self.back, self.asked_since = self.stage, message.at
        elif self.asked_since and self.stage is Stage.NEEDS_INFO:
            self.paused += max(0, message.at - self.asked_since)
            self.asked_since = 0
        if message.verb is Verb.SETTLE:
            self.settled.add(side)
            leads = Stage.CLOSED if len(self.settled) == len(Side) else Stage.DISPUTED
        self._meet(message)
        if self.handoff.kind == "preserve" and message.until:
            if side is Side.ASKED:
                self.until, self.longer = message.until, 0
            else:
                self.longer = message.until
        self.stage = self.back if leads is None else leads
        if self.stage in ENDED and not self.over:
            self.over = message.at

    def _meet(self, message: Message) -> None:
        """Whatever says more than is asked for meets the clocks before it, too."""
        meets: dict[Verb, tuple[str, ...]] = {
            Verb.ACKNOWLEDGE: ("acknowledge",),
            Verb.HEARD: ("acknowledge",),
            Verb.QUERY: ("acknowledge",),
            Verb.ACCEPT: ("acknowledge", "decide"),
            Verb.DECLINE: ("acknowledge", "decide", "report"),
            Verb.REPORT: ("acknowledge", "decide", "report"),
        }
        for name in meets.get(message.verb, ()):
            self.met.setdefault(name, message.at)

    def clocks(self) -> tuple[Clock, ...]:
        """Those the request set; what a query stopped moves their end, up to what was agreed."""
        due, most = self.handoff.due, self.handoff.due.pause_s * SECOND
        made = []
        for name, until, pausable in (
            ("acknowledge", due.acknowledge, False),
            ("decide", due.decide, True),
            ("report", due.report, True),
        ):
            if not until:
                continue
            paused = min(self.paused, most) if pausable else 0
            made.append(Clock(name, until + paused, self.met.get(name, 0), paused, self.over))
        return tuple(made)


def paused_until(course: Course, handoff: HandOff, now: Instant) -> Instant:
    """How far a query that is open now moves the clocks it stops: to `now` at most, and no further than agreed."""
    if course.stage is not Stage.NEEDS_INFO or not handoff.due.pause_s:
        return 0
    asked = next(step.message.at for step in reversed(course.steps) if step.counted and step.message.verb is Verb.QUERY)
    used = next((clock.paused for clock in course.clocks if clock.name == "decide"), 0)
    return min(max(0, now - asked), handoff.due.pause_s * SECOND - used)
