"""Nominations and seats: who goes, and what both sides know of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec

from kouprey.capacity.model import Holder, ItsState, Nomination, Nominee, Picture, SeatPlan, Sort
from kouprey.capacity.rules.seats import allot
from kouprey.capacity.service.activities import Activities, folded
from kouprey.capacity.store import messages as rows
from kouprey.capacity.store import records
from kouprey.capacity.wire import messages as wire
from kouprey.kernel.seal.keys import random_bytes
from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Refused, Unknown
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.tlp import TLP

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Of codes that people type: none that is taken for another."""


class Programmes(Activities):
    """Verbs about who goes. A nomination reaches the host alone, and each party is told of its own seats."""

    def nominees(self, who: decision.Reader) -> list[Holder]:
        """People of ours who were nominated before."""
        self._check_writes(who)
        with self._store.read() as reader:
            return records.list_nominees(reader, self._people.home_id)

    def nominate(
        self,
        who: decision.Reader,
        activity: str,
        people: Sequence[Holder],
        *,
        accepted: Sequence[str] | None = None,
    ) -> Nomination:
        """Whom we nominate now, the first to be seated first: the list that was sent before counts no more.

        Somebody without an id is new; `person` is their account here and does not leave. Refused for new people after
        the deadline, and for an activity that is off.
        """
        self._check_writes(who)
        picture = self.picture(who, activity)
        held, home = picture.activity, self._people.home_id
        if held.state is ItsState.CANCELLED:
            raise Refused("It does not take place.", held.why, code="cancelled")
        named = [self._known(each) for each in people]
        before = picture.lists.get(home)
        known = {each.id for each in before.people} if before is not None else set()
        if self._clock() >= held.deadline and any(each.id not in known for each in named):
            raise Refused(
                "Nominations are closed.", "People can still be withdrawn.", "Ask the host.", code="deadline-over"
            )
        takes = tuple(accepted) if accepted is not None else (before.accepted if before is not None else ())

        def work(tx: Tx) -> Nomination:
            asked = {"author": home, "about": activity, "party": home}
            made = Nomination(
                activity=activity,
                host=held.host,
                party=home,
                version=rows.newest_version(tx, Sort.NOMINATION, **asked) + 1,
                people=tuple(Nominee(id=each.id, name=each.name, role=each.role, mail=each.mail) for each in named),
                accepted=tuple(sorted({each.id for each in named}.intersection(takes))),
            )
            for each in named:
                records.add_nominee(tx, each)
            raw = wire.write_nomination(made)
            wire.read_nomination(raw)
            self._say(
                tx,
                Sort.NOMINATION,
                raw,
                agreement=held.agreement,
                about=activity,
                party=home,
                version=made.version,
                by=who.name,
                tlp=TLP.AMBER,
                to=held.host,
            )
            self._note(tx, who, "nominate", activity, people=len(named), agreement=held.agreement)
            return made

        return self._store.write(work)

    def accept(self, who: decision.Reader, activity: str, nominee: str) -> Nomination:
        """Take a seat that was offered to somebody of ours who waited."""
        self._check_writes(who)
        before = self.picture(who, activity).lists.get(self._people.home_id)
        if before is None or nominee not in {each.id for each in before.people}:
            raise Unknown("Nobody of ours by that id is nominated.", code="unknown-nominee")
        return self._again(who, activity, before, accepted=(*before.accepted, nominee))

    def withdraw(self, who: decision.Reader, activity: str, nominee: str) -> Nomination:
        """Somebody of ours does not go."""
        self._check_writes(who)
        before = self.picture(who, activity).lists.get(self._people.home_id)
        if before is None or nominee not in {each.id for each in before.people}:
            raise Unknown("Nobody of ours by that id is nominated.", code="unknown-nominee")
        people = tuple(each for each in before.people if each.id != nominee)
        return self._again(who, activity, msgspec.structs.replace(before, people=people), accepted=before.accepted)

    def outlook(self, who: decision.Reader, activity: str) -> dict[str, SeatPlan]:
        """What `confirm` would decide now, by party; nothing is kept."""
        self._check_writes(who)
        self._own(who, activity)
        with self._store.read() as reader:
            return self._outlook(reader, activity)

    def confirm(self, who: decision.Reader, activity: str) -> dict[str, SeatPlan]:
        """Decide on everybody who is nominated, and tell each party of its own; what was decided, by party."""
        self._check_writes(who)
        self._own(who, activity)
        return self._store.write(lambda tx: self._decide(tx, activity, who))

    def turn(self) -> int:
        """What is done each minute: once a deadline is over, seats nobody uses go to whoever waits."""
        now, node, done = self._clock(), self.operator(), 0
        node = msgspec.structs.replace(node, name="node")
        with self._store.read() as reader:
            hosted = [each.activity for each in records.list_hosted(reader) if not each.closed_at]
            due = [
                each
                for each in hosted
                if (made := self._whole(reader, each)) is not None
                if made.activity.deadline <= now < made.activity.ends and made.activity.state is ItsState.OPEN
                # Nobody is decided on by a clock alone: somebody has confirmed before.
                if made.plans and self._outlook(reader, each)
            ]
        for each in due:
            done += len(self._store.write(partial(self._decide, activity=each, who=node)))
        return done

    def _again(self, who: decision.Reader, activity: str, named: Nomination, *, accepted: Sequence[str]) -> Nomination:
        with self._store.read() as reader:
            known = {each.id: each for each in records.list_nominees(reader, self._people.home_id)}
        people = [
            known.get(each.id) or Holder(party=named.party, id=each.id, name=each.name, role=each.role, mail=each.mail)
            for each in named.people
        ]
        return self.nominate(who, activity, people, accepted=accepted)

    def _known(self, each: Holder) -> Holder:
        if not each.name.strip() or len(each.name) > 300 or not each.name.isprintable():
            raise Damaged("A name is missing or cannot be shown.", remedy="Write it out.", code="bad-nominee")
        with self._store.read() as reader:
            held = records.list_nominees(reader, self._people.home_id)
        mail = each.mail.strip()
        alike = next(
            (
                one
                for one in held
                if one.id == each.id
                or (not each.id and one.name.casefold() == each.name.strip().casefold() and one.mail == mail)
            ),
            None,
        )
        return Holder(
            party=self._people.home_id,
            id=alike.id if alike is not None else new_id("nom"),
            name=each.name.strip(),
            role=each.role.strip(),
            mail=mail,
            person=each.person or (alike.person if alike is not None else ""),
        )

    def _decide(self, tx: Tx, activity: str, who: decision.Reader) -> dict[str, SeatPlan]:
        plans = self._outlook(tx, activity)
        picture = self._whole(tx, activity)
        assert picture is not None
        for party, plan in plans.items():
            passes = {each: plan.passes.get(each) or code(8) for each in plan.confirmed}
            plans[party] = made = msgspec.structs.replace(plan, passes=passes)
            self._say(
                tx,
                Sort.SEATS,
                wire.write_seats(made),
                agreement=picture.activity.agreement,
                about=activity,
                party=party,
                version=made.version,
                by=who.name,
                tlp=TLP.AMBER,
                to=party,
            )
            told: dict[str, object] = {"party": party, "confirmed": len(made.confirmed), "offered": len(made.offered)}
            self._note(tx, who, "seats", activity, **told)
        return plans

    def _outlook(self, reader: Reader, activity: str) -> dict[str, SeatPlan]:
        picture = self._whole(reader, activity)
        if picture is None:
            return {}
        standing = self._agreements.standings(reader)[picture.activity.agreement]
        parties = [each for each in standing.parties if each not in standing.left]
        return dict(allot(picture, parties, self._clock()))

    def _whole(self, reader: Reader, activity: str) -> Picture | None:
        return folded(rows.list_of(reader, activity, Sort.ACTIVITY, Sort.NOMINATION, Sort.SEATS))


def code(length: int) -> str:
    """A code that somebody types; 30 letters to choose from at each place."""
    return "".join(_LETTERS[each % len(_LETTERS)] for each in random_bytes(length * 4)[::4])
