"""Programmes and activities: what is planned, moved and cancelled, and what parties need and offer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec

from kouprey.agreements.model import Standing
from kouprey.capacity.model import (
    Activity,
    ItsState,
    Kept,
    Picture,
    Programme,
    Sort,
    Wish,
    WishList,
)
from kouprey.capacity.rules.seats import fold, newest
from kouprey.capacity.service.speaking import KIND, Speaking
from kouprey.capacity.store import messages as rows
from kouprey.capacity.store import records
from kouprey.capacity.wire import messages as wire
from kouprey.kernel.seal.keys import random_bytes
from kouprey.kernel.storage import labels
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Refused, Unknown
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import SECOND
from kouprey.kernel.words.tlp import TLP

RULES = {"training": "global-ace/continuous-education", "certification-exam": "global-ace/exam-passed"}


class Activities(Speaking):
    """Verbs about what is planned. Each message is an entry of a lane under the agreement."""

    def plan(self, who: decision.Reader, programme: Programme) -> Programme:
        """A programme under an agreement that covers nominations; it stays here."""
        self._check_writes(who)
        self._agreed(programme.agreement)
        if not programme.theme.strip() or not programme.theme.isprintable() or len(programme.theme) > 300:
            raise Damaged("The theme is missing or too long.", remedy="Say it in a sentence.", code="bad-programme")
        if not 2000 <= programme.year <= 2100 or len(programme.budget) > 300 or len(programme.answers) > 100:
            raise Damaged("The year, the budget line or what it answers is out of bounds.", code="bad-programme")
        made = msgspec.structs.replace(programme, id=new_id("prg"), made_by=who.name, made_at=self._clock())

        def work(tx: Tx) -> None:
            label = Label(owner=self._people.home_id, tlp=made.tlp, kind=KIND)
            rows.save_programme(tx, made, self._agreements.label_set(tx, [labels.intern_label(tx, label)]))
            self._note(tx, who, "programme", made.id, theme=made.theme, year=made.year)

        self._store.write(work)
        return made

    def list_programmes(self, who: decision.Reader) -> list[Programme]:
        """Those that `who` may see, the newest year first."""
        eyes = self._eyes(who)
        with self._store.read() as reader:
            return rows.list_programmes(reader, eyes)

    def get_programme(self, who: decision.Reader, programme: str) -> Programme:
        """One; Unknown where there is none that `who` may see."""
        for each in self.list_programmes(who):
            if each.id == programme:
                return each
        raise Unknown("There is no such programme.", remedy="Look at the list.", code="unknown-programme")

    def publish(self, who: decision.Reader, programme: str, activity: Activity, *, rule: str = "") -> Activity:
        """A new activity of a programme, told to every party of its agreement."""
        self._check_writes(who)
        held = self.get_programme(who, programme)
        nonce, host = random_bytes(16).hex(), self._people.home_id
        made = msgspec.structs.replace(
            _whole_seconds(activity),
            id=wire.activity_id(host, nonce),
            nonce=nonce,
            host=host,
            agreement=held.agreement,
            theme=held.theme,
            version=1,
            tlp=held.tlp,
        )
        chosen = rule or RULES.get(str(made.kind), "")

        def work(tx: Tx) -> None:
            self._speak(tx, who, made)
            records.save_hosted(tx, records.Hosted(activity=made.id, programme=programme, rule=chosen))
            self._note(tx, who, "publish", made.id, title=made.title, agreement=made.agreement)

        self._store.write(work)
        return made

    def change(self, who: decision.Reader, activity: str, changed: Activity) -> Activity:
        """Move it, or change what it says; whoever has it in a calendar sees that. What it is stays."""
        self._check_writes(who)
        held = self._own(who, activity)
        kept = {name: getattr(held, name) for name in ("id", "nonce", "host", "agreement", "theme", "tlp", "exercise")}
        made = msgspec.structs.replace(_whole_seconds(changed), version=held.version + 1, **kept)
        self._store.write(partial(self._change, who=who, made=made))
        return made

    def cancel(self, who: decision.Reader, activity: str, why: str) -> Activity:
        """It does not take place; Damaged without a reason, which goes to everybody."""
        self._check_writes(who)
        if not why.strip():
            raise Damaged("It is not said why.", remedy="Say why in a sentence.", code="no-text")
        held = self._own(who, activity)
        made = msgspec.structs.replace(held, version=held.version + 1, state=ItsState.CANCELLED, why=why.strip())
        self._store.write(partial(self._change, who=who, made=made))
        return made

    def list_activities(self, who: decision.Reader) -> list[Activity]:
        """The newest versions that `who` may see, the next to begin first, those that are over last."""
        eyes, now = self._eyes(who), self._clock()
        found: dict[str, Activity] = {}
        with self._store.read() as reader:
            for each in rows.list_seen(reader, eyes, Sort.ACTIVITY):
                found[each.about] = wire.read_activity(each.body, each.agreement)
        return sorted(found.values(), key=lambda each: (each.ends <= now, abs(each.starts - now), each.id))

    def picture(self, who: decision.Reader, activity: str) -> Picture:
        """An activity with everybody of whom `who` may know; Unknown where they may not see it.

        Who builds capacity sees all names that came here, everybody else sees their own.
        """
        made = self._seen(who, activity)
        if self.may_write(who):
            return made
        with self._store.read() as reader:
            mine = {each.id for each in records.list_nominees(reader, self._people.home_id, who.name or "-")}
        own = [each for each in made.seats if each.party == self._people.home_id and each.person.id in mine]
        return Picture(activity=made.activity, seats=tuple(own))

    def _seen(self, who: decision.Reader, activity: str) -> Picture:
        """As far as labels go, with names: for counts, and for what `picture` narrows."""
        eyes = self._eyes(who)
        with self._store.read() as reader:
            made = folded(rows.list_seen(reader, eyes, Sort.ACTIVITY, Sort.NOMINATION, Sort.SEATS, about=activity))
        if made is None:
            raise _unknown()
        return made

    def state_needs(self, who: decision.Reader, wishes: Sequence[Wish]) -> WishList:
        """All that we need and offer now, told under each agreement that covers nominations."""
        self._check_writes(who)
        home = self._people.home_id

        def work(tx: Tx) -> WishList:
            version = rows.newest_version(tx, Sort.NEEDS, author=home, party=home) + 1
            made = WishList(party=home, version=version, wishes=tuple(wishes))
            raw = wire.write_wishes(made)
            wire.read_wishes(raw)
            for standing in self.agreed(tx):
                self._say(
                    tx,
                    Sort.NEEDS,
                    raw,
                    agreement=standing.agreement,
                    party=home,
                    version=version,
                    by=who.name,
                    tlp=TLP.GREEN,
                )
            self._note(tx, who, "needs", home, wishes=len(made.wishes))
            return made

        if not self.agreed():
            raise _not_agreed()
        return self._store.write(work)

    def needs(self, who: decision.Reader) -> dict[str, WishList]:
        """Party -> what it needs and offers, as far as `who` may see."""
        eyes = self._eyes(who)
        with self._store.read() as reader:
            return {each.party: wire.read_wishes(each.body) for each in rows.list_seen(reader, eyes, Sort.NEEDS)}

    def _own(self, who: decision.Reader, activity: str) -> Activity:
        held = self.picture(who, activity).activity
        if not self._hosts(held):
            raise Refused("Another party hosts it.", f"It is {held.host}'s.", "Ask them.", code="not-host")
        if held.state is ItsState.CANCELLED:
            raise Refused("It does not take place.", held.why, code="cancelled")
        return held

    def _speak(self, tx: Tx, who: decision.Reader, made: Activity) -> None:
        if problem := wire.problem_of(made):
            raise Damaged("The activity cannot be kept.", f"In it, {problem}.", "Put it right.", code="bad-activity")
        raw = wire.write_activity(made)
        wire.read_activity(raw)
        self._say(
            tx,
            Sort.ACTIVITY,
            raw,
            agreement=made.agreement,
            about=made.id,
            version=made.version,
            by=who.name,
            tlp=made.tlp,
        )

    def _change(self, tx: Tx, who: decision.Reader, made: Activity) -> None:
        held = rows.newest_version(tx, Sort.ACTIVITY, author=made.host, about=made.id)
        if held != made.version - 1:
            raise Refused(
                "Somebody else has changed it meanwhile.", remedy="Look at it again.", code="changed-meanwhile"
            )
        self._speak(tx, who, made)
        action = "cancel" if made.state is ItsState.CANCELLED else "change"
        self._note(tx, who, action, made.id, version=made.version)

    def _agreed(self, agreement: str) -> Standing:
        for each in self.agreed():
            if each.agreement == agreement:
                return each
        raise _not_agreed()


def folded(kept: Sequence[Kept]) -> Picture | None:
    """What the messages of an activity come to, in whichever order they came; None before the activity itself."""
    activity = newest(wire.read_activity(each.body, each.agreement) for each in kept if each.sort is Sort.ACTIVITY)
    if activity is None:
        return None
    # Whoever is not of its agreement takes no seat by another agreement with its host.
    under = [each for each in kept if each.agreement == activity.agreement]
    nominations = [wire.read_nomination(each.body) for each in under if each.sort is Sort.NOMINATION]
    plans = [wire.read_seats(each.body) for each in under if each.sort is Sort.SEATS and each.author == activity.host]
    return fold(activity, nominations, plans)


def _whole_seconds(activity: Activity) -> Activity:
    times = {name: getattr(activity, name) // SECOND * SECOND for name in ("starts", "ends", "deadline")}
    return msgspec.structs.replace(activity, **times)


def _unknown() -> Unknown:
    return Unknown(
        "No such activity is known here.",
        "There is none by that id, or you may not see it.",
        "Look at the list.",
        code="unknown-activity",
    )


def _not_agreed() -> Refused:
    return Refused(
        "No agreement that runs covers this.",
        "Nominations are not among its kinds of information.",
        "Amend the agreement, or choose another one.",
        code="not-agreed",
    )
