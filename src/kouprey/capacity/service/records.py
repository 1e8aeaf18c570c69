"""What this node keeps of activities it hosts, and what people of ours hold."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kouprey.capacity.model import (
    Activity,
    Attendance,
    CpdEntry,
    CpdRule,
    CpdScheme,
    FollowUp,
    Outcome,
    Picture,
    SeatState,
)
from kouprey.capacity.rules.cpd import entry
from kouprey.capacity.service.programmes import Programmes, code
from kouprey.capacity.store import records
from kouprey.capacity.wire.messages import days_of
from kouprey.capacity.wire.tables import read_marks, schemes
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Refused, Unknown
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.time import Instant

QUESTIONS = 5
"""Of feedback; each is answered by 1 to 5."""
LONGEST = 300


class Records(Programmes):
    """Verbs about what has happened. Attendance is never a certificate, and ours never another body's."""

    # who was there

    def rooms(self, who: decision.Reader, activity: str) -> dict[str, str]:
        """Day -> the code to show in the room; made when it is first asked for."""
        self._check_writes(who)
        held = self._own(who, activity)

        def work(tx: Tx) -> dict[str, str]:
            for day in days_of(held):
                records.add_room(tx, activity, day, code(10))
            return records.list_rooms(tx, activity)

        with self._store.read() as reader:
            known = records.list_rooms(reader, activity)
        return (
            {day: known[day] for day in days_of(held)}
            if set(days_of(held)) <= known.keys()
            else self._store.write(work)
        )

    def room(self, room: str) -> tuple[Activity, str]:
        """The activity and the day of a room's code, for whoever stands in it; Unknown for another code."""
        with self._store.read() as reader:
            found = records.find_room(reader, room.strip().upper()) if len(room) < 40 else None
            made = None if found is None else self._whole(reader, found[0])
        if found is None or made is None:
            raise Unknown("No room has this code.", "", "Read it from the screen in the room.", code="unknown-room")
        return made.activity, found[1]

    def check_in(self, room: str, seat: str) -> bool:
        """Somebody who has a seat says that they are there, by the room's code and their own; False when they had."""
        activity, day = self.room(room)
        return self._store.write(
            lambda tx: self._mark(tx, activity.id, seat, day, how="code", by="self", at=self._clock())
        )

    def mark(self, who: decision.Reader, activity: str, seat: str, day: str) -> bool:
        """Somebody of ours marks a person, by the code of their seat; False when they were marked already."""
        self._check_writes(who)
        self._own(who, activity)

        def work(tx: Tx) -> bool:
            done = self._mark(tx, activity, seat, day, how="hand", by=who.name, at=self._clock())
            if done:
                self._note(tx, who, "attend", activity, day=day, marked=1)
            return done

        return self._store.write(work)

    def take_list(self, who: decision.Reader, activity: str, text: str) -> tuple[int, int]:
        """A list kept without a network: how many lines are new, and how many were here. All of it or nothing."""
        self._check_writes(who)
        self._own(who, activity)
        lines = read_marks(text)

        def work(tx: Tx) -> tuple[int, int]:
            new = 0
            for each in lines:
                try:
                    new += self._mark(tx, activity, each.code, each.day, how="list", by=each.by, at=each.at)
                except Unknown as error:
                    raise Damaged(
                        f"Line {each.line}: {error.what}", error.why, error.remedy, code="bad-list"
                    ) from error
            self._note(tx, who, "attend", activity, lines=len(lines), marked=new)
            return new, len(lines) - new

        return self._store.write(work)

    def attendance(self, who: decision.Reader, activity: str) -> list[Attendance]:
        """Who was there on which day, and who says so: all for who builds capacity, else one's own."""
        picture = self.picture(who, activity)
        seen = {(each.party, each.person.id) for each in picture.seats}
        with self._store.read() as reader:
            found = records.list_attendance(reader, activity)
        return [each for each in found if self.may_write(who) or (each.party, each.nominee) in seen]

    def _mark(self, tx: Tx, activity: str, seat: str, day: str, *, how: str, by: str, at: Instant) -> bool:
        picture = self._whole(tx, activity)
        held = None
        if picture is not None:
            wanted = seat.strip().upper()
            confirmed = picture.of(SeatState.CONFIRMED)
            held = next((each for each in confirmed if each.code and each.code == wanted), None)
        if picture is None or held is None:
            raise Unknown(
                "Nobody with a seat has this code.",
                "It stands in their calendar and on the list of seats.",
                "Type all of it: 8 letters and digits.",
                code="unknown-seat",
            )
        if day not in days_of(picture.activity):
            raise Unknown(
                "It does not take place on that day.", day[:20], "Choose one of its days.", code="unknown-day"
            )
        made = Attendance(
            activity=activity,
            party=held.party,
            nominee=held.person.id,
            day=day,
            how=how,
            marked_by=by,
            marked_at=at,
            came_at=self._clock(),
        )
        return records.add_attendance(tx, made)

    # what came of it

    def assess(
        self,
        who: decision.Reader,
        activity: str,
        party: str,
        nominee: str,
        *,
        pre: int = -1,
        post: int = -1,
        feedback: Sequence[int] = (),
    ) -> Outcome:
        """Scores before and after (0 to 100, -1 for none), and the five answers of feedback (1 to 5)."""
        self._check_writes(who)
        self._own(who, activity)
        if not all(-1 <= each <= 100 for each in (pre, post)):
            raise Damaged("A score is out of bounds.", "It is 0 to 100.", "Put it right.", code="bad-score")
        if feedback and (len(feedback) != QUESTIONS or not all(1 <= each <= 5 for each in feedback)):
            raise Damaged("The feedback is not five answers of 1 to 5.", code="bad-feedback")
        made = Outcome(
            activity=activity,
            party=party,
            nominee=nominee,
            pre=pre,
            post=post,
            feedback=tuple(feedback),
            by=who.name,
            at=self._clock(),
        )

        def work(tx: Tx) -> Outcome:
            picture = self._whole(tx, activity)
            assert picture is not None
            if not any((each.party, each.person.id) == (party, nominee) for each in picture.of(SeatState.CONFIRMED)):
                raise Unknown("Nobody by that id has a seat.", code="unknown-nominee")
            records.save_outcome(tx, made)
            self._note(tx, who, "outcome", activity, party=party, nominee=nominee)
            return made

        return self._store.write(work)

    def outcomes(self, who: decision.Reader, activity: str) -> list[Outcome]:
        """What came of it: for who builds capacity all, else one's own."""
        picture = self.picture(who, activity)
        seen = {(each.party, each.person.id) for each in picture.seats}
        with self._store.read() as reader:
            found = records.list_outcomes(reader, activity)
        return [each for each in found if self.may_write(who) or (each.party, each.nominee) in seen]

    def close(self, who: decision.Reader, activity: str) -> list[CpdEntry]:
        """It is over: whoever was there gets points for each day, as the rule of the activity gives them."""
        self._check_writes(who)
        held = self._own(who, activity)
        if self._clock() < held.starts:
            raise Refused("It has not begun yet.", remedy="Close it when it is over.", code="not-yet")

        def work(tx: Tx) -> list[CpdEntry]:
            hosted = records.list_hosted(tx, activity)[0]
            if hosted.closed_at:
                raise Refused("It is closed already.", code="closed")
            made = self._points(tx, held, hosted.rule)
            records.save_hosted(tx, msgspec.structs.replace(hosted, closed_at=self._clock()))
            self._note(tx, who, "close", activity, points=sum(each.counted for each in made))
            return made

        return self._store.write(work)

    def closed_at(self, activity: str) -> Instant:
        """When the host closed it, 0 while it is not or elsewhere."""
        with self._store.read() as reader:
            return next((each.closed_at for each in records.list_hosted(reader, activity)), 0)

    def _points(self, tx: Tx, activity: Activity, rule: str) -> list[CpdEntry]:
        if not rule:
            return []
        scheme, found = find_rule(rule)
        days: dict[str, list[str]] = {}
        for each in records.list_attendance(tx, activity.id):
            days.setdefault(f"{each.party} {each.nominee}", []).append(each.day)
        made = []
        for holder, present in days.items():
            units = len(present) if found.unit == "day" else 1
            one = entry(
                scheme,
                found,
                records.list_cpd(tx, holder),
                holder=holder,
                activity=activity.id,
                day=max(present),
                units=units,
                at=self._clock(),
            )
            if records.add_cpd(tx, one):
                made.append(one)
        return made

    def points_of(self, who: decision.Reader, activity: str) -> list[CpdEntry]:
        """Points that an activity has given: for who builds capacity all, else one's own."""
        seen = {f"{each.party} {each.person.id}" for each in self.picture(who, activity).seats}
        with self._store.read() as reader:
            found = records.list_cpd(reader, activity=activity)
        return [each for each in found if self.may_write(who) or each.holder in seen]

    # what is done next

    def follow_up(self, who: decision.Reader, activity: str, text: str, owner: str, due: Instant) -> FollowUp:
        """What is to be done after an activity, by whom and until when."""
        self._check_writes(who)
        self.picture(who, activity)
        if not text.strip() or not owner.strip() or max(len(text), len(owner)) > LONGEST:
            raise Damaged("A follow-up has a text and an owner.", remedy="Write both.", code="bad-follow-up")
        made = FollowUp(
            id=new_id("fup"),
            activity=activity,
            text=text.strip(),
            owner=owner.strip(),
            due=due,
            made_by=who.name,
            made_at=self._clock(),
        )

        def work(tx: Tx) -> FollowUp:
            records.add_follow_up(tx, made)
            self._note(tx, who, "follow-up", activity, id=made.id)
            return made

        return self._store.write(work)

    def follow_ups(self, who: decision.Reader, activity: str) -> list[FollowUp]:
        """Of an activity that `who` may see, what is due first."""
        self.picture(who, activity)
        with self._store.read() as reader:
            return records.list_follow_ups(reader, activity)

    def end_follow_up(self, who: decision.Reader, activity: str, follow_up: str, *, done: bool = True) -> None:
        """It is done, or open again."""
        self._check_writes(who)
        if follow_up not in {each.id for each in self.follow_ups(who, activity)}:
            raise Unknown("There is no such follow-up.", code="unknown-follow-up")

        def work(tx: Tx) -> None:
            records.end_follow_up(tx, follow_up, who.name if done else "", self._clock() if done else 0)
            self._note(tx, who, "follow-up-done" if done else "follow-up", activity, id=follow_up)

        self._store.write(work)

    def own_seats(self, who: decision.Reader) -> list[Picture]:
        """Activities that somebody of ours is nominated for, with their own seat alone."""
        narrow = msgspec.structs.replace(who, roles=()) if who.name != "operator" else who
        pictures = [self.picture(narrow, each.id) for each in self.list_activities(who)]
        return [each for each in pictures if each.seats]


def find_rule(rule: str) -> tuple[CpdScheme, CpdRule]:
    """A rule by `scheme/rule`; Damaged for one that is not known."""
    scheme, _, name = rule.partition("/")
    found = schemes().get(scheme)
    for each in found.rules if found is not None else ():
        if each.id == name:
            assert found is not None
            return found, each
    raise Damaged("There is no such rule of points.", rule[:60], "Choose one from the list.", code="bad-rule")
