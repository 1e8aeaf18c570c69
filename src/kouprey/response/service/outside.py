"""Hand-offs with somebody who has no node: the same messages, kept here alone, said by a link or written down by us."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from kouprey.agreements.model import HANDOFF_KINDS
from kouprey.kernel.seal.keys import random_bytes
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Refused, Unknown
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import SECOND
from kouprey.response import wire
from kouprey.response.model import LEGAL_KINDS, Course, Due, HandOff, Message, Side, Verb, Wanted
from kouprey.response.model.contacts import Contact, Via
from kouprey.response.rules.folding import verbs_for
from kouprey.response.rules.outside import heads_of
from kouprey.response.service.speaking import Speaking, folded
from kouprey.response.store import handoffs as rows

NEEDS_WORDS = frozenset({Verb.DECLINE, Verb.QUERY, Verb.REPORT, Verb.PROGRESS})


class Words(NamedTuple):
    """What somebody says: the verb and its fields. `seen`: heads of the course as they knew it, "" for whatever is."""

    verb: Verb
    text: str = ""
    reason: str = ""
    other: str = ""
    number: str = ""
    seen: str = ""


class Outside(Speaking):
    """Verbs for the other side's part, where it is said to us and not to a node of theirs."""

    def request_outside(self, who: decision.Reader, contact: Contact, wanted: Wanted) -> HandOff:
        """Ask a contact; deadlines follow from what was agreed with them. It stays here: send a link, or call."""
        self._check_outside(who, contact, wanted)
        now, home = self._clock(), self._people.home_id
        due = Due(
            acknowledge=now + contact.acknowledge_s * SECOND if contact.acknowledge_s else 0,
            decide=now + contact.decide_s * SECOND if contact.decide_s else 0,
            report=now + wanted.report_within_s * SECOND if wanted.report_within_s else 0,
        )
        asked = HandOff(
            id="",
            agreement="",
            asking=home,
            asked=contact.id,
            kind=wanted.kind,
            urgency=wanted.urgency,
            title=wanted.title.strip(),
            text=wanted.text.strip(),
            tlp=wanted.tlp,
            at=now,
            due=due,
            refs=tuple(each.strip() for each in wanted.refs if each.strip()),
            basis=wanted.basis.strip(),
            instead_of=wanted.instead_of,
            exercise=who.exercise,
        )
        role, person = self._voice(who, Verb.REQUEST, asked.kind)
        said = Message(
            id="",
            handoff="",
            verb=Verb.REQUEST,
            author=home,
            at=now,
            seen=(),
            text=asked.text,
            role=role,
            person=person,
            number=wanted.number.strip(),
        )
        raw = wire.write_request(asked, said, random_bytes(16).hex())
        label = self._label(asked, home)
        _, read = wire.read_message(raw, label)
        assert read is not None
        self._store.write(lambda tx: self._ask(tx, read, raw, label, who))
        return read

    def say_outside(self, who: decision.Reader, asked: HandOff, contact: Contact, words: Words, via: Via) -> bool:
        """Keep what a contact said, in the name of the side that is asked; False when it was kept before.

        What somebody says twice, by pressing twice, is kept once; what no longer fits the state is Refused. It is
        `who` that wrote it down, or that acts for the link.
        """
        self._check_said(words)
        author = self._people.home_id if asked.asked == self._people.home_id else contact.id
        label = self._label(asked, author)
        self._check_gate(asked, label, asked.asking, who)
        return self._store.write(lambda tx: self._say(tx, who, asked.id, contact, words, via, label))

    def _say(
        self,
        tx: Tx,
        who: decision.Reader,
        handoff: str,
        contact: Contact,
        words: Words,
        via: Via,
        label: Label,
    ) -> bool:
        line = rows.find(tx, handoff)
        if line is None:
            raise Unknown("No such hand-off is known here.", code="unknown-handoff")
        # Folded anew inside the transaction: of two presses at once the second one finds what the first has said.
        asked, course = folded(line, rows.list_messages(tx, handoff))
        if words.seen and words.seen != heads_of(course):
            if _is_said(course, label.owner, words):
                return False
            raise _moved_on(course)
        if words.verb not in verbs_for(course, Side.ASKED):
            if _is_said(course, label.owner, words):
                return False
            raise _moved_on(course)
        message, raw = self._spoken(
            who,
            asked,
            course,
            words.verb,
            text=words.text.strip(),
            reason=words.reason,
            other=words.other,
            number=words.number,
            via=str(via),
            speaker=(label.owner, contact.name[:200]),
        )
        self._send(tx, asked, message, raw, label, who)
        return True

    def _check_outside(self, who: decision.Reader, contact: Contact, wanted: Wanted) -> None:
        self._check_local(who)
        if wanted.kind not in HANDOFF_KINDS:
            raise Damaged("It is not clear what is asked for.", remedy="Choose a kind.", code="bad-kind")
        if not self._may(who, Verb.REQUEST, wanted.kind):
            raise self._not_yours(Verb.REQUEST, wanted.kind)
        if contact.archived_at:
            raise Refused("This contact is no longer in use.", remedy="Take them back first.", code="archived")
        if contact.party == self._people.home_id:
            raise Refused(
                "This contact is of our own party.",
                remedy="Make a link for them on what a partner asks of us.",
                code="own-contact",
            )
        if wanted.tlp > contact.ceiling or wanted.tlp > who.clearance:
            raise Refused(
                f"{wanted.tlp.text} is above what may be asked of this contact.",
                f"With them it goes up to {contact.ceiling.text}.",
                "Ask in words that a lower marking bears, or amend what was agreed.",
                code="above-ceiling",
            )
        if not wanted.title.strip() or not wanted.text.strip():
            raise Damaged(
                "A title and a text are needed.", remedy="Say in a sentence what is asked, then all.", code="no-text"
            )
        if wanted.kind in LEGAL_KINDS and not wanted.basis.strip():
            raise Damaged(
                "The legal basis is missing.",
                "Nothing is preserved or disclosed without one.",
                "Name the instrument, the article and the reference of the central authority.",
                code="no-basis",
            )

    @staticmethod
    def _check_said(words: Words) -> None:
        if words.verb in NEEDS_WORDS and not words.text.strip():
            raise Damaged("The words are missing.", remedy="Say it in a sentence or more.", code="no-text")
        if words.verb is Verb.DECLINE and not words.reason:
            raise Damaged("The reason is missing.", remedy="Choose why.", code="no-reason")


def _is_said(course: Course, author: str, words: Words) -> bool:
    last = next((step.message for step in reversed(course.steps) if step.message.author == author), None)
    return (
        last is not None
        and (last.verb, last.text, last.reason) == (words.verb, words.text.strip(), words.reason)
        and last.id in course.heads
    )


def _moved_on(course: Course) -> Refused:
    return Refused(
        "Meanwhile something else was said.",
        f"The hand-off is {course.stage}.",
        "Look at it again, and say what is next.",
        code="not-now",
    )


def told_by(given: Mapping[str, str]) -> Words:
    """Words from the fields of a form; Damaged for a verb there is none of."""
    try:
        verb = Verb(given.get("verb", ""))
    except ValueError:
        raise Damaged("It is not clear what is meant.", remedy="Choose what to say.", code="bad-verb") from None
    return Words(
        verb=verb,
        text=given.get("text", ""),
        reason=given.get("reason", "") if verb is Verb.DECLINE else "",
        other=given.get("other", "") if verb is Verb.DECLINE else "",
        number=given.get("number", ""),
        seen=given.get("seen", ""),
    )
