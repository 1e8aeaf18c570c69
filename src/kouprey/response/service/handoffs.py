"""Hand-offs: asking a partner to act, answering, and keeping the record that both sides can prove."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import NamedTuple

import msgspec

from kouprey.agreements.model import ApprovalRule
from kouprey.federation.service import Delivery, EntryKey
from kouprey.kernel.storage import audit, outbox
from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, KoupreyError, Refused, Unknown
from kouprey.kernel.words.time import SECOND
from kouprey.kernel.words.tlp import parse_tlp
from kouprey.response import wire
from kouprey.response.facts import ClockNeared, HandOffCame
from kouprey.response.model import Course, HandOff, Message, Side, Verb, Wanted
from kouprey.response.model.preserving import Answer
from kouprey.response.model.sealed import SealedItem
from kouprey.response.rules.deadlines import warning_at
from kouprey.response.rules.disclosing import check_sealed
from kouprey.response.rules.folding import paused_until, verbs_for
from kouprey.response.rules.preserving import answer_words, check_answer, longer_words
from kouprey.response.rules.releasing import Two, two_words
from kouprey.response.service.outside import Outside
from kouprey.response.service.speaking import folded
from kouprey.response.store import handoffs as rows
from kouprey.response.store.handoffs import Line
from kouprey.response.wire.sealed import check_items

MOST_MESSAGES = 1_000
"""Messages of one hand-off; a partner who says more is heard no further."""
LISTED = 200


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One hand-off as a reader of ours sees it.

    `came` says when each message came here, `sent` under which number ours were given; `may` what this reader may say
    next; `stopped` for how many microseconds the clocks have stood still for a question that is open.
    """

    asked: HandOff
    course: Course
    came: dict[str, int]
    sent: dict[str, int]
    by: dict[str, str]
    side: Side
    may: tuple[Verb, ...]
    stopped: int
    warned: dict[str, int]


class Said(NamedTuple):
    """What somebody of ours says next, before anything is checked."""

    verb: Verb
    text: str = ""
    reason: str = ""
    other: str = ""
    number: str = ""
    via: str = ""
    items: tuple[SealedItem, ...] = ()
    answer: Answer = Answer()


class Ready(NamedTuple):
    """A message that may go, and what keeps and queues it in a step."""

    message: Message
    send: Callable[[Tx], None]


class HandOffs(Outside):
    """Verbs about hand-offs. Each message is an entry on the priority lane of two parties under an agreement."""

    def request(
        self, who: decision.Reader, wanted: Wanted, also: Callable[[Tx, HandOff], None] | None = None
    ) -> HandOff:
        """Ask a partner; the deadlines follow from clause 15 and are signed with the request. It goes out at once.

        `also` is kept in the same step, or nothing is.
        """
        made, raw, label = self._prepared(who, wanted)

        def work(tx: Tx) -> None:
            self._ask(tx, made, raw, label, who)
            if also is not None:
                also(tx, made)

        self._store.write(work)
        return made

    def say(
        self,
        who: decision.Reader,
        handoff: str,
        verb: Verb,
        *,
        text: str = "",
        reason: str = "",
        other: str = "",
        number: str = "",
        via: str = "",
        items: tuple[SealedItem, ...] = (),
        answer: Answer = Answer(),
    ) -> Told:
        """Go on with a hand-off: acknowledge, accept, decline, ask back, report, ... whatever is next for our side.

        Refused (`two-persons`) where it needs the word of a second person: `Releasing` takes those.
        """
        held = self.get(who, handoff)
        words = Said(verb, text, reason, other, number, via, items, answer)
        self.check_said(who, held, words)
        self._store.write(self.ready(held, words, who).send)
        return self.get(who, handoff)

    def check_said(self, who: decision.Reader, held: Told, words: Said, *, alone: bool = True) -> None:
        """Whether this can be said next; with `alone` also whether `who` may say it, and without a second person."""
        self._check_words(words, held)
        self._check_next(who, held, words.verb, alone=alone)
        check_items(words.items)
        check_sealed(held.asked, held.side, words.verb, words.items)
        check_answer(held.asked, held.side, words.verb, words.text, words.items, words.answer, self._clock())
        if alone and self.two_for(held, words) is not None:
            raise Refused(
                "One person alone does not release this.",
                "It needs the word of two, each in their own name; nothing has left.",
                "Give your word to it, and let a colleague give the second one.",
                code="two-persons",
            )

    def two_for(self, held: Told, words: Said) -> Two | None:
        """The two who have to give their word to it, None where one person is enough."""
        asked = held.asked
        rules: list[ApprovalRule] = []
        if asked.agreement:
            standing = self._agreements.get_standing(asked.agreement)
            rules = self._rules_for(standing, self._label(asked, self._people.home_id))
        return two_words(asked.kind, held.side, words.verb, bool(words.items), self._four_eyes(), rules)

    def ready(
        self, held: Told, words: Said, who: decision.Reader, second: decision.Reader | None = None, **more: str
    ) -> Ready:
        """The message, and what queues it within the caller's step; Refused where clause 13 or another bars it.

        `second` has released it beside `who`; `more` are further fields of the message.
        """
        asked, speakers = held.asked, (who,) if second is None else (who, second)
        message, raw = self._spoken(
            who,
            asked,
            held.course,
            words.verb,
            text=words.text.strip() or _spoken_of(words),
            reason=words.reason,
            other=words.other,
            number=words.number,
            via=words.via,
            more={"items": words.items, "until": words.answer.until, "route": words.answer.route, **more},
        )
        label = self._label(asked, who.party)
        self._check_gate(asked, label, asked.asked if held.side is Side.ASKING else asked.asking, *speakers)

        return Ready(message, lambda tx: self._send(tx, asked, message, raw, label, who))

    def reroute(self, who: decision.Reader, handoff: str, to: str, *, text: str, tlp: str = "") -> HandOff:
        """Ask somebody else instead: the first is told, its clocks stop, and those of the new request begin."""
        held = self.get(who, handoff)
        old = held.asked
        if to == old.asked:
            raise Refused("That party has been asked already.", remedy="Choose another one.", code="same-party")
        self._check_next(who, held, Verb.REROUTE)
        agreement = self._agreement_with(old, to)
        wanted = Wanted(
            agreement=agreement,
            to=to,
            kind=old.kind,
            title=old.title,
            text=old.text,
            tlp=parse_tlp(tlp) if tlp else old.tlp,
            urgency=old.urgency,
            refs=old.refs,
            report_within_s=max(0, old.due.report - old.at) // SECOND if old.due.report else 0,
            basis=old.basis,
            instead_of=old.id,
            readers=old.readers,
            preserve=old.preserve,
            ground=old.ground,
        )
        made, raw, label = self._prepared(who, wanted)
        message, said = self._spoken(who, old, held.course, Verb.REROUTE, text=text.strip())
        left = self._label(old, who.party)
        self._check_gate(old, left, old.asked, who)

        def work(tx: Tx) -> None:
            self._send(tx, old, message, said, left, who)
            self._ask(tx, made, raw, label, who)

        self._store.write(work)
        return made

    def get(self, who: decision.Reader, handoff: str) -> Told:
        """By its id or what it begins with; Unknown when there is none that `who` may see."""
        eyes = self._eyes(who)
        with self._store.read() as reader:
            line = self._find(reader, who, eyes, handoff)
            kept = rows.list_messages(reader, line.id)
            seen = rows.list_visible_messages(reader, eyes, line.id)
            warned = rows.list_warnings(reader, [line.id])[line.id]
        asked, course = folded(line, [each for each in kept if each.id in seen])
        side = asked.side_of(self._people.home_id)
        assert side is not None
        return Told(
            asked=asked,
            course=course,
            came={each.id: each.came_at for each in kept},
            sent={each.id: each.publication for each in kept if each.publication},
            by={each.id: each.said_by for each in kept if each.said_by},
            side=side,
            may=tuple(verb for verb in verbs_for(course, side) if self._may(who, verb, asked.kind)),
            stopped=paused_until(course, asked, self._clock()),
            warned=warned,
        )

    def list_asked(self, who: decision.Reader, *, ended: bool = False, limit: int = LISTED) -> list[Line]:
        """What partners ask of us, what is due first."""
        return self._list(who, asked=self._people.home_id, ended=ended, limit=limit)

    def list_asking(self, who: decision.Reader, *, ended: bool = False, limit: int = LISTED) -> list[Line]:
        """What we asked of partners, what is due first."""
        return self._list(who, asking=self._people.home_id, ended=ended, limit=limit)

    def apply(self, tx: Tx, deliveries: Sequence[Delivery]) -> list[KoupreyError | None]:
        """Keep what partners say; for each None, or why it is not applied. Never raises for content."""
        answers: list[KoupreyError | None] = []
        for delivery in deliveries:
            try:
                self._take(tx, delivery)
            except KoupreyError as error:
                answers.append(error)
            else:
                answers.append(None)
        return answers

    def erase_received(self, origin: str, author: str, indices: Sequence[int]) -> set[int]:
        """Take the words out of what came in these entries: that it was said stays, for the other side's course."""

        def work(tx: Tx) -> None:
            for each in rows.list_in_entries(tx, origin, indices):
                if each.author == author and not each.erased:
                    rows.erase(tx, each.id, wire.without_words(each.body))
                    rows.set_title(tx, each.id, wire.ERASED)

        self._store.write(work)
        return set()

    def name_entries(self, who: decision.Reader, keys: Collection[EntryKey]) -> dict[EntryKey, tuple[str, str, str]]:
        """Entry of a lane -> the hand-off it belongs to, its title, and who of ours said it, as far as seen."""
        if not who.local:
            return {}
        eyes = self._eyes(who)
        numbers = [key for key in keys if isinstance(key, int)]
        entries = [key for key in keys if not isinstance(key, int)]
        with self._store.read() as reader:
            found = rows.list_named(reader, eyes, lawful=self._lawful(who), publications=numbers, entries=entries)
        return {(number or entry): (handoff, title, by) for number, entry, handoff, title, by in found}

    def warn(self) -> int:
        """Tell of clocks that have reached half, four fifths or all of their time, once each; how many were told."""
        with self._store.read() as reader:
            running = rows.list_running(reader)
        told = 0
        for handoff in running:
            told += self._store.write(partial(self._warn, handoff=handoff))
        return told

    def _warn(self, tx: Tx, *, handoff: str) -> int:
        line, now = rows.find(tx, handoff), self._clock()
        if line is None:
            return 0
        asked, course = folded(line, rows.list_messages(tx, handoff))
        stopped, told = paused_until(course, asked, now), 0
        for clock in course.clocks:
            still = stopped if clock.name != "acknowledge" else 0
            percent = warning_at(clock, asked.at, now, still)
            if percent and rows.add_warning(tx, handoff, clock.name, percent, now):
                detail = {"clock": clock.name, "percent": percent, "agreement": asked.agreement}
                audit.append(tx, at=now, actor="node", action="handoff.warn", subject=handoff, detail=dict(detail))
                nears = ClockNeared(handoff=handoff, kind=asked.kind, clock=str(clock.name), percent=percent)
                outbox.record(tx, nears)
                told += 1
        return told

    def _take(self, tx: Tx, delivery: Delivery) -> None:
        label = msgspec.structs.replace(delivery.label, agreement=delivery.agreement)
        message, asked = wire.read_message(delivery.content, label)
        home = self._people.home_id
        if asked is not None and home not in asked.parties:
            raise Refused("It asks somebody else.", "It is kept in quarantine.", code="not-asked")
        line = rows.find(tx, message.handoff)
        if line is not None:
            if line.agreement != delivery.agreement or delivery.author not in (line.asking, line.asked):
                raise Refused("It speaks of a hand-off between others.", code="not-a-party")
            if label.tlp != line.tlp or label.exercise != line.exercise:
                raise Refused("It is marked otherwise than the request.", code="bad-level")
        if rows.count_messages(tx, message.handoff) >= MOST_MESSAGES:
            raise Refused("So much was said of this that no more is kept.", code="too-many-messages")
        entry = (delivery.origin, delivery.index)
        if self._keep(tx, message, delivery.agreement, delivery.content, self._set_of(tx, label), entry=entry):
            request = asked or self._request_of(tx, message)
            self._bring_forward(tx, request, message)
            kind = request.kind if request is not None else ""
            outbox.record(tx, HandOffCame(handoff=message.handoff, kind=kind, verb=str(message.verb)))
            audit.append(
                tx,
                at=self._clock(),
                actor=delivery.author,
                action=f"handoff.{message.verb}",
                subject=message.handoff,
                detail={"agreement": delivery.agreement},
            )

    def _find(self, reader: Reader, who: decision.Reader, eyes: tuple[int, int], handoff: str) -> Line:
        if len(handoff) == 64 and handoff.isascii() and handoff.isalnum():
            found = rows.list_seen(reader, eyes, lawful=self._lawful(who), id=handoff, limit=1)
            if found:
                return found[0]
        raise Unknown(
            "No such hand-off is known here.",
            "There is none by that id, or you may not see it.",
            "Look at the list.",
            code="unknown-handoff",
        )

    def _list(self, who: decision.Reader, *, asking: str = "", asked: str = "", ended: bool, limit: int) -> list[Line]:
        self._check_local(who)
        eyes = self._eyes(who)
        with self._store.read() as reader:
            return rows.list_seen(
                reader, eyes, lawful=self._lawful(who), asking=asking, asked=asked, ended=ended, limit=limit
            )

    def _eyes(self, who: decision.Reader) -> tuple[int, int]:
        self._check_local(who)
        # What is seen by label follows from the clearance alone, so profiles do not multiply by roles.
        return self._agreements.profile(msgspec.structs.replace(who, roles=())), self._clock()

    def _check_words(self, words: Said, held: Told) -> None:
        verb = words.verb
        wanting = {Verb.DECLINE, Verb.QUERY, Verb.ANSWER, Verb.REPORT, Verb.CONTEST, Verb.WITHDRAW, Verb.HEARD}
        dated = held.asked.kind == "preserve" and (verb is Verb.REPORT or words.answer.until)
        if verb in wanting and not words.text.strip() and not dated:
            raise Damaged("The words are missing.", remedy="Say it in a sentence or more.", code="no-text")
        if verb is Verb.DECLINE and not words.reason:
            raise Damaged("The reason is missing.", remedy="Choose why.", code="no-reason")
        if verb is Verb.DECLINE and words.reason == "not-competent" and not words.other:
            raise Damaged(
                "It is not said who is competent.", remedy="Name the party, so that it can be asked.", code="no-other"
            )

    def _check_next(self, who: decision.Reader, held: Told, verb: Verb, *, alone: bool = True) -> None:
        if verb not in verbs_for(held.course, held.side):
            raise Refused(
                f"This cannot be said now: {verb}.",
                f"The hand-off is {held.course.stage}.",
                "Reload it and see what is next.",
                code="not-now",
            )
        if alone:
            self.check_may(who, verb, held.asked.kind)

    def check_may(self, who: decision.Reader, verb: Verb, kind: str) -> None:
        """Forbidden (`role-missing`) for whoever has no role that says this."""
        if not self._may(who, verb, kind):
            raise self._not_yours(verb, kind)


def _spoken_of(words: Said) -> str:
    """The sentence for nodes that know no date, where an answer is nothing but one."""
    if not words.answer.until:
        return ""
    return longer_words(words.answer.until) if words.verb is Verb.CONTEST else answer_words(words.answer.until)


__all__ = ["HandOffs", "Line", "Said", "Told"]
