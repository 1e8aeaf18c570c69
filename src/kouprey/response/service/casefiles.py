"""Verbs about whole cases: open, find, change, join, part, and whom they are named to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from kouprey.agreements.service import Agreements
from kouprey.exchange.model import ObjectView
from kouprey.exchange.service import Exchange
from kouprey.kernel.storage import audit, labels, outbox
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import SECOND, Clock, Instant, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.service import People
from kouprey.response.facts import CaseActed
from kouprey.response.model.cases import (
    MOMENTS,
    Act,
    Body,
    Case,
    CaseLine,
    Item,
    Link,
    LinkTo,
    Moment,
    Phase,
    Precision,
    Track,
)
from kouprey.response.model.taxonomy import RSIT, class_of
from kouprey.response.rules.items import happened_at, key_of, sort_of
from kouprey.response.rules.tracks import READERS, Deed, may, readable, writable
from kouprey.response.store import cases as rows
from kouprey.response.store.cases import Eyes, Wanted

PAGE = 50
COUNTED = 1_000
"""Up to which cases are counted for a list."""
MEASURED = 5_000
"""The cases that changed last, of which times are measured."""
LONGEST_TITLE, LONGEST = 200, 20_000
AHEAD = 300 * SECOND
"""How far a time may lie in the future, because clocks differ."""
CHANGEABLE = (
    "title",
    "summary",
    "kind",
    "phase",
    "type",
    "severity",
    "severity_why",
    "tlp",
    "pap",
    "cross_border",
    "sectors",
    "lead",
)
_REACHED = {Phase.ANALYSED: "acknowledged", Phase.CONTAINED: "contained", Phase.RECOVERED: "recovered"}
"""The moment that a phase stands for, where nobody has said another."""

Also = Callable[[Tx], object]


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A case as somebody sees it: which tracks they read and write, what they may do to it, and what is read in it.

    `into` is the number of the case in which it is read, 0 for one that stands by itself, or in one they do not see.
    """

    case: Case
    reads: tuple[Track, ...]
    writes: tuple[Track, ...]
    may: tuple[Deed, ...]
    merged: tuple[Case, ...]
    into: int
    members: tuple[str, ...]

    @property
    def ids(self) -> list[str]:
        """The case, and those that are read in it."""
        return [self.case.id, *(each.id for each in self.merged)]


class CaseFiles:
    """Verbs about whole cases. Nothing of a case leaves this node by itself."""

    def __init__(
        self, store: Store, people: People, agreements: Agreements, exchange: Exchange, clock: Clock = wall_clock
    ) -> None:
        self._store = store
        self._people = people
        self._agreements = agreements
        self._exchange = exchange
        self._clock = clock

    def now(self) -> Instant:
        """By this node's clock."""
        return self._clock()

    def may_open(self, who: decision.Reader) -> bool:
        """Whether they open cases."""
        return who.local and (_is_operator(who) or may(who.roles, Deed.OPEN))

    def reads(self, who: decision.Reader) -> bool:
        """Whether they see cases at all: whoever keeps the node, its people or its audit sees none."""
        return who.local and (_is_operator(who) or not READERS.isdisjoint(who.roles))

    @staticmethod
    def first_track(who: decision.Reader) -> Track:
        """Where they write when they do not say: the legal officer's words are no analyst's to read."""
        return next(iter(writable(who.roles)), Track.TECHNICAL)

    def open(
        self,
        who: decision.Reader,
        title: str,
        *,
        summary: str = "",
        track: Track | None = None,
        bodies: Sequence[Body] = (),
        also: Callable[[Tx, Case], object] = lambda tx, case: None,
        **given: Any,
    ) -> Case:
        """Begin one; `given` are fields of `Case`, `bodies` what stands in it from the start, on one track:
        the first that they write on, where none is named.

        `also` is done in the same step, or nothing is.
        """
        self._check_local(who)
        if not self.may_open(who):
            raise Forbidden("Cases are opened by analysts, duty officers, leads and liaison.", code="role-missing")
        now = self._clock()
        case = Case(id=new_id("case"), number=0, title=title.strip(), summary=summary.strip(), opened_at=now, **given)
        if case.exercise != who.exercise:
            case = msgspec.structs.replace(case, exercise=who.exercise)
        moments = {"reported": Moment(now, 0, Precision.SECOND), **case.moments}
        case = self._checked(msgspec.structs.replace(case, changed_at=now, moments=moments), who)
        on = track or self.first_track(who)
        if bodies:
            self._check_track(who, on)
            self._check_floor(who, case, bodies)

        def work(tx: Tx) -> Case:
            made = msgspec.structs.replace(case, number=rows.next_number(tx))
            rows.save_case(tx, made, self._label_set(tx, made), who.name)
            self._act(tx, who, made, Act(did="case.open", detail={"from": made.origin} if made.origin else {}))
            for body in bodies:
                self._put(tx, made, on, body, who)
            also(tx, made)
            return made

        return self._store.write(work)

    def list_cases(
        self, who: decision.Reader, wanted: Wanted = Wanted(), *, before: tuple[Instant, str] | None = None
    ) -> tuple[list[CaseLine], bool]:
        """A page of those they may see, what changed last first; whether there are more."""
        eyes = self.eyes(who)
        with self._store.read() as reader:
            found = rows.list_cases(reader, eyes, wanted, before=before, limit=PAGE + 1)
            tasks = rows.count_open(reader, [each.id for each in found], eyes.tracks)
        return [CaseLine(case=each, tasks=tasks.get(each.id, 0)) for each in found[:PAGE]], len(found) > PAGE

    def count(self, who: decision.Reader, wanted: Wanted = Wanted()) -> int:
        """How many there are, up to `COUNTED`."""
        with self._store.read() as reader:
            return rows.count_cases(reader, self.eyes(who), wanted, most=COUNTED)

    def get(self, who: decision.Reader, case: str) -> Opened:
        """By its id or its number; Unknown where there is none that they may see."""
        eyes = self.eyes(who)
        with self._store.read() as reader:
            found = rows.find_case(reader, case, eyes)
            if found is None:
                raise Unknown(
                    "There is no such case.", "Or it is not for you.", "Look at the list.", code="unknown-case"
                )
            merged = tuple(rows.list_merged(reader, eyes, found.id))
            into = rows.find_case(reader, found.merged_into, eyes) if found.merged_into else None
            members = tuple(rows.list_members(reader, found.id)) if found.named else ()
        every = _is_operator(who)
        return Opened(
            case=found,
            reads=eyes.tracks,
            writes=tuple(Track) if every else writable(who.roles),
            may=tuple(deed for deed in Deed if every or may(who.roles, deed)),
            merged=merged,
            into=into.number if into is not None else 0,
            members=members,
        )

    def list_versions(self, who: decision.Reader, case: str) -> list[tuple[Case, str]]:
        """Every version with who wrote it, the newest first."""
        found = self.get(who, case).case
        with self._store.read() as reader:
            return rows.list_versions(reader, found.id)

    def change(
        self, who: decision.Reader, case: str, version: int, also: Also = lambda tx: None, **changes: Any
    ) -> Case:
        """A new version; `version` is the one that was looked at. Refused when somebody wrote another meanwhile.

        A phase that is reached sets its moment where nobody has said one. What is closed is opened again by a phase.
        `also` is done in the same step, or nothing is.
        """
        opened = self.get(who, case)
        self._check_may(opened, Deed.CHANGE)
        if unknown := set(changes) - {*CHANGEABLE, "moments"}:
            raise Damaged("That cannot be changed.", ", ".join(sorted(unknown)), code="bad-field")
        held, now = opened.case, self._clock()
        phase = changes.get("phase", held.phase)
        if phase != held.phase and Phase.CLOSED in (phase, held.phase):
            self._check_may(opened, Deed.CLOSE)
        moments = {**held.moments, **changes.pop("moments", {})}
        reached = "closed" if phase is Phase.CLOSED else _REACHED.get(phase, "")
        if reached and phase != held.phase:
            moments.setdefault(reached, Moment(now, 0, Precision.SECOND))
        if held.phase is Phase.CLOSED and phase is not Phase.CLOSED:
            moments.pop("closed", None)
        made = self._checked(msgspec.structs.replace(held, **changes, moments=moments), who)
        if made.tlp < held.tlp:
            self._check_floor(who, made, self._links_of(held))
        return self._version(who, held, made, version, "case.change", also=also)

    def eyes(self, who: decision.Reader) -> Eyes:
        """What they see of cases; Forbidden for whoever sees none."""
        self._check_local(who)
        every = _is_operator(who)
        if not self.reads(who):
            raise Forbidden("Cases are for those who work on them.", "", "Ask a lead.", code="role-missing")
        # What is seen by label follows from the clearance alone, so profiles do not multiply by roles.
        profile = self._agreements.profile(msgspec.structs.replace(who, roles=()))
        tracks = tuple(Track) if every else readable(who.roles)
        return Eyes(profile, self._clock(), who.name, tracks, every)

    def _version(
        self,
        who: decision.Reader,
        held: Case,
        made: Case,
        version: int,
        did: str,
        detail: dict[str, str] | None = None,
        members: set[str] | None = None,
        also: Also = lambda tx: None,
    ) -> Case:
        """Keep it with its act and whatever is done `also`, all or nothing."""
        eyes = self.eyes(who)
        changed = msgspec.structs.replace(made, version=held.version + 1, changed_at=self._clock())
        told = detail or _differences(held, changed)

        def work(tx: Tx) -> Case:
            newest = rows.find_case(tx, held.id, eyes)
            if newest is None or newest.version != version:
                raise Refused(
                    "Somebody has changed this case meanwhile.",
                    "What you saw is not what stands there now.",
                    "Look at it again, and write your change once more.",
                    code="changed-meanwhile",
                )
            rows.save_case(tx, changed, self._label_set(tx, changed), who.name)
            if members is not None:
                rows.save_members(tx, changed.id, members)
            self._act(tx, who, changed, Act(did=did, detail=told))
            also(tx)
            return changed

        return self._store.write(work)

    def _act(self, tx: Tx, who: decision.Reader, case: Case, act: Act, track: Track = Track.TECHNICAL) -> None:
        """Write down in the case, and in the audit, what was done; the audit has no words of it."""
        self._put(tx, case, track, act, who)
        detail: dict[str, object] = {"case": case.number, **({"item": act.what} if act.what else {})}
        audit.append(tx, at=self._clock(), actor=who.name, action=act.did, subject=case.id, detail=detail)
        outbox.record(tx, CaseActed(case=case.id, item=act.what, track=str(track), did=act.did, by=who.name))

    def _put(self, tx: Tx, case: Case, track: Track, body: Body, who: decision.Reader) -> Item:
        now = self._clock()
        item = Item(
            id=new_id("item"),
            case=case.id,
            version=1,
            sort=sort_of(body),
            track=track,
            at=happened_at(body, now),
            made_at=now,
            made_by=who.name,
            hidden=False,
            body=body,
        )
        rows.save_item(tx, item, key_of(body))
        return item

    def _label_set(self, tx: Tx, case: Case) -> int:
        label = Label(owner=self._people.home_id, tlp=case.tlp, pap=case.pap, kind="case", exercise=case.exercise)
        return self._agreements.label_set(tx, [labels.intern_label(tx, label)])

    def _checked(self, case: Case, who: decision.Reader) -> Case:
        if not case.title or len(case.title) > LONGEST_TITLE or len(case.summary) > LONGEST:
            raise Damaged(
                "The case has no title, or too long words.",
                remedy=f"Say in at most {LONGEST_TITLE} letters what happened.",
                code="bad-title",
            )
        if (case.type and not class_of(case.type)) or (case.category and case.category not in RSIT):
            raise Damaged(
                "There is no such type of incident.", case.type[:80], "Choose one of the list.", code="bad-type"
            )
        if case.tlp > who.clearance:
            raise Refused(
                f"{case.tlp.text} is above what you are cleared for.",
                "You would not see the case yourself.",
                "Choose a lower marking, or let somebody else open it.",
                code="above-clearance",
            )
        if case.lead and case.lead not in {each.id for each in self._people.list_persons()}:
            raise Damaged("That person is not known.", remedy="Choose one of ours.", code="bad-person")
        for name, moment in case.moments.items():
            if name not in MOMENTS or not -840 <= moment.offset <= 840:
                raise Damaged("There is no such time of a case.", name[:80], code="bad-moment")
            if moment.at > self._clock() + AHEAD:
                raise Damaged("That time has not come yet.", name, "Write when it was.", code="bad-moment")
        return msgspec.structs.replace(case, category=class_of(case.type) or case.category)

    def _check_floor(self, who: decision.Reader, case: Case, bodies: Sequence[Body]) -> None:
        """What a case tells of something else is marked no lower than that is."""
        for body in bodies:
            floor = self._floor_of(who, body)
            if floor > case.tlp:
                raise Refused(
                    f"What it leads to is {floor.text}, and the case is {case.tlp.text}.",
                    "Whoever sees the case would learn of what is marked higher.",
                    "Choose a higher marking for the case.",
                    code="above-marking",
                )

    def _floor_of(self, who: decision.Reader, body: Body) -> TLP:
        """The lowest marking of a case in which this may stand; Unknown where `who` may not see what it leads to."""
        if isinstance(body, Link) and body.to is LinkTo.OBJECT:
            return tlp_of(self._exchange.get_object(who, body.ref))
        return TLP.CLEAR

    def _links_of(self, case: Case) -> list[Body]:
        """Everything that the case leads to, on whatever track, also what is out of sight."""
        with self._store.read() as reader:
            return [item.body for item in rows.list_links(reader, case.id)]

    def _check_track(self, who: decision.Reader, track: Track) -> None:
        if not _is_operator(who) and track not in writable(who.roles):
            raise Forbidden(
                "That track is not yours to write on.", "", "Ask somebody who works on it.", code="role-missing"
            )

    @staticmethod
    def _check_may(opened: Opened, deed: Deed) -> None:
        if deed not in opened.may:
            raise Forbidden("That is not yours to do to a case.", "", "Ask a lead.", code="role-missing")

    @staticmethod
    def _check_local(who: decision.Reader) -> None:
        if not who.local:
            raise Forbidden("This is for people of this node's own party.", code="not-local")


def tlp_of(view: ObjectView) -> TLP:
    """The marking under which the newest version of an object may be spoken of: the strictest of those who say it."""
    return max(each.label.tlp for each in view.newest.served.assertions)


def _is_operator(who: decision.Reader) -> bool:
    """Whoever has the command line, or the node itself, which takes reports in: no person, no token is called so."""
    return who.name in ("operator", "node")


def _differences(before: Case, after: Case) -> dict[str, str]:
    """What a version changes, for the history of the case: field -> what it was, and what it is."""
    told: dict[str, str] = {}
    for name in CHANGEABLE:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            told[name] = "changed" if name == "summary" else f"{_word(old)} → {_word(new)}"
    for name in MOMENTS:
        if before.moments.get(name) != after.moments.get(name):
            told[name] = "set"
    return told


def _word(value: object) -> str:
    if isinstance(value, TLP):
        return value.text
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)[:LONGEST_TITLE]
