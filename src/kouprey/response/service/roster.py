"""The duty roster: who of ours answers when. It stays on this node; at most a role and a number go into the profile."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.time import DAY, SECOND, Clock, Instant, wall_clock
from kouprey.response.model.directory import Gap, Shift
from kouprey.response.rules.rights import DUTY
from kouprey.response.rules.roster import AHEAD, gaps, on_duty
from kouprey.response.store import directory as rows

LONGEST = 200
LONGEST_SHIFT: Instant = 31 * DAY
LISTED = 1_000
PAST: Instant = 7 * DAY
"""Shifts that ended so long ago are not listed any more; they are kept."""


class Roster:
    """Verbs about shifts."""

    def __init__(self, store: Store, clock: Clock = wall_clock) -> None:
        self._store = store
        self._clock = clock

    def may_keep(self, who: decision.Reader) -> bool:
        """Whether they write shifts down: whoever is on duty, and who leads."""
        return who.local and (who.name == "operator" or not DUTY.isdisjoint(who.roles))

    def list(self, who: decision.Reader) -> Sequence[Shift]:
        """Shifts from a week ago on, in their order, those that were withdrawn among them."""
        self._check_local(who)
        with self._store.read() as reader:
            return rows.list_shifts(reader, self._clock() - PAST, LISTED)

    def on_duty(self, who: decision.Reader) -> Sequence[Shift]:
        """Whose shift runs now."""
        return on_duty(self.list(who), self._clock())

    def gaps(self, who: decision.Reader) -> Sequence[Gap]:
        """When nobody is on duty within the next fourteen days."""
        now = self._clock()
        return gaps(self.list(who), now, now + AHEAD)

    def add(self, who: decision.Reader, shift: Shift) -> Shift:
        """Write one down; instants in microseconds. Damaged `bad-shift` where it cannot be."""
        self._check_keeps(who)
        words = [each.strip() for each in (shift.person, shift.role, shift.reach)]
        if not all(words):
            raise _bad("Somebody, their role, and how they are reached are needed.", "Say who answers, and how.")
        if any(len(word) > LONGEST or not word.isprintable() for word in words):
            raise _bad("A word is too long or cannot be shown.", "Make it shorter.")
        if not shift.starts < shift.ends <= shift.starts + LONGEST_SHIFT:
            raise _bad("A shift ends after it starts, within a month.", "Put its times right.")
        if not -DAY * 366 <= shift.starts - self._clock() <= DAY * 366 * 2:
            raise _bad("A shift is within a year past and two to come.", "Put its times right.")
        now = self._clock()
        made = Shift(
            id=f"sft_{uuid4().hex}",
            person=words[0],
            role=words[1],
            reach=words[2],
            starts=shift.starts // SECOND * SECOND,
            ends=shift.ends // SECOND * SECOND,
            made_by=who.name,
            made_at=now,
        )

        def work(tx: Tx) -> None:
            rows.add_shift(tx, made)
            audit.append(tx, at=now, actor=who.name, action="duty.add", subject=made.id, detail={})

        self._store.write(work)
        return made

    def withdraw(self, who: decision.Reader, shift: str) -> Shift:
        """Let a shift count no more; that it stood there is kept."""
        self._check_keeps(who)
        now = self._clock()

        def work(tx: Tx) -> Shift:
            if rows.find_shift(tx, shift) is None:
                raise Unknown("There is no such shift.", remedy="Look at the roster.", code="unknown-shift")
            if not rows.withdraw_shift(tx, shift, who.name, now):
                raise Refused("That shift was taken out already.", code="withdrawn")
            audit.append(tx, at=now, actor=who.name, action="duty.withdraw", subject=shift, detail={})
            found = rows.find_shift(tx, shift)
            assert found is not None
            return found

        return self._store.write(work)

    def _check_local(self, who: decision.Reader) -> None:
        if not who.local:
            raise Forbidden("This is for people of this node's own party.", code="not-local")

    def _check_keeps(self, who: decision.Reader) -> None:
        if not self.may_keep(who):
            raise Forbidden(
                "The roster is not yours to keep.",
                "It needs one of these roles: duty-officer, lead, liaison.",
                "Ask one of them.",
                code="role-missing",
            )


def zone_of(name: str) -> ZoneInfo:
    """The time zone of a team, UTC for one that is not known here."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _bad(what: str, remedy: str) -> Damaged:
    return Damaged(what, remedy=remedy, code="bad-shift")
