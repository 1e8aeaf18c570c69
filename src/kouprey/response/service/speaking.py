"""How this node speaks in a hand-off: what a message holds, whether it may go, and what is kept of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import msgspec

from kouprey.agreements.model import HANDOFF_KINDS, ApprovalRule, HandOffTerm, Standing
from kouprey.agreements.model.citing import rests_on
from kouprey.agreements.service import Agreements
from kouprey.federation.model import EntryBody, LaneClass
from kouprey.federation.service import Lanes
from kouprey.kernel.seal.keys import random_bytes
from kouprey.kernel.seal.voice import words_of
from kouprey.kernel.storage import audit, labels
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import SECOND, Clock, Instant, wall_clock
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.people.service import People
from kouprey.response import wire
from kouprey.response.model import Course, HandOff, Message, Verb, Wanted
from kouprey.response.rules.deadlines import due_under
from kouprey.response.rules.disclosing import check_basis
from kouprey.response.rules.folding import fold
from kouprey.response.rules.preserving import check_request, request_words
from kouprey.response.rules.rights import roles_for, sees
from kouprey.response.store import handoffs as rows
from kouprey.response.store.handoffs import Line

_log = logging.getLogger(__name__)


class Speaking:
    """What every verb about hand-offs works with."""

    def __init__(
        self,
        store: Store,
        people: People,
        agreements: Agreements,
        lanes: Lanes,
        clock: Clock = wall_clock,
        *,
        four_eyes: Callable[[], Collection[str]] = lambda: (),
    ) -> None:
        self._store = store
        self._people = people
        self._agreements = agreements
        self._lanes = lanes
        self._clock = clock
        self._four_eyes = four_eyes
        self.preserved: Callable[[Tx, HandOff, Course], None] = lambda tx, asked, course: None

    def now(self) -> Instant:
        """By this node's clock, which alone says here what is overdue."""
        return self._clock()

    def operator(self) -> decision.Reader:
        """Whoever has the node's command line: our own party, cleared for everything."""
        return decision.Reader(party=self._people.home_id, clearance=TLP.RED, local=True, name="operator")

    @staticmethod
    def speaker(reader: decision.Reader, roles: Sequence[str]) -> decision.Reader:
        """Somebody with the roles they have: here roles decide what one may say, and elsewhere not what one sees."""
        return msgspec.structs.replace(reader, roles=tuple(roles))

    def code_of(self, handoff: str) -> str:
        """Six words that two people compare over a telephone: the request they speak of is the same one."""
        return " ".join(words_of(bytes.fromhex(handoff), 6))

    def may_ask(self, who: decision.Reader) -> bool:
        """Whether there is something that `who` may ask of somebody."""
        return who.local and any(self._may(who, Verb.REQUEST, term.kind) for _, term in self.terms())

    def terms(self) -> list[tuple[Standing, HandOffTerm]]:
        """What may be asked of somebody now: each agreement that runs, with each kind its clause 15 allows."""
        now = self._clock()
        return [
            (standing, term)
            for standing in self._agreements.standings().values()
            if standing.signed and standing.home in standing.parties and standing.home not in standing.left
            if standing.starts <= now < standing.ends and "hand-off" in standing.terms.types
            for term in standing.terms.handoffs
        ]

    def _prepared(self, who: decision.Reader, wanted: Wanted) -> tuple[HandOff, bytes, Label]:
        """A request as it goes out, with its bytes and label; Refused where the agreement bars it."""
        term = self._check_wanted(who, wanted)
        now, home = self._clock(), self._people.home_id
        due = due_under(term, now)
        if wanted.report_within_s:
            due = msgspec.structs.replace(due, report=now + wanted.report_within_s * SECOND)
        asked = HandOff(
            id="",
            agreement=wanted.agreement,
            asking=home,
            asked=wanted.to,
            kind=wanted.kind,
            urgency=wanted.urgency,
            title=wanted.title.strip(),
            text=wanted.text.strip() or (request_words(wanted.preserve) if wanted.preserve is not None else ""),
            tlp=wanted.tlp,
            at=now,
            due=due,
            refs=tuple(each.strip() for each in wanted.refs if each.strip()),
            basis=wanted.basis.strip(),
            instead_of=wanted.instead_of,
            exercise=who.exercise,
            readers=wanted.readers,
            preserve=wanted.preserve,
            ground=wanted.ground.strip(),
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
        # What goes out is what a partner can read: our own form is checked by the reader's eyes.
        _, read = wire.read_message(raw, msgspec.structs.replace(label, agreement=asked.agreement))
        assert read is not None
        self._check_gate(read, label, asked.asked, who)
        return read, raw, label

    def _check_wanted(self, who: decision.Reader, wanted: Wanted) -> HandOffTerm:
        """The term of clause 15 it falls under."""
        self._check_local(who)
        if wanted.kind not in HANDOFF_KINDS:
            raise Damaged("It is not clear what is asked for.", remedy="Choose a kind.", code="bad-kind")
        if not self._may(who, Verb.REQUEST, wanted.kind):
            raise self._not_yours(Verb.REQUEST, wanted.kind)
        standing = self._agreements.get_standing(wanted.agreement)
        term = next((each for each in standing.terms.handoffs if each.kind == wanted.kind), None)
        if term is None:
            raise _clause(
                standing,
                "15",
                f"Hand-offs of the kind “{wanted.kind}” are not agreed.",
                "Amend the agreement (clause 15).",
            )
        if wanted.to == standing.home or wanted.to not in standing.parties:
            raise Refused("That party is none of this agreement.", remedy="Choose one of its parties.", code="no-party")
        check_request(wanted.kind, wanted.preserve)
        if not wanted.title.strip() or not (wanted.text.strip() or wanted.preserve):
            raise Damaged(
                "A title and a text are needed.", remedy="Say in a sentence what is asked, then all.", code="no-text"
            )
        check_basis(wanted)
        if wanted.readers and wanted.kind != "disclose":
            raise Damaged(
                "Readers are named for what is disclosed, and for nothing else.",
                remedy="Leave them out, or ask to disclose.",
                code="bad-reader",
            )
        return term

    def _spoken(
        self,
        who: decision.Reader,
        asked: HandOff,
        course: Course,
        verb: Verb,
        *,
        text: str = "",
        reason: str = "",
        other: str = "",
        number: str = "",
        via: str = "",
        speaker: tuple[str, str] | None = None,
        more: Mapping[str, Any] = {},
    ) -> tuple[Message, bytes]:
        """`speaker`: in whose name, and who says it, where that is not `who` and our party; `more`: further fields."""
        role, person = self._voice(who, verb, asked.kind) if speaker is None else ("", speaker[1])
        author = who.party if speaker is None else speaker[0]
        said = Message(
            id="",
            handoff=asked.id,
            verb=verb,
            author=author,
            at=self._clock(),
            seen=course.heads,
            text=text,
            role=role,
            person=person,
            via=via,
            number=number.strip(),
            reason=reason,
            other=other,
        )
        said = msgspec.structs.replace(said, **more)
        raw = wire.write_message(said, random_bytes(16).hex())
        message, _ = wire.read_message(raw, Label(owner=author, agreement=asked.agreement, tlp=asked.tlp))
        return message, raw

    def _ask(self, tx: Tx, asked: HandOff, raw: bytes, label: Label, who: decision.Reader) -> None:
        message, _ = wire.read_message(raw, msgspec.structs.replace(label, agreement=asked.agreement))
        self._send(tx, asked, message, raw, label, who)

    def _send(self, tx: Tx, asked: HandOff, message: Message, raw: bytes, label: Label, who: decision.Reader) -> None:
        """Queue a message of ours, keep it, and bring the course forward, in one step."""
        body = EntryBody(media_type=wire.MEDIA_TYPE, label=label, content=raw)
        other = asked.asked if message.author == asked.asking else asked.asking
        number = 0
        if asked.agreement:
            # Without one the other side has no node: what is said stays here.
            number = self._lanes.queue(tx, asked.agreement, [body], lane_class=LaneClass.PRIORITY, parties=(other,))[0]
        self._keep(tx, message, asked.agreement, raw, self._set_of(tx, label), publication=number, by=who.name)
        self._bring_forward(tx, asked, message)
        detail: dict[str, object] = {"agreement": asked.agreement, "kind": asked.kind, "with": other}
        at = self._clock()
        audit.append(tx, at=at, actor=who.name, action=f"handoff.{message.verb}", subject=asked.id, detail=detail)

    def _keep(
        self,
        tx: Tx,
        message: Message,
        agreement: str,
        raw: bytes,
        label_set: int,
        *,
        publication: int = 0,
        by: str = "",
        entry: rows.Entry = ("", 0),
    ) -> bool:
        return rows.add_message(
            tx,
            rows.Kept(
                id=message.id,
                handoff=message.handoff,
                agreement=agreement,
                author=message.author,
                verb=str(message.verb),
                position=tx.positions(1),
                came_at=self._clock(),
                publication=publication,
                said_by=by,
                origin=entry[0],
                entry_index=entry[1],
                erased=False,
                label_set=label_set,
                body=raw,
            ),
        )

    def _request_of(self, tx: Tx, message: Message) -> HandOff | None:
        """The request a message belongs to, None while it has not come."""
        line = rows.find(tx, message.handoff)
        return None if line is None else folded(line, rows.list_messages(tx, line.id))[0]

    def _bring_forward(self, tx: Tx, asked: HandOff | None, message: Message) -> None:
        if asked is None:
            return
        kept = rows.list_messages(tx, asked.id)
        course = fold(asked, (read_kept(asked, each) for each in kept))
        label_set = next(each.label_set for each in kept if each.id == asked.id)
        rows.save(tx, asked, course, self._clock(), label_set)
        if asked.kind == "preserve":
            self.preserved(tx, asked, course)
        if message.id not in {step.message.id for step in course.steps}:
            _log.info("A message of hand-off %s waits for those it follows.", asked.id[:16])

    def _check_local(self, who: decision.Reader) -> None:
        if not who.local:
            raise Forbidden("This is for people of this node's own party.", code="not-local")

    def _lawful(self, who: decision.Reader) -> bool:
        return who.name == "operator" or sees(who.roles, "disclose")

    def _may(self, who: decision.Reader, verb: Verb, kind: str) -> bool:
        return who.name == "operator" or not roles_for(verb, kind).isdisjoint(who.roles)

    def _voice(self, who: decision.Reader, verb: Verb, kind: str) -> tuple[str, str]:
        """In which role somebody speaks, and their name as colleagues know it."""
        role = next((str(role) for role in sorted(roles_for(verb, kind)) if role in who.roles), "")
        return role, self.name_of(who)

    def name_of(self, who: decision.Reader) -> str:
        """How colleagues know somebody, "" for programs and the command line."""
        return next((each.name for each in self._people.list_persons() if each.id == who.name), "")

    def _not_yours(self, verb: Verb, kind: str) -> Forbidden:
        roles = ", ".join(sorted(roles_for(verb, kind)))
        return Forbidden(
            "That is not yours to say.",
            f"It needs one of these roles: {roles}.",
            "Ask one of them.",
            code="role-missing",
        )

    def _label(self, asked: HandOff, author: str) -> Label:
        """Between two parties alone, at the level of the request."""
        if not asked.agreement:
            return Label(owner=author, tlp=asked.tlp, kind="hand-off", exercise=asked.exercise)
        standing = self._agreements.get_standing(asked.agreement)
        sealed = tuple(sorted(asked.parties)) if len(standing.parties) > 2 else ()
        return Label(owner=author, tlp=asked.tlp, kind="hand-off", sealed_to=sealed, exercise=asked.exercise)

    def sealed_to(self, asked: HandOff) -> tuple[str, ...]:
        """The parties that what is said of it is sealed to, () where the agreement has no others."""
        return self._label(asked, asked.asking).sealed_to

    def _check_gate(self, asked: HandOff, label: Label, party: str, *speakers: decision.Reader) -> None:
        """Refused with the clause where the agreement lets no such thing go to that party at this level.

        What clause 13 wants released is released by those who say it, where as many as it wants have its role.
        """
        if not asked.agreement:
            return
        standing = self._agreements.get_standing(asked.agreement)
        if party in standing.left or standing.home in standing.left:
            raise _clause(standing, "18", f"{party} and we are no longer both parties of it.", "Sign a new agreement.")
        reader = self._agreements.party_reader(party, exercise=label.exercise)
        made = self._agreements.decide(
            [label],
            reader,
            under=standing.agreement,
            once_resumed=True,
            released=self._releases(standing, label, speakers),
        )
        if not made.allowed:
            first = made.because[0]
            raise _clause(standing, first.clause, first.text, first.change[0] if first.change else "", code=first.code)

    def _rules_for(self, standing: Standing, label: Label) -> list[ApprovalRule]:
        """What clause 13 asks for before something so labelled goes."""
        return [
            rule
            for rule in standing.terms.approvals
            if label.tlp >= parse_tlp(rule.tlp) and (not rule.kinds or label.kind in rule.kinds)
        ]

    def _releases(self, standing: Standing, label: Label, speakers: Sequence[decision.Reader]) -> bool:
        return all(
            len({each.name for each in speakers if rule.role in each.roles or each.name == "operator"}) >= rule.persons
            for rule in self._rules_for(standing, label)
        )

    def _agreement_with(self, old: HandOff, to: str) -> str:
        """The old agreement where that party is in it, else one that allows the kind."""
        for standing, term in self.terms():
            if term.kind == old.kind and to in standing.parties and standing.agreement == old.agreement:
                return standing.agreement
        for standing, term in self.terms():
            if term.kind == old.kind and to in standing.parties:
                return standing.agreement
        raise Refused(
            "No agreement allows to ask that party for it.",
            f"None with {to} has hand-offs of this kind (clause 15).",
            "Choose another party, or amend an agreement.",
            code="no-agreement",
        )

    def _set_of(self, tx: Tx, label: Label) -> int:
        return self._agreements.label_set(tx, [labels.intern_label(tx, label)])


def read_kept(asked: HandOff, kept: rows.Kept) -> Message:
    """A message as it is kept; of one whose words were erased, what is left under its own id."""
    label = Label(owner=kept.author, agreement=kept.agreement, tlp=asked.tlp, exercise=asked.exercise)
    return msgspec.structs.replace(wire.read_message(kept.body, label)[0], id=kept.id, handoff=kept.handoff)


def folded(line: Line, kept: Sequence[rows.Kept]) -> tuple[HandOff, Course]:
    """The request as it was asked, and what became of it."""
    first = next((each for each in kept if each.id == line.id), None)
    if first is None:
        raise Unknown("The request of this hand-off may not be seen.", code="unknown-handoff")
    label = Label(owner=line.asking, agreement=line.agreement, tlp=line.tlp, exercise=line.exercise)
    _, read = wire.read_message(first.body, label)
    assert read is not None
    asked = msgspec.structs.replace(read, id=line.id)
    return asked, fold(asked, (read_kept(asked, each) for each in kept))


def _clause(standing: Standing, clause: str, why: str, remedy: str, *, code: str = "not-agreed") -> Refused:
    return Refused(
        f"“{standing.title}” does not allow this (clause {clause}).",
        why,
        remedy,
        code=code,
        detail=rests_on(standing.agreement, standing.title, clause),
    )
