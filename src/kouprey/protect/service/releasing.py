"""Releasing: a draft becomes the list in force, at once or by a person's word; going back, and being read anew."""

from __future__ import annotations

import logging
from collections.abc import Callable

import msgspec

from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, KoupreyError, Refused, Unknown
from kouprey.kernel.words.time import SECOND, Instant
from kouprey.protect import store as rows
from kouprey.protect.model import Entry, Release, Shield, State
from kouprey.protect.service.drafting import Draft, Drafting, renewed_at
from kouprey.protect.service.gathering import Gathered

log = logging.getLogger("kouprey.protect")

KEPT = 6
"""Releases of a shield that are kept with their files, the newest."""
REST: Instant = 600 * SECOND
"""A shield is read anew so often at least: labels, agreements and public lists change without news of an indicator."""
NAME = "protect"
"""As whom shields are released without a person's word."""
_LONGEST_REASON = 500


class Releasing(Drafting):
    """Verbs for releases. Of one shield one thing happens at a time, in any process."""

    def compile(self, who: Reader, name: str, *, by: str) -> Release:
        """Make the list of a shield as it would be now: in force at once, or waiting for a person's word.

        The release in force is given back where nothing changed. What went leaves in any case.
        """
        self.get_shield(who, name)
        with self._folders.alone(name):
            return self._compile(self.get_shield(who, name), by=by, asked=True)

    def approve(self, who: Reader, name: str, serial: int, *, by: str) -> Release:
        """Release what waits, by a person's word. Refused (`list-changed`) when the list is another one by now."""
        self.get_shield(who, name)
        with self._folders.alone(name):
            shield = self.get_shield(who, name)
            waiting = self._waiting(name, serial)
            gathered = self.gather(shield)
            draft = self._draft(shield, gathered, self._wanted(shield, gathered))
            if draft.digest != waiting.digest:
                self._keep(draft, gathered, by=by)
                raise Refused(
                    "The list is another one by now.",
                    "Indicators came or went since it was made.",
                    "Look at what waits now, and say it of that.",
                    code="list-changed",
                )
            return self._release(draft, gathered, by=by, action="protect.approve")

    def refuse(self, who: Reader, name: str, serial: int, reason: str, *, by: str) -> Release:
        """Say that what waits is not to be released, and why. The same list is not made again."""
        given = _reason(reason)
        self.get_shield(who, name)
        with self._folders.alone(name):
            waiting = self._waiting(name, serial)
            now = self._clock()
            made = msgspec.structs.replace(waiting, state=State.REFUSED, decided_at=now, decided_by=by, reason=given)

            def work(tx: Tx) -> None:
                rows.save_release(tx, made)
                self._note(tx, by, "protect.refuse", name, {"serial": serial, "reason": given})

            self._store.write(work)
        return made

    def roll_back(self, who: Reader, name: str, serial: int, reason: str, *, by: str) -> Release:
        """Have what an earlier release listed in force again, under a new serial; nothing comes until `resume`.

        What was taken back since, is over or must not be listed any more stays out.
        """
        given = _reason(reason)
        self.get_shield(who, name)
        with self._folders.alone(name):
            shield = self.get_shield(who, name)
            with self._store.read() as reader:
                past = rows.find_release(reader, name, serial)
            if past is None or past.state is not State.PAST:
                raise Unknown(
                    f"No earlier release {serial} of {name} is kept.",
                    f"Of each shield the last {KEPT} are.",
                    "`kouprey protect show` lists them.",
                    code="unknown-release",
                )
            keys = {each.key for each in self._folders.entries(name, serial)}
            gathered = self.gather(shield)
            draft = self._draft(shield, gathered, [each for each in gathered.entries if each.key in keys])
            held = msgspec.structs.replace(shield, held=serial)
            return self._release(
                draft, gathered, by=by, action="protect.rollback", back_to=serial, reason=given, shield=held
            )

    def resume(self, who: Reader, name: str, *, by: str) -> Release:
        """Let entries come again after going back."""

        def work(tx: Tx) -> Shield:
            found = self._of(who, rows.find_shield(tx, name), name)
            made = msgspec.structs.replace(found, held=0)
            rows.change_shield(tx, made)
            self._note(tx, by, "protect.resume", name, {})
            return made

        self._check(who)
        with self._folders.alone(name):
            return self._compile(self._store.write(work), by=by, asked=True)

    def renew(self) -> int:
        """Read anew every shield that is due; how many those were. One that fails does not keep others waiting."""
        done = 0
        with self._store.read() as reader:
            shields = [each for each in rows.list_shields(reader) if not each.retired]
        for shield in shields:
            try:
                if not self.is_due(shield):
                    continue
                with self._folders.alone(shield.name):
                    self._compile(shield, by=NAME, asked=False)
                done += 1
            except (KoupreyError, OSError) as error:
                log.warning("shield %s was not made anew: %s", shield.name, error)
        return done

    def tidy(self) -> int:
        """Remove what a killed process left behind; how much that was."""
        with self._store.read() as reader:
            shields = rows.list_shields(reader)
        gone = 0
        for shield in shields:
            with self._folders.alone(shield.name):
                with self._store.read() as reader:
                    kept = [each.serial for each in rows.list_releases(reader, shield.name)]
                gone += self._folders.tidy(shield.name, kept)
        return gone

    def _compile(self, shield: Shield, *, by: str, asked: bool) -> Release:
        gathered = self.gather(shield)
        draft = self._draft(shield, gathered, self._wanted(shield, gathered))
        before = None if asked else self._decided(draft)
        if before is not None and before.state is State.WAITING:
            self._noted(shield, gathered)
        elif before is not None:
            self._settle(draft, gathered)
        if before is not None:
            return before
        return self._keep(draft, gathered, by=by)

    def _decided(self, draft: Draft) -> Release | None:
        """What this list has become already: it waits, was refused or failed, and nothing of what is in force went."""
        current = draft.current
        if current is not None and (draft.gone or self._clock() >= renewed_at(current)):
            return None
        with self._store.read() as reader:
            every = rows.list_releases(reader, draft.shield.name)
        return next(
            (each for each in every if each.digest == draft.digest and each.state is not State.PAST),
            None,
        )

    def _keep(self, draft: Draft, gathered: Gathered, *, by: str) -> Release:
        """Release a draft, or have it wait and release what stays of the one in force."""
        current = draft.current
        if not draft.asks:
            if current is not None and current.digest == draft.digest and self._clock() < renewed_at(current):
                self._settle(draft, gathered)
                return current
            return self._release(draft, gathered, by=by, action="protect.release")
        if current is not None and (draft.gone or self._clock() >= renewed_at(current)):
            stays = [each for each in draft.entries if each.key in draft.held]
            self._release(self._draft(draft.shield, gathered, stays), gathered, by=NAME, action="protect.release")
            draft = self._draft(draft.shield, gathered, draft.entries)
        return self._save(gathered, self._write(draft, State.WAITING), by=by, action="protect.compile")

    def _release(
        self,
        draft: Draft,
        gathered: Gathered,
        *,
        by: str,
        action: str,
        back_to: int = 0,
        reason: str = "",
        shield: Shield | None = None,
    ) -> Release:
        made = self._write(draft, State.CURRENT, back_to=back_to, by=by, reason=reason)

        def also(tx: Tx) -> None:
            if shield is not None:
                rows.change_shield(tx, shield)

        saved = self._save(gathered, made, by=by, action=action, also=also)
        if saved.state is State.FAILED and by != NAME:
            raise Refused(
                "The list was not released.",
                "A program that would read it says that it cannot: "
                + "; ".join(each.said for each in saved.checks if each.found and not each.passed)[:300],
                "Tell the makers of Kouprey; the release before stays in force.",
                code="bad-list",
            )
        return saved

    def _save(
        self,
        gathered: Gathered,
        made: Release,
        *,
        by: str,
        action: str,
        also: Callable[[Tx], None] | None = None,
    ) -> Release:
        """One transaction makes it what it is; then what is kept no longer goes."""
        name = made.shield

        def work(tx: Tx) -> list[int]:
            self._make_room(tx, made)
            rows.save_release(tx, made)
            if also is not None and made.state is State.CURRENT:
                also(tx)
            rows.note_checked(tx, name, gathered.position, min(gathered.due, self._clock() + REST), self._clock())
            detail = {"serial": made.serial, "state": str(made.state), "entries": made.total, "digest": made.digest}
            self._note(tx, by, action if made.state is not State.FAILED else "protect.fail", name, detail)
            old = [each.serial for each in rows.list_releases(tx, name) if each.state is not State.CURRENT][KEPT:]
            for serial in old:
                rows.drop_release(tx, name, serial)
            return old

        for serial in self._store.write(work):
            self._folders.drop(name, serial)
        return made

    def _make_room(self, tx: Tx, made: Release) -> None:
        """Of a shield one release is in force and one waits; a list that waits is overtaken by any other."""
        if made.state is State.CURRENT:
            before = rows.find_in_state(tx, made.shield, State.CURRENT)
            if before is not None:
                rows.save_release(tx, msgspec.structs.replace(before, state=State.PAST))
        waiting = rows.find_in_state(tx, made.shield, State.WAITING)
        if waiting is not None and made.state is not State.FAILED:
            rows.drop_release(tx, made.shield, waiting.serial)
            tx.after_commit(lambda: self._folders.drop(made.shield, waiting.serial))

    def _settle(self, draft: Draft, gathered: Gathered) -> None:
        """What would be made was decided already: nothing waits any more."""
        name = draft.shield.name

        def work(tx: Tx) -> Release | None:
            waiting = rows.find_in_state(tx, name, State.WAITING)
            if waiting is not None:
                rows.drop_release(tx, name, waiting.serial)
            return waiting

        waiting = self._store.write(work)
        if waiting is not None:
            self._folders.drop(name, waiting.serial)
        self._noted(draft.shield, gathered)

    def _noted(self, shield: Shield, gathered: Gathered) -> None:
        now = self._clock()
        due = min(gathered.due, now + REST)
        self._store.write(lambda tx: rows.note_checked(tx, shield.name, gathered.position, due, now))

    def _wanted(self, shield: Shield, gathered: Gathered) -> tuple[Entry, ...]:
        """All that was gathered; of a shield that is held, what its release in force has."""
        if not shield.held:
            return gathered.entries
        with self._store.read() as reader:
            current = rows.find_in_state(reader, shield.name, State.CURRENT)
        keys = (
            {each.key for each in self._folders.entries(shield.name, current.serial)} if current is not None else set()
        )
        return tuple(each for each in gathered.entries if each.key in keys)

    def _waiting(self, name: str, serial: int) -> Release:
        with self._store.read() as reader:
            found = rows.find_in_state(reader, name, State.WAITING)
        if found is None or found.serial != serial:
            raise Refused(
                f"Release {serial} of {name} does not wait.",
                "It was decided, or overtaken by another list.",
                "Look at the shield again.",
                code="not-waiting",
            )
        return found


def _reason(text: str) -> str:
    given = " ".join(text.split())
    if not given or len(given) > _LONGEST_REASON:
        raise Damaged(
            "A reason is needed.", f"It has 1 to {_LONGEST_REASON} letters.", "Say it in a line.", code="bad-reason"
        )
    return given
