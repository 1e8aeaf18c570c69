"""Releasing: what approval rules hold back waits here until persons of the right roles have let it go."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec

from kouprey.agreements.model import CLAUSES, Standing
from kouprey.agreements.model.citing import rests_on
from kouprey.exchange.model.releasing import Approval, ApprovalState, Lack, Spoken
from kouprey.exchange.rules import releasing as rules
from kouprey.exchange.service.gate import Gate, rules_of
from kouprey.exchange.service.giving import Giving
from kouprey.exchange.store import releasing as rows
from kouprey.exchange.store.seeing import Eyes
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Reader as Snapshot
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Reader, Reason
from kouprey.kernel.words.errors import Damaged, Forbidden, KoupreyError, Refused, TooLarge, Unknown
from kouprey.kernel.words.label import Label
from kouprey.people.model import Person

MOST = 200
"""Approvals that are shown, or spoken of at once."""
LONGEST = 1_000
_WAITING: tuple[ApprovalState, ...] = ("waiting",)


class Releasing(Giving):
    """Verbs on what waits to be released; everything as far as `who` may see the thing itself."""

    def list_approvals(self, who: Reader, *, limit: int = MOST) -> list[Approval]:
        """What waits, oldest first, each with who has released it and who has to still."""
        eyes = self._own_eyes(who)
        with self._store.read() as reader:
            found = rows.list_seen(reader, eyes, states=_WAITING, limit=limit)
        return [self._with_lacks(each) for each in found]

    def list_settled(self, who: Reader, *, limit: int = 50) -> list[Approval]:
        """What waits no more, and why, newest first."""
        eyes = self._own_eyes(who)
        with self._store.read() as reader:
            return rows.list_seen(reader, eyes, states=("sent", "declined", "withdrawn", "barred"), limit=limit)

    def list_unreviewed(self, who: Reader, *, limit: int = MOST) -> list[Approval]:
        """What a duty officer sent at once and nobody has reviewed, oldest first."""
        eyes = self._own_eyes(who)
        with self._store.read() as reader:
            return rows.list_seen(reader, eyes, unreviewed=True, limit=limit)

    def list_approvals_of(self, who: Reader, stix_id: str) -> list[Approval]:
        """All about one object, newest first."""
        eyes = self._own_eyes(who)
        with self._store.read() as reader:
            return [self._with_lacks(each) for each in rows.list_seen(reader, eyes, stix_id=stix_id, limit=20)]

    def hinders(self, approvals: Sequence[Approval], by: str) -> dict[str, Reason | None]:
        """Approval -> why somebody cannot release it, None when it waits for their word too."""
        try:
            person = self._people.get_person(by)
        except Unknown:
            return dict.fromkeys((each.id for each in approvals), rules.NOT_ROLE)
        roles = tuple(map(str, person.roles))
        return {
            each.id: rules.hinders_release(person.id, roles, each.asked_by, self._wanted(each), _said(each))
            for each in approvals
        }

    def release(self, who: Reader, ids: Sequence[str], *, by: str) -> list[Spoken]:
        """Say for each that it may go; with the last word needed it is decided anew, and goes or does not.

        What may not go after all (its label was raised, it has another version) is `barred` and says why; while the
        agreement is suspended nothing is released. Forbidden for whoever is no person of ours.
        """
        person = self._person(by)
        found = self._chosen_approvals(who, ids)
        eyes = self._own_eyes(who)
        spoken: dict[str, Spoken] = {}
        for agreement in dict.fromkeys(each.agreement for each in found.values()):
            some = [each for each in found.values() if each.agreement == agreement]
            try:
                standing = self._running(agreement)
            except KoupreyError as error:
                text, clause = f"{error.what} {error.why}".strip(), str(error.detail.get("clause", ""))
                ground = Reason(error.code, text, agreement, clause, self._title_of(agreement))
                spoken |= {each.id: _left(each, ground) for each in some}
                continue
            spoken |= self._store.write(partial(self._speak, eyes=eyes, some=some, person=person, standing=standing))
        return [spoken[each] for each in found]

    def decline(self, who: Reader, ids: Sequence[str], *, because: str, by: str) -> list[Spoken]:
        """Say that it does not go, and why; whoever asked may decline it too, which withdraws it."""
        if not because.strip():
            raise Damaged("A reason is missing.", remedy="Say why it does not go.", code="no-reason")
        if len(because) > LONGEST:
            raise Damaged("The reason is too long.", f"At most {LONGEST:,} characters are kept.", code="too-long")
        person = self._person(by)
        found = self._chosen_approvals(who, ids)

        def work(tx: Tx) -> list[Spoken]:
            made = []
            for each in found.values():
                own = each.asked_by == person.id
                if not own and not set(self._wanted(each, tx)) & set(map(str, person.roles)):
                    made.append(_left(each, rules.NOT_ROLE))
                    continue
                state: ApprovalState = "withdrawn" if own else "declined"
                title = self._title_of(each.agreement, tx)
                ground = Reason(state, because.strip(), each.agreement, CLAUSES["approvals"], title)
                if not rows.end(tx, each.id, state, person.id, self._clock(), (ground,)):
                    made.append(_left(each, rules.ENDED))
                    continue
                self._record_approval(tx, each, person.id, "decline", {"because": because.strip(), "state": state})
                made.append(Spoken(id=each.id, stix_id=each.stix_id, state=state, because=(ground,)))
            return made

        return self._store.write(work)

    def take_back(self, who: Reader, ids: Sequence[str], *, by: str) -> list[Spoken]:
        """Take one's word back, of release or of refusal, as long as it was not sent."""
        person = self._person(by)
        found = self._chosen_approvals(who, ids)

        def work(tx: Tx) -> list[Spoken]:
            made = []
            for each in found.values():
                if rows.find_waiting(tx, each.id):
                    done = rows.drop_voice(tx, each.id, person.id)
                else:
                    done = rows.reopen(tx, each.id, person.id)
                if done:
                    self._record_approval(tx, each, person.id, "take-back", {})
                made.append(
                    Spoken(id=each.id, stix_id=each.stix_id, state="waiting") if done else _left(each, rules.ENDED)
                )
            return made

        return self._store.write(work)

    def review(self, who: Reader, ids: Sequence[str], *, text: str, by: str) -> list[Spoken]:
        """Say what one thinks of what a duty officer sent at once; somebody else than they."""
        if not text.strip():
            raise Damaged("A word on it is missing.", remedy="Say what you found.", code="no-reason")
        if len(text) > LONGEST:
            raise Damaged("The text is too long.", f"At most {LONGEST:,} characters are kept.", code="too-long")
        person = self._person(by)
        found = self._chosen_approvals(who, ids)

        def work(tx: Tx) -> list[Spoken]:
            made = []
            for each in found.values():
                if each.asked_by == person.id:
                    made.append(_left(each, rules.SENT_BY_YOU))
                elif not rows.review(tx, each.id, person.id, text.strip(), self._clock()):
                    made.append(_left(each, rules.ENDED))
                else:
                    self._record_approval(tx, each, person.id, "review", {"said": text.strip()})
                    made.append(Spoken(id=each.id, stix_id=each.stix_id, state="sent"))
            return made

        return self._store.write(work)

    def _speak(
        self, tx: Tx, eyes: Eyes, some: Sequence[Approval], person: Person, standing: Standing
    ) -> dict[str, Spoken]:
        now, roles = self._clock(), tuple(map(str, person.roles))
        made: dict[str, Spoken] = {}
        going: list[Approval] = []
        # Asked again in the transaction, so that of two who speak at once the second counts what the first said.
        for each in rows.list_seen(tx, eyes, ids=[each.id for each in some], limit=MOST):
            wanted, said = self._wanted(each, tx), _said(each)
            ground = rules.ENDED if each.state != "waiting" else None
            ground = ground or rules.hinders_release(person.id, roles, each.asked_by, wanted, said)
            if ground is not None:
                made[each.id] = _left(each, ground)
                continue
            rows.add_voice(tx, each.id, person.id, roles, now)
            self._record_approval(tx, each, person.id, "release", {"roles": list(roles)})
            if rules.lacking(wanted, {**said, person.id: roles}):
                made[each.id] = Spoken(id=each.id, stix_id=each.stix_id, state="waiting")
            else:
                going.append(each)
        made |= self._send(tx, eyes, going, person, standing)
        return {each.id: made.get(each.id, _left(each, rules.ENDED)) for each in some}

    def _send(
        self, tx: Tx, eyes: Eyes, going: Sequence[Approval], person: Person, standing: Standing
    ) -> dict[str, Spoken]:
        """What has all words goes through the gate once more; only the very body that was released may go."""
        made: dict[str, Spoken] = {}
        for parties in dict.fromkeys(each.parties for each in going):
            some = [each for each in going if each.parties == parties]
            gate = Gate(
                self._agreements,
                self._lanes,
                standing,
                self._people.list_identities(tx),
                self._clock,
                person.id,
                released={(each.version, each.body) for each in some},
                # Who it was asked for is who gets it; a party that has joined since is asked about anew.
                parties=parties,
            )
            made |= self._pass(tx, eyes, gate, some, person)
        return made

    def _pass(self, tx: Tx, eyes: Eyes, gate: Gate, going: Sequence[Approval], person: Person) -> dict[str, Spoken]:
        ids = list(dict.fromkeys(each.stix_id for each in going))
        passed = {each.stix_id: each for each in gate.pass_through(tx, eyes, ids)}
        made: dict[str, Spoken] = {}
        for each in going:
            became = passed[each.stix_id]
            if became.fate == "queued":
                rows.end(tx, each.id, "sent", person.id, self._clock())
                made[each.id] = Spoken(id=each.id, stix_id=each.stix_id, state="sent")
                continue
            because = became.because
            if became.fate == "waiting":
                text, clause = "It has another version now, which nobody has released.", CLAUSES["approvals"]
                because = (Reason("other-version", text, each.agreement, clause, gate.title),)
            rows.end(tx, each.id, "barred", person.id, self._clock(), because)
            self._record_approval(tx, each, person.id, "bar", {"because": [reason.text for reason in because]})
            made[each.id] = Spoken(id=each.id, stix_id=each.stix_id, state="barred", because=because)
        return made

    def _running(self, agreement: str) -> Standing:
        """The agreement if something can go under it at this moment; Refused with the reason when nothing can."""
        standing = self._agreements.get_standing(agreement)
        if waits_because := self._may_publish(standing):
            raise Refused(
                "This agreement is suspended.",
                waits_because,
                "Release it when they have resumed.",
                code="suspended",
                detail=rests_on(agreement, standing.title, CLAUSES["suspension"]),
            )
        return standing

    def _title_of(self, agreement: str, reader: Snapshot | None = None) -> str:
        held = self._agreements.standings(reader).get(agreement)
        return held.title if held is not None else ""

    def _with_lacks(self, each: Approval) -> Approval:
        lacks = rules.lacking(self._wanted(each), _said(each)) if each.state == "waiting" else {}
        return msgspec.structs.replace(each, lacks=tuple(Lack(role=role, persons=n) for role, n in lacks.items()))

    def _wanted(self, each: Approval, reader: Snapshot | None = None) -> dict[str, int]:
        standing = self._agreements.standings(reader).get(each.agreement)
        label = Label(owner=self._people.home_id, tlp=each.tlp, kind=each.kind)
        return {} if standing is None else rules.rules_for(rules_of(standing), label)

    def _chosen_approvals(self, who: Reader, ids: Sequence[str]) -> dict[str, Approval]:
        """Those named, as far as the reader sees them, in the order given; Unknown for any other."""
        chosen = list(dict.fromkeys(ids))
        if not chosen:
            raise Refused("Nothing was chosen.", "No approval is named.", "Mark some.", code="nothing-chosen")
        if len(chosen) > MOST:
            raise TooLarge("Too many at once.", f"{MOST} are the most.", "Mark fewer.", code="too-many-approvals")
        eyes = self._own_eyes(who)
        with self._store.read() as reader:
            found = {each.id: each for each in rows.list_seen(reader, eyes, ids=chosen, limit=MOST)}
        missing = [each for each in chosen if each not in found]
        if missing:
            raise Unknown(
                f"No approval {missing[0][:40]!r}.",
                "It is not known here, or you may not see what it is about.",
                "Look at the list.",
                code="unknown-approval",
            )
        return {each: found[each] for each in chosen}

    def _own_eyes(self, who: Reader) -> Eyes:
        if not who.local:
            raise Forbidden("This is for people of this node's own party.", code="not-local")
        return self._eyes(who)

    def _person(self, by: str) -> Person:
        """Somebody of ours: a program has no judgement to give."""
        try:
            person = self._people.get_person(by)
        except Unknown:
            person = None
        if person is None or person.id != by or not person.active:
            raise Forbidden(
                "Only a person releases.",
                "The word counts by name and role, and a program has neither.",
                "Sign in and do it yourself.",
                code="not-a-person",
            )
        return person

    def _record_approval(self, tx: Tx, each: Approval, by: str, done: str, detail: dict[str, object]) -> None:
        told = {"object": each.stix_id, "agreement": each.agreement, "clause": CLAUSES["approvals"], **detail}
        audit.append(tx, at=self._clock(), actor=by, action=f"approval.{done}", subject=each.id, detail=told)


def _said(each: Approval) -> dict[str, tuple[str, ...]]:
    return {voice.person: voice.roles for voice in each.voices}


def _left(each: Approval, ground: Reason) -> Spoken:
    return Spoken(id=each.id, stix_id=each.stix_id, state="left", because=(ground,))
