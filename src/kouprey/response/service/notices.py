"""Verbs about notices: what people are told of, what they watch, and what they want to be told."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from kouprey.agreements.service import Agreements
from kouprey.kernel.net.mail import Relay
from kouprey.kernel.storage.engine import Reader, Store, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Forbidden, Unknown
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.time import Clock, Instant, wall_clock
from kouprey.people.model import Person, Role
from kouprey.people.service import People
from kouprey.response.facts import CaseActed, ClockNeared, HandOffCame, WordGiven
from kouprey.response.model.cases import Task, TaskState, Track
from kouprey.response.model.notices import About, Choice, Hook, Notice, Often
from kouprey.response.rules.intake import is_mailbox
from kouprey.response.rules.rights import LAWFUL, sees
from kouprey.response.rules.telling import CLOCKS, LEGAL_CLOCKS, SILENT, hears, watchers
from kouprey.response.rules.tracks import readable
from kouprey.response.service.cases import Cases
from kouprey.response.store import cases as case_rows
from kouprey.response.store import notices as rows
from kouprey.response.store.notices import Eyes

PAGE = 50
COUNTED = 100
"""Up to which unread notices are counted."""


class Notices:
    """Notices of our own people. What stands behind one is asked anew whenever it is read."""

    def __init__(
        self,
        store: Store,
        people: People,
        agreements: Agreements,
        cases: Cases,
        relay: Callable[[], Relay | None] = lambda: None,
        clock: Clock = wall_clock,
        *,
        origin: str = "",
        hook: Callable[[], Hook | None] = lambda: None,
    ) -> None:
        self.store = store
        self._people = people
        self._agreements = agreements
        self._cases = cases
        self.relay = relay
        self._clock = clock
        self.origin = origin
        self.hook = hook

    def list_notices(
        self, who: decision.Reader, *, unread: bool = False, before: tuple[Instant, str] | None = None
    ) -> tuple[list[Notice], bool]:
        """A page of theirs, the latest first; whether there are more. Nothing for whoever is no person of ours."""
        eyes = self.eyes(who)
        if eyes is None:
            return [], False
        with self.store.read() as reader:
            found = rows.list_notices(reader, eyes, unread=unread, before=before, limit=PAGE + 1)
        return found[:PAGE], len(found) > PAGE

    def count(self, who: decision.Reader) -> int:
        """How many wait for them unread, up to `COUNTED` of each sort of thing."""
        eyes = self.eyes(who)
        if eyes is None:
            return 0
        with self.store.read() as reader:
            return sum(rows.count_unread(reader, eyes, after=0, most=COUNTED).values())

    def pulse(self, who: decision.Reader) -> object:
        """Another value when what waits for them is another."""
        eyes = self.eyes(who)
        if eyes is None:
            return None
        with self.store.read() as reader:
            newest = rows.list_notices(reader, eyes, unread=True, before=None, limit=1)
            counted = rows.count_unread(reader, eyes, after=0, most=COUNTED)
        return sorted(counted.items()), [(each.id, each.at) for each in newest]

    def mark(self, who: decision.Reader, ids: Sequence[str] = (), *, read: bool = True) -> list[str]:
        """Mark these as read or unread, or all that wait; the ids of those that were another before."""
        person = self._person(who).id
        if not ids:
            eyes = self.eyes(who)
            assert eyes is not None
            with self.store.read() as reader:
                waiting = rows.list_notices(reader, eyes, unread=True, before=None, limit=2 * COUNTED)
            ids = [each.id for each in waiting] if read else []
        now = self._clock()

        def work(tx: Tx) -> list[str]:
            return [each for each in ids if rows.set_read(tx, person, [each], now if read else 0)]

        return self.store.write(work)

    def watch(self, who: decision.Reader, case: str, *, watching: bool) -> bool:
        """Be told of what changes in a case, or not any more; Unknown for one that they may not see."""
        person, held = self._person(who), self._cases.get(who, case).case
        self.store.write(lambda tx: rows.set_watching(tx, held.id, person.id, watching, self._clock()))
        return watching

    def watches(self, who: decision.Reader, case: str) -> bool:
        """Whether they are told of what changes in a case that they see."""
        held = self._cases.get(who, case).case
        with self.store.read() as reader:
            return who.name in watchers(held.lead, rows.list_watching(reader, held.id))

    def now(self) -> Instant:
        """By this node's clock."""
        return self._clock()

    def reader_of(self, person: Person) -> decision.Reader:
        """Somebody as a reader."""
        return self._people.reader_of(person)

    def is_person(self, who: decision.Reader) -> bool:
        """Whether it is somebody who signs in: programs watch nothing."""
        return self.find(who.name) is not None

    def choice(self, who: decision.Reader) -> Choice:
        """What they want to be told of."""
        person = self._person(who)
        with self.store.read() as reader:
            return rows.find_choice(reader, person.id) or Choice()

    def choose(
        self, who: decision.Reader, told: Sequence[About], often: Often, address: str, language: str = "en"
    ) -> Choice:
        """Say what they want to be told of. Mail begins with what happens from now on."""
        person, given = self._person(who), address.strip()
        if (given or often is not Often.OFF) and (len(given) > 200 or not is_mailbox(given)):
            raise Damaged("That is no mail address.", given[:100], "Write it as name@host.", code="bad-address")

        def work(tx: Tx) -> Choice:
            held = rows.find_choice(tx, person.id) or Choice()
            made = msgspec.structs.replace(
                held, told=tuple(each for each in About if each in told), often=often, address=given, language=language
            )
            if (held.often, held.address) != (often, given):
                mailed = rows.last_fact(tx, person.id)
                made = msgspec.structs.replace(made, mailed=mailed, due=self._clock(), attempts=0, error="")
            rows.save_choice(tx, person.id, made)
            return made

        return self.store.write(work)

    def on_case(self, fact: CaseActed, number: int) -> None:
        """Tell who watches the case, and whose a task has become; `number` is that of the fact."""
        if fact.did in SILENT:
            return

        kind = About.CLOCK if fact.did in CLOCKS else About.CASE
        readers = self._readers(Track(fact.track))
        with self.store.read() as reader:
            watching = watchers(rows.find_lead(reader, fact.case), rows.list_watching(reader, fact.case))
            owner = self._owner(reader, fact)

        def work(tx: Tx) -> None:
            for person in readers:
                if person.id == fact.by:
                    continue
                if person.id == owner:
                    self._tell(tx, person, About.TASK, fact.case, fact.did, number, item=fact.item, track=fact.track)
                elif person.id in watching:
                    self._tell(tx, person, kind, fact.case, fact.did, number, track=fact.track)

        self.store.write(work)

    def on_handoff(self, fact: HandOffCame, number: int) -> None:
        """Tell those whose duty it is that a partner asks, or has said something."""
        self._tell_duty(About.HANDOFF, fact.handoff, fact.kind, fact.verb, number)

    def on_clock(self, fact: ClockNeared, number: int) -> None:
        """Tell those whose duty it is that a clock nears; of what the law wants, legal officers."""
        only = LAWFUL if fact.clock in LEGAL_CLOCKS else None
        self._tell_duty(About.CLOCK, fact.handoff, fact.kind, f"{fact.clock} {fact.percent}", number, only=only)

    def on_word(self, fact: WordGiven, number: int) -> None:
        """Tell those who may give it that a second word is missing, and not whoever gave the first."""
        self._tell_duty(About.HANDOFF, fact.handoff, fact.kind, "word", number, but=fact.by)

    def _tell_duty(
        self,
        kind: About,
        handoff: str,
        asked: str,
        said: str,
        number: int,
        *,
        only: frozenset[Role] | None = None,
        but: str = "",
    ) -> None:
        persons = [
            each
            for each in self._people.list_persons()
            if each.active and each.id != but
            if (hears(each.roles, asked) if only is None else not only.isdisjoint(each.roles))
        ]

        def work(tx: Tx) -> None:
            for person in persons:
                self._tell(tx, person, kind, handoff, said, number)

        self.store.write(work)

    def _tell(
        self, tx: Tx, person: Person, kind: About, about: str, said: str, fact: int, *, item: str = "", track: str = ""
    ) -> None:
        choice = rows.find_choice(tx, person.id)
        if choice is not None and kind not in choice.told:
            return
        made = Notice(
            id=new_id("notice"),
            person=person.id,
            kind=kind,
            about=about,
            item=item,
            track=track,
            said=said,
            fact=fact,
            count=1,
            at=self._clock(),
            read_at=0,
        )
        rows.tell(tx, made)

    @staticmethod
    def _owner(reader: Reader, fact: CaseActed) -> str:
        """Whose a task has just become: of whom it is that is done or was theirs before, nobody is told."""
        versions = case_rows.list_item_versions(reader, fact.item) if fact.item else []
        if not versions or not isinstance(versions[0].body, Task) or versions[0].hidden:
            return ""
        task, before = versions[0].body, versions[1].body if len(versions) > 1 else None
        kept = isinstance(before, Task) and before.who == task.who
        return task.who if task.state in (TaskState.OPEN, TaskState.DOING) and not kept else ""

    def _readers(self, track: Track) -> Sequence[Person]:
        return [each for each in self._people.list_persons() if each.active and track in readable(each.roles)]

    def find(self, name: str) -> Person | None:
        """Somebody of ours who signs in, by id; None for programs, constituents and whoever has left."""
        try:
            found = self._people.get_person(name) if name.startswith("psn") else None
        except Unknown:
            return None
        return found if found is not None and found.active and not found.constituent else None

    def _person(self, who: decision.Reader) -> Person:
        found = self.find(who.name) if who.local else None
        if found is None:
            raise Forbidden("Notices are for people who sign in.", "", "Sign in as yourself.", code="no-person")
        return found

    def eyes(self, who: decision.Reader) -> Eyes | None:
        """What they see now, by the roles they have now; None for whoever is no person of ours."""
        person = self.find(who.name) if who.local else None
        if person is None:
            return None
        profile = self._agreements.profile(msgspec.structs.replace(who, roles=()))
        roles = tuple(map(str, person.roles))
        return Eyes(profile, self._clock(), person.id, readable(roles), bool(roles), sees(roles, "disclose"))
