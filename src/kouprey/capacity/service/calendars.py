"""Calendars by secret addresses, and how capacity works under an agreement, in counts."""

from __future__ import annotations

from kouprey.capacity.model import Attendance, ItsState, Measures, Picture, SeatState, Sort
from kouprey.capacity.rules.badges import mean_gain
from kouprey.capacity.service.checking import Checking
from kouprey.capacity.store import messages as rows
from kouprey.capacity.store import records
from kouprey.capacity.wire.calendar import Dated
from kouprey.capacity.wire.messages import days_of
from kouprey.kernel.seal.keys import token, token_hash
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Unknown
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP


class Capacity(Checking):
    """All verbs of capacity: the front door of other capabilities and of doors."""

    def open_feed(self, who: decision.Reader, *, whole: bool = False) -> str:
        """The secret of one's own calendar, or of the whole party's; shown once, the one before opens nothing more."""
        self._eyes(who)
        if whole:
            self._check_writes(who)
        secret = token()

        def work(tx: Tx) -> None:
            records.add_feed(tx, token_hash(secret), "" if whole else who.name, self._clock())
            self._note(tx, who, "feed", "party" if whole else who.name)

        self._store.write(work)
        return secret

    def feed(self, secret: str) -> tuple[str, list[Dated]]:
        """Whose calendar it is (a person's id, "" = the party's), and what stands in it.

        A calendar lies with whoever hosts the phone's: that of the party holds nothing above GREEN. Unknown for an
        address that opens nothing, or no more.
        """
        with self._store.read() as reader:
            person = records.find_feed(reader, token_hash(secret)) if len(secret) < 100 else None
        if person is None:
            raise Unknown("This calendar is not open.", "", "Make a new address.", code="unknown-feed")
        if not person:
            eyes = decision.Reader(party=self._people.home_id, clearance=TLP.GREEN, local=True)
            return "", [Dated(activity=each, changed=self._changed(each.id)) for each in self.list_activities(eyes)]
        held = next((each for each in self._people.list_persons() if each.id == person and each.active), None)
        if held is None:
            raise Unknown("This calendar is not open.", "", "Make a new address.", code="unknown-feed")
        return person, self.dated(self._people.reader_of(held))

    def dated(self, who: decision.Reader) -> list[Dated]:
        """Activities that somebody is nominated for, each with their seat."""
        return [
            Dated(activity=each.activity, changed=self._changed(each.activity.id), seat=each.seats[0])
            for each in self.own_seats(who)
        ]

    def measures(self, who: decision.Reader, agreement: str) -> Measures:
        """How what we host under an agreement works, as far as `who` may see it: counts, and nobody's name."""
        home, now = self._people.home_id, self._clock()
        hosted = [each for each in self.list_activities(who) if each.agreement == agreement and each.host == home]
        pictures = [self._seen(who, each.id) for each in hosted if each.state is ItsState.OPEN]
        standing = self._agreements.get_standing(agreement)
        offered = sum(each.activity.seats for each in pictures) * len(standing.parties)
        used = sum(len(each.of(SeatState.CONFIRMED)) for each in pictures)
        with self._store.read() as reader:
            finished = sum(_finished(each, records.list_attendance(reader, each.activity.id)) for each in pictures)
            outcomes = [one for each in pictures for one in records.list_outcomes(reader, each.activity.id)]
            due = [
                one
                for each in pictures
                for one in records.list_follow_ups(reader, each.activity.id)
                if one.due <= now or one.done_at
            ]
        gain, measured = mean_gain(outcomes)
        return Measures(
            agreement=agreement,
            offered=offered,
            used=used,
            finished=finished,
            gain=gain,
            measured=measured,
            due=len(due),
            on_time=sum(bool(one.done_at) and one.done_at <= one.due for one in due),
        )

    def _changed(self, activity: str) -> Instant:
        with self._store.read() as reader:
            kept = rows.list_of(reader, activity, Sort.ACTIVITY, Sort.NOMINATION, Sort.SEATS)
        return max((each.came_at for each in kept), default=0)


def _finished(picture: Picture, attended: list[Attendance]) -> int:
    """How many were there on every day."""
    days = set(days_of(picture.activity))
    present: dict[tuple[str, str], set[str]] = {}
    for each in attended:
        present.setdefault((each.party, each.nominee), set()).add(each.day)
    return sum(days <= each for each in present.values())
