"""Who is competent for what: as parties say of themselves, and as a person here has learned from a decline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from kouprey.agreements.service import Agreements
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.time import Clock, Instant, wall_clock
from kouprey.people.service import People
from kouprey.response.model import Decline, Verb
from kouprey.response.model.directory import Claim, Decided, Proposal, Subject
from kouprey.response.rules.competence import claims_of, competent, read_subject, read_subjects, text_of
from kouprey.response.service.directory import LISTED, Directory
from kouprey.response.service.handoffs import HandOffs
from kouprey.response.store import directory as rows
from kouprey.response.store.handoffs import label_set_of

MOST_SUBJECTS = 100


class Answer(NamedTuple):
    """What was asked about, in its one form, and whom it leads to, the most specific first."""

    subject: Subject
    claims: Sequence[Claim]


class Competence:
    """Verbs about who is competent."""

    def __init__(
        self,
        store: Store,
        people: People,
        agreements: Agreements,
        directory: Directory,
        handoffs: HandOffs,
        clock: Clock = wall_clock,
    ) -> None:
        self._store = store
        self._people = people
        self._agreements = agreements
        self._directory = directory
        self._handoffs = handoffs
        self._clock = clock

    def ask(self, who: decision.Reader, text: str) -> Answer:
        """Who names it in its constituency; Damaged `bad-subject` where the text names nothing that one can be for."""
        subject = read_subject(text)
        if subject is None:
            raise Damaged(
                "That is no address, network, autonomous system or domain.",
                text.strip()[:100],
                "Write it as 203.0.113.7, 203.0.113.0/24, AS64500 or example.com.",
                code="bad-subject",
            )
        return Answer(subject, competent(subject, self._claims(who)))

    def ask_each(self, who: decision.Reader, texts: Iterable[str]) -> list[Answer]:
        """The same for those of many texts that name something, and lead to somebody."""
        claims = self._claims(who)
        subjects = read_subjects(texts)
        answers = [Answer(subject, competent(subject, claims)) for subject in subjects]
        return [each for each in answers if each.claims]

    def proposals(self, who: decision.Reader) -> list[Proposal]:
        """What partners have said when they declined, and nobody has decided on yet, the newest first."""
        eyes = self._eyes(who)
        with self._store.read() as reader:
            declined = rows.list_declined(reader, eyes, self._people.home_id, LISTED)
            decided = rows.decided_messages(reader)
        found = (self._proposal(who, *each) for each in declined if each[1] not in decided)
        return [each for each in found if each is not None]

    def list_decided(self, who: decision.Reader) -> list[Decided]:
        """What was made of proposals, as far as `who` sees the hand-offs, the newest first."""
        eyes = self._eyes(who)
        with self._store.read() as reader:
            return rows.list_decided(reader, eyes)

    def decide(self, who: decision.Reader, message: str, *, apply: bool, subjects: Sequence[str] = ()) -> Decided:
        """Apply a proposal for these values, or dismiss it. From then on they lead to the party that was named.

        Unknown where there is none that `who` may see; Damaged where a value names nothing, or there is none.
        """
        self._check_keeps(who)
        proposal = next((each for each in self.proposals(who) if each.message == message), None)
        if proposal is None:
            raise _unknown()
        read = [read_subject(each) for each in subjects if each.strip()] if apply else []
        if apply and (not read or None in read or len(read) > MOST_SUBJECTS):
            raise Damaged(
                "It is not clear for what that party is competent.",
                "Each value is an address, a network, an autonomous system or a domain.",
                "Write one on each line, as 203.0.113.0/24 or example.com.",
                code="bad-subject",
            )
        made = Decided(
            message=message,
            handoff=proposal.handoff,
            said_by=proposal.said_by,
            competent=proposal.competent,
            subjects=tuple(dict.fromkeys(text_of(each) for each in read if each is not None)),
            applied=apply,
            decided_by=who.name,
            decided_at=self._clock(),
        )

        def work(tx: Tx) -> None:
            if not rows.add_decided(tx, made, label_set_of(tx, made.handoff)):
                raise Refused("Somebody has decided on it.", remedy="Load the page again.", code="decided")
            self._note(tx, who, "directory.apply" if apply else "directory.dismiss", made)

        self._store.write(work)
        return made

    def end(self, who: decision.Reader, message: str) -> None:
        """Let what was applied lead nobody any more; that it did stays on record."""
        self._check_keeps(who)
        made = next((each for each in self.list_decided(who) if each.message == message and each.applied), None)
        if made is None:
            raise _unknown()

        def work(tx: Tx) -> None:
            if not rows.end_decided(tx, message, who.name, self._clock()):
                raise Refused("It leads nobody any more.", remedy="Load the page again.", code="decided")
            self._note(tx, who, "directory.unapply", made)

        self._store.write(work)

    def _claims(self, who: decision.Reader) -> list[Claim]:
        """Of whose profiles `who` may see, and of applied proposals."""
        named = [claim for each in self._directory.list_teams(who).values() for claim in claims_of(each.profile)]
        for each in self.list_decided(who):
            if each.applied and not each.ended_at:
                named += [Claim(each.competent, subject, learned=True) for subject in read_subjects(each.subjects)]
        return named

    def _proposal(self, who: decision.Reader, handoff: str, message: str) -> Proposal | None:
        try:
            held = self._handoffs.get(who, handoff)
        except Unknown:
            # The legal track, which not everybody sees.
            return None
        said = next((step.message for step in held.course.steps if step.message.id == message), None)
        if said is None or said.verb is not Verb.DECLINE or said.reason != Decline.NOT_COMPETENT or not said.other:
            return None
        return Proposal(
            message=message,
            handoff=handoff,
            title=held.asked.title,
            said_by=said.author,
            competent=said.other,
            subjects=tuple(map(text_of, read_subjects(held.asked.refs))),
            text=said.text,
            at=said.at,
        )

    def _eyes(self, who: decision.Reader) -> tuple[int, Instant]:
        if not who.local:
            raise Forbidden("This is for people of this node's own party.", code="not-local")
        return self._agreements.profile(msgspec.structs.replace(who, roles=())), self._clock()

    def _check_keeps(self, who: decision.Reader) -> None:
        if not self._directory.may_keep(who):
            raise Forbidden(
                "That is not yours to decide.",
                "It needs one of these roles: lead, liaison.",
                "Ask one of them.",
                code="role-missing",
            )

    def _note(self, tx: Tx, who: decision.Reader, action: str, made: Decided) -> None:
        detail: dict[str, object] = {"party": made.competent, "with": made.said_by}
        audit.append(tx, at=self._clock(), actor=who.name, action=action, subject=made.handoff, detail=detail)


def _unknown() -> Unknown:
    return Unknown(
        "There is no such proposal.", "It is decided, or you may not see it.", "Look at the list.", code="no-proposal"
    )
