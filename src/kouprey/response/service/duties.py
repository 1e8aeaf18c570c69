"""Legal clocks: a regime is begun on a case, stopped and let go on, and what its clocks have reached is told once."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec

from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.time import Clock, Instant, format_second, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.service import People
from kouprey.response.model.cases import Act, Case, Moment, Track
from kouprey.response.model.duties import Duty, DutyLine, Report, Tally
from kouprey.response.model.regimes import Regime
from kouprey.response.rules.duties import ON, reports_of, standing
from kouprey.response.rules.owing import reached
from kouprey.response.service.casefiles import AHEAD, Opened
from kouprey.response.service.cases import Cases
from kouprey.response.store import cases as files
from kouprey.response.store import duties as rows
from kouprey.response.store.duties import STATES, Sought
from kouprey.response.wire.regimes import of_node, shipped

PAGE = 50
COUNTED = 1_000
"""Up to which reports are counted for a list."""
LONGEST_WHY = 2_000
_log = logging.getLogger(__name__)


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A duty as somebody sees it: its case, its reports in their order, and whether they write on its track."""

    opened: Opened
    duty: Duty
    reports: tuple[Report, ...]
    writes: bool
    now: Instant

    @property
    def lines(self) -> tuple[DutyLine, ...]:
        """Its reports, each with where it stands."""
        return tuple(_line(self.opened.case, self.duty, each, self.now) for each in self.reports)


class DutyKeeping:
    """Verbs about duties themselves. Who sees the case and reads the track sees the duty."""

    def __init__(self, store: Store, people: People, cases: Cases, folder: Path, clock: Clock = wall_clock) -> None:
        self._store = store
        self._people = people
        self._cases = cases
        self._folder = folder
        self._clock = clock

    def now(self) -> Instant:
        """By this node's clock."""
        return self._clock()

    def regimes(self) -> dict[str, Regime]:
        """Those that can be begun, by key: ours, and those in the folder of the node. Damaged names a file that is not
        one."""
        return shipped() | of_node(self._folder)

    def reads(self, who: decision.Reader) -> bool:
        """Whether they see duties at all."""
        return self._cases.reads(who)

    def startable(self, opened: Opened) -> tuple[Track, ...]:
        """Tracks on which whoever has opened a case begins clocks, the first of which is taken where none is named."""
        return () if opened.case.merged_into else tuple(each for each in ON if each in opened.writes)

    def start(
        self,
        who: decision.Reader,
        case: str,
        regime: str,
        *,
        known: Moment,
        known_by: str,
        why: str,
        track: Track | None = None,
    ) -> Held:
        """A case falls under a regime since `known`. The regime is kept as it is now; later versions change nothing."""
        opened = self._cases.get(who, case)
        on = track or next(iter(self.startable(opened)), Track.TECHNICAL)
        if on not in ON:
            raise Damaged(
                "Clocks run on the legal or the technical track.", remedy="Choose one of the two.", code="bad-track"
            )
        self._cases.writable(who, case, on)
        found = self.regimes().get(regime)
        if found is None or not found.steps:
            raise Damaged("There is no such regime.", regime[:80], "Choose one of the list.", code="bad-regime")
        now = self._clock()
        if known.at > now + AHEAD or known.at <= 0:
            raise Damaged("That time has not come yet.", remedy="Write when it was known.", code="bad-moment")
        duty = Duty(
            id=new_id("duty"),
            case=opened.case.id,
            track=on,
            regime=found,
            known=known,
            known_by=_said(known_by, "Say who knew of it.", "no-person"),
            why=_said(why, "Say why the case falls under it.", "no-reason"),
            made_at=now,
            made_by=who.name,
        )
        reports = reports_of(duty)

        def work(tx: Tx) -> None:
            rows.save_duty(tx, duty)
            for each in reports:
                rows.save_report(tx, each)
            detail = {"regime": found.key, "known": format_second(known.at)}
            self._cases.note(tx, who, opened.case, Act(did="duty.start", what=duty.id, detail=detail), on)

        self._store.write(work)
        return Held(opened=opened, duty=duty, reports=reports, writes=True, now=now)

    def of_case(self, who: decision.Reader, opened: Opened) -> list[Held]:
        """Duties of a case and of those read in it, what was known first first."""
        now = self._clock()
        with self._store.read() as reader:
            duties = rows.list_duties(reader, opened.ids, opened.reads)
            reports = rows.list_reports(reader, [each.id for each in duties])
        cases = {each.id: each for each in (opened.case, *opened.merged)}
        return [
            Held(
                opened=msgspec.structs.replace(opened, case=cases[each.case]),
                duty=each,
                reports=tuple(reports[each.id]),
                writes=each.track in opened.writes,
                now=now,
            )
            for each in duties
        ]

    def get(self, who: decision.Reader, duty: str, case: str = "") -> Held:
        """One, of this case or of one read in it where `case` is said; Unknown where they may not see it."""
        with self._store.read() as reader:
            found = rows.find_duty(reader, duty, self._cases.eyes(who).tracks)
            reports = rows.list_reports(reader, [duty]) if found is not None else {}
        if found is None:
            raise _unknown_duty()
        try:
            opened = self._cases.get(who, found.case)
            around = self._cases.get(who, case) if case else opened
        except Unknown:
            raise _unknown_duty() from None
        if found.case not in around.ids:
            raise _unknown_duty()
        return Held(
            opened=opened,
            duty=found,
            reports=tuple(reports[duty]),
            # A clock runs on when its case is read in another one, so it is worked on there too.
            writes=found.track in opened.writes,
            now=self._clock(),
        )

    def versions(self, who: decision.Reader, duty: str) -> list[Duty]:
        """What it was before, the newest first."""
        held = self.get(who, duty)
        with self._store.read() as reader:
            return rows.list_duty_versions(reader, held.duty.id)

    def set_stopped(self, who: decision.Reader, duty: str, version: int, why: str, *, stopped: bool) -> Held:
        """Stop a clock, or let it go on as if it had never stood; either needs a reason, and stays written down."""
        held = self._writable(who, duty)
        if held.duty.stopped == stopped:
            raise Refused(
                "It stands already." if stopped else "It runs already.", remedy="Look at it again.", code="no-change"
            )
        because = _said(why, "Say why.", "no-reason")
        made = msgspec.structs.replace(
            held.duty,
            stopped=stopped,
            because=because,
            version=held.duty.version + 1,
            made_at=self._clock(),
            made_by=who.name,
        )

        def work(tx: Tx) -> None:
            newest = rows.find_duty(tx, duty, (held.duty.track,))
            if newest is None or newest.version != version:
                raise changed_meanwhile()
            rows.save_duty(tx, made)
            act = Act(did="duty.stop" if stopped else "duty.resume", what=duty, detail={"because": because[:200]})
            self._cases.note(tx, who, held.opened.case, act, made.track)

        self._store.write(work)
        return msgspec.structs.replace(held, duty=made)

    def list(
        self, who: decision.Reader, sought: Sought = Sought(), *, after: tuple[Instant, str] | None = None
    ) -> tuple[list[DutyLine], bool]:
        """A page of reports over all cases that they may see, what is due soonest first; whether there are more."""
        if sought.state not in STATES:
            raise Damaged("There is no such state.", remedy=f"One of {', '.join(STATES)}.", code="bad-field")
        found = self._lines(who, sought, after, PAGE + 1)
        return [*found[:PAGE]], len(found) > PAGE

    def count(self, who: decision.Reader, sought: Sought = Sought()) -> int:
        """How many there are, up to `COUNTED`."""
        with self._store.read() as reader:
            return rows.count_lines(reader, self._cases.eyes(who), sought, most=COUNTED)

    def tally(self, who: decision.Reader) -> Tally:
        """Owed, overdue, sent in time and late, and to be revised, of what they may see; exercises are left out."""
        with self._store.read() as reader:
            return rows.tally(reader, self._cases.eyes(who))

    def overdue_of(self, who: decision.Reader, cases: Sequence[str]) -> frozenset[str]:
        """Those among these cases in which a report is overdue, as far as they may see its clock."""
        with self._store.read() as reader:
            return rows.find_overdue(reader, self._cases.eyes(who), cases)

    def pressing(self, who: decision.Reader, limit: int) -> Sequence[DutyLine]:
        """Reports that are owed and of which a part of the clock was told, for whoever may see the case."""
        return self._lines(who, Sought(told=True), None, limit) if self.reads(who) else []

    def warn(self) -> int:
        """Tell of clocks that have reached half, four fifths or all of their time, once each; how many were told.

        A node that was off tells the highest alone that was reached meanwhile.
        """
        with self._store.read() as reader:
            running = rows.list_running(reader, self._clock())
        return sum(self._store.write(partial(self._warn, duty=each)) for each in running)

    def _warn(self, tx: Tx, *, duty: str) -> int:
        found, now = rows.find_duty(tx, duty, tuple(Track)), self._clock()
        if found is None or found.stopped:
            return 0
        node = decision.Reader(party=self._people.home_id, clearance=TLP.RED, local=True, name="node")
        case = files.find_case_of_node(tx, found.case)
        told = 0
        for report in rows.list_reports(tx, [duty])[duty]:
            percent = reached(report.begins, report.due, now)
            if report.first_sent or percent <= report.told:
                continue
            rows.save_report(tx, msgspec.structs.replace(report, told=percent))
            detail = {"report": report.step, "percent": str(percent)}
            self._cases.note(tx, node, case, Act(did="duty.warn", what=duty, detail=detail), found.track)
            told += 1
        return told

    def _lines(
        self, who: decision.Reader, sought: Sought, after: tuple[Instant, str] | None, limit: int
    ) -> Sequence[DutyLine]:
        eyes = self._cases.eyes(who)
        with self._store.read() as reader:
            found = rows.list_lines(reader, eyes, sought, after=after, limit=limit)
        return [_line(case, duty, report, eyes.now) for case, duty, report in found]

    def _writable(self, who: decision.Reader, duty: str, case: str = "") -> Held:
        held = self.get(who, duty, case)
        if not held.writes:
            raise Forbidden(
                "That track is not yours to write on.", "", "Ask somebody who works on it.", code="role-missing"
            )
        return held


def _line(case: Case, duty: Duty, report: Report, now: Instant) -> DutyLine:
    return DutyLine(case=case, duty=duty, report=report, standing=standing(report, stopped=duty.stopped, now=now))


def _said(text: str, remedy: str, code: str) -> str:
    """Words that have to be there; Damaged without any."""
    words = text.strip()
    if not words or len(words) > LONGEST_WHY or "\x00" in words:
        raise Damaged("Words are missing, or too many.", remedy=remedy, code=code)
    return words


def changed_meanwhile() -> Refused:
    """Somebody else was faster."""
    return Refused(
        "Somebody has changed this meanwhile.",
        "What you saw is not what stands there now.",
        "Look at it again, and write your change once more.",
        code="changed-meanwhile",
    )


def _unknown_duty() -> Unknown:
    return Unknown("There is no such duty.", "Or it is not for you.", code="unknown-duty")
