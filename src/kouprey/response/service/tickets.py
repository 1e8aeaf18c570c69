"""Cases and their tickets at RTIR: told of phases, read back, loop-free, and taken up again after an outage."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import msgspec

from kouprey.kernel.net.fetch import Fetcher
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, KoupreyError, Refused, Unknown, Unreachable
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.time import SECOND, Clock, Instant, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.service import People
from kouprey.response.model.cases import Act, Case, Link, LinkTo, Track
from kouprey.response.model.tickets import Clash, Desk, Happened, Ticket
from kouprey.response.rules.ticketing import LOOK_AGAIN, check_leaves, clash_of, leaves, title_for, wait
from kouprey.response.service.casefiles import Opened
from kouprey.response.service.cases import Cases
from kouprey.response.store import cases as files
from kouprey.response.store import tickets as rows
from kouprey.response.wire import rt

ON = Track.TECHNICAL
"""The track on which tickets stand; whoever does not read it sees none."""
AT_ONCE = 50
MOST_ACTS = 500
"""Transactions of one look that become acts; the others follow with the next one."""
LEASE: Instant = 120 * SECOND
_OURS = "kpy-"
"""How the subject of whatever we write there begins: it is not taken back as news."""
_log = logging.getLogger(__name__)


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket with what contradicts between it and its case; `left`: somebody has left that as it is."""

    ticket: Ticket
    clash: Clash
    left: bool


class Tickets:
    """Verbs about tickets at RTIR, and the job that keeps both sides informed."""

    def __init__(
        self,
        store: Store,
        people: People,
        cases: Cases,
        desk: Callable[[], Desk | None] = lambda: None,
        clock: Clock = wall_clock,
        *,
        fetcher: Fetcher | None = None,
    ) -> None:
        self._store = store
        self._people = people
        self._cases = cases
        self.desk = desk
        self._clock = clock
        # The administrator has named the address, which usually is inside.
        self._fetcher = fetcher or Fetcher(allow_private=True, cap=rt.LARGEST)

    def list_tickets(self, who: decision.Reader, opened: Opened) -> list[Shown]:
        """The tickets of a case and of those read in it, for whoever reads their track."""
        if ON not in opened.reads:
            return []
        with self._store.read() as reader:
            found = rows.list_of_cases(reader, opened.ids)
        cases = {each.id: each for each in (opened.case, *opened.merged)}
        return [_shown(each, cases[each.case]) for each in found if each.followed]

    def list_all(self, who: decision.Reader, limit: int = 200) -> list[tuple[Shown, Case]]:
        """Those of all cases that they see, what changed last first; nothing for whoever does not read the track."""
        eyes = self._cases.eyes(who)
        if ON not in eyes.tracks:
            return []
        with self._store.read() as reader:
            found = rows.list_seen(reader, eyes, limit=limit)
        return [(_shown(ticket, case), case) for ticket, case in found]

    def id_of(self, who: decision.Reader, case: str, number: str) -> str:
        """The ticket of a case by its number there, for whoever writes on its track."""
        opened = self._cases.writable(who, case, ON)
        found = [each.ticket.id for each in self.list_tickets(who, opened) if each.ticket.ticket == number.lstrip("#")]
        if not found:
            raise Unknown("There is no such ticket of this case.", remedy="Look at the case.", code="unknown-ticket")
        return found[0]

    def make(self, who: decision.Reader, case: str) -> Ticket:
        """Have a ticket made for a case; the node does it at once, or when RTIR is back."""
        opened, desk = self._cases.writable(who, case, ON), self._desk()
        check_leaves(opened.case, desk)
        self._check_none(opened)
        made = self._new(who, opened.case)

        def work(tx: Tx) -> None:
            rows.save(tx, made)
            self._cases.note(tx, who, opened.case, Act(did="ticket.link", detail={"ticket": "new"}), ON)

        self._store.write(work)
        return made

    def tie(self, who: decision.Reader, case: str, number: str) -> Ticket:
        """Tie a ticket to a case that is there already, by its number; what was in it before is not taken over."""
        opened, desk = self._cases.writable(who, case, ON), self._desk()
        check_leaves(opened.case, desk)
        text = number.strip().lstrip("#")
        if not text.isascii() or not text.isdecimal() or not 0 < int(text) < 1 << 53:
            raise Damaged("That is no number of a ticket.", number[:40], "Write it as 4711.", code="bad-ticket")
        self._check_none(opened, str(int(text)))
        made = msgspec.structs.replace(
            self._new(who, opened.case), ticket=str(int(text)), told=str(opened.case.phase), last=-1
        )

        def also(tx: Tx, held: Case) -> None:
            rows.save(tx, made)
            self._cases.note(tx, who, held, Act(did="ticket.link", detail={"ticket": made.ticket}), ON)

        self._cases.add_all(who, opened.case.id, ON, [_link(made.ticket)], also)
        return made

    def let_go(self, who: decision.Reader, case: str, ticket: str) -> Ticket:
        """Follow it no longer: RTIR is told nothing more, and nothing is taken back. The ticket there stays."""
        return self._change(who, case, ticket, "ticket.let-go", lambda held, _: {"followed": False})

    def settle(self, who: decision.Reader, case: str, ticket: str) -> Ticket:
        """Leave a contradiction as it is: it is shown again once either side has moved."""
        return self._change(who, case, ticket, "ticket.settle", lambda held, at: {"settled": clash_of(at, held)[1]})

    def look(self, who: decision.Reader, case: str, ticket: str) -> Ticket:
        """Look at RTIR now, and not when it is due."""
        opened, held = self._held(who, case, ticket)
        self._store.write(lambda tx: rows.save(tx, msgspec.structs.replace(_again(tx, held), due=0)))
        self._work_at(held.id)
        return self._held(who, opened.case.id, ticket)[1]

    def turn(self) -> int:
        """Tell RTIR what it does not know yet, and take back what has happened there; of how many tickets."""
        if self.desk() is None:
            return 0
        with self._store.read() as reader:
            due = rows.list_due(reader, self._clock(), limit=AT_ONCE)
        return sum(self._work_at(each.id) for each in due)

    def _work_at(self, ticket: str) -> int:
        """One ticket: what is to be told, then a look. What fails is tried again later, and keeps nothing waiting."""
        desk, now = self.desk(), self._clock()

        def lease(tx: Tx) -> Ticket | None:
            held = rows.find(tx, ticket)
            if held is None or not held.followed or held.due > now:
                return None
            rows.save(tx, msgspec.structs.replace(held, due=now + LEASE))
            return held

        held = self._store.write(lease)
        if held is None or desk is None:
            return 0
        try:
            self._tell(desk, held.id)
            self._take_back(desk, held.id)
        except KoupreyError as error:
            said = " ".join(part for part in (error.what, error.why) if part)[:300]
            _log.warning("ticket %s of RTIR: %s", held.ticket or "new", said)
            tries = held.tries + 1
            self._save(held.id, error=said, tries=tries, due=self._clock() + wait(tries - 1))
            return 0
        self._save(held.id, error="", tries=0, due=self._clock() + LOOK_AGAIN)
        return 1

    def _tell(self, desk: Desk, ticket: str) -> None:
        """What RTIR does not know yet. What is sent is marked before, so that a lost answer is no second ticket."""
        held, case = self._read(ticket)
        if not leaves(case, desk):
            return
        phase = str(case.phase)
        if not held.ticket:
            self._make(desk, held, case, phase)
        elif held.told != phase or held.op:
            self._comment(desk, held, case, phase)

    def _make(self, desk: Desk, held: Ticket, case: Case, phase: str) -> None:
        mark, number = f"{_OURS}{held.id[-12:]}", ""
        if held.op:
            path, query = rt.search(desk, mark)
            number = rt.read_found(self._ask(desk, "GET", path, query=query), mark)
        else:
            self._save(held.id, op=mark)
        if not number:
            body = rt.new_ticket(
                desk,
                party=self._people.home_id,
                number=case.number,
                phase=phase,
                title=title_for(case, desk),
                mark=mark,
            )
            number = rt.read_made(self._ask(desk, "POST", "ticket", body))

        def work(tx: Tx) -> None:
            rows.save(tx, msgspec.structs.replace(_again(tx, held), ticket=number, told=phase, op=""))
            self._cases.keep(tx, self._node(), case, _link(number), ON)
            self._cases.note(tx, self._node(), case, Act(did="ticket.made", detail={"ticket": number}), ON)

        self._store.write(work)

    def _comment(self, desk: Desk, held: Ticket, case: Case, phase: str) -> None:
        if held.op and any(each.subject == held.op for each in self._history(desk, held)):
            # It was taken, and its answer was lost.
            said = held.op.removeprefix(_OURS).partition("-")[0]
            self._told(held, case, said)
            if said == phase:
                return
        mark = f"{_OURS}{phase}-{new_id('op')[-8:]}"
        self._save(held.id, op=mark)
        body = rt.new_comment(party=self._people.home_id, number=case.number, phase=phase, mark=mark)
        self._ask(desk, "POST", f"ticket/{held.ticket}/comment", body)
        self._told(held, case, phase)

    def _told(self, held: Ticket, case: Case, phase: str) -> None:
        detail = {"ticket": held.ticket, "phase": phase}

        def work(tx: Tx) -> None:
            rows.save(tx, msgspec.structs.replace(_again(tx, held), told=phase, op=""))
            self._cases.note(tx, self._node(), case, Act(did="ticket.told", detail=detail), ON)

        self._store.write(work)

    def _take_back(self, desk: Desk, ticket: str) -> None:
        """What has happened there since, each once: what is taken and how far stand in one step."""
        held, case = self._read(ticket)
        if not held.ticket:
            return
        seen = rt.read_seen(self._ask(desk, "GET", f"ticket/{held.ticket}"))
        fresh: Sequence[Happened] = ()
        if seen.updated != held.updated or held.last <= 0:
            every = sorted(self._history(desk, held), key=lambda each: each.id)
            fresh = [each for each in every if each.id > held.last]
            if held.last < 0:
                fresh, held = (), msgspec.structs.replace(held, last=max((each.id for each in every), default=0))
        taken, more = fresh[:MOST_ACTS], len(fresh) > MOST_ACTS
        last = max((each.id for each in taken), default=held.last)
        updated = held.updated if more else seen.updated

        def work(tx: Tx) -> None:
            newest = _again(tx, held)
            if newest.last > held.last:
                return
            for each in taken:
                if (act := _act(held.ticket, each, desk)) is not None:
                    self._cases.note(tx, self._node(), case, act, ON)
            now = self._clock()
            changed = {"status": seen.status, "updated": updated, "seen_at": now, "last": last}
            rows.save(tx, msgspec.structs.replace(newest, **changed))

        self._store.write(work)

    def _history(self, desk: Desk, held: Ticket) -> list[Happened]:
        found: list[Happened] = []
        for page in range(1, rt.MOST_PAGES + 1):
            path, query = rt.history(held.ticket, page)
            items, more = rt.read_history(self._ask(desk, "GET", path, query=query))
            found += items
            if not more:
                break
        return found

    def _ask(
        self, desk: Desk, method: str, path: str, body: bytes = b"", *, query: dict[str, str] | None = None
    ) -> bytes:
        """What RTIR answers; Unreachable (`rt-refused`) where it does not do it."""
        url = rt.address(desk, path, **(query or {}))
        answer = self._fetcher.request(method, url, rt.headers(desk, body=bool(body)), body)
        if not 200 <= answer.status < 300:
            raise Unreachable(
                "RTIR has not done it.",
                rt.read_error(answer.status, answer.body),
                "Look at its address, the token, and what its user may do in that queue.",
                code="rt-refused",
            )
        return answer.body

    def _read(self, ticket: str) -> tuple[Ticket, Case]:
        with self._store.read() as reader:
            held = rows.find(reader, ticket)
            assert held is not None
            return held, files.find_case_of_node(reader, held.case)

    def _save(self, ticket: str, **changed: object) -> None:
        def work(tx: Tx) -> None:
            held = rows.find(tx, ticket)
            assert held is not None
            rows.save(tx, msgspec.structs.replace(held, **changed))

        self._store.write(work)

    def _change(
        self,
        who: decision.Reader,
        case: str,
        ticket: str,
        did: str,
        changes: Callable[[Ticket, Case], dict[str, object]],
    ) -> Ticket:
        opened, held = self._held(who, case, ticket)
        owner = next(each for each in (opened.case, *opened.merged) if each.id == held.case)

        def work(tx: Tx) -> Ticket:
            newest = _again(tx, held)
            made = msgspec.structs.replace(newest, **changes(newest, owner))
            rows.save(tx, made)
            self._cases.note(tx, who, owner, Act(did=did, detail={"ticket": held.ticket or "new"}), ON)
            return made

        return self._store.write(work)

    def _held(self, who: decision.Reader, case: str, ticket: str) -> tuple[Opened, Ticket]:
        opened = self._cases.writable(who, case, ON)
        with self._store.read() as reader:
            found = rows.find(reader, ticket)
        if found is None or found.case not in opened.ids or not found.followed:
            raise Unknown("There is no such ticket of this case.", remedy="Look at the case.", code="unknown-ticket")
        return opened, found

    def _check_none(self, opened: Opened, number: str = "") -> None:
        with self._store.read() as reader:
            held = [each for each in rows.list_of_cases(reader, opened.ids) if each.followed]
        if any(not each.ticket or each.ticket == number for each in held) or (held and not number):
            raise Refused(
                "The case has that ticket already.", remedy="Look at it there, or let it go first.", code="ticket-there"
            )

    def _desk(self) -> Desk:
        desk = self.desk()
        if desk is None:
            raise Refused(
                "No RTIR stands beside this node.",
                "The administrator has named none (`rtir_url`).",
                "Write the ticket down as a link in words.",
                code="no-rtir",
            )
        return desk

    def _new(self, who: decision.Reader, case: Case) -> Ticket:
        now = self._clock()
        return Ticket(id=new_id("rtk"), case=case.id, ticket="", made_by=who.name, made_at=now)

    def _node(self) -> decision.Reader:
        return decision.Reader(party=self._people.home_id, clearance=TLP.RED, local=True, name="node")


def _shown(ticket: Ticket, case: Case) -> Shown:
    found, word = clash_of(case, ticket)
    return Shown(ticket=ticket, clash=found, left=found is not Clash.NONE and ticket.settled == word)


def _again(tx: Tx, held: Ticket) -> Ticket:
    """As it is now: another step may have changed it meanwhile."""
    return rows.find(tx, held.id) or held


def _link(number: str) -> Link:
    return Link(to=LinkTo.TICKET, ref=f"rtir:{number}")


def _act(ticket: str, happened: Happened, desk: Desk) -> Act | None:
    """What the timeline says of it: a status, or that something was written; None for the rest, and for ours."""
    if happened.kind == "Status":
        return Act(did="ticket.status", detail={"ticket": ticket, "from": happened.before, "to": happened.after})
    if happened.kind not in ("Correspond", "Comment") or happened.subject.startswith(_OURS):
        return None
    detail = {"ticket": ticket, "transaction": str(happened.id), "kind": happened.kind}
    if desk.subjects and happened.subject:
        detail["subject"] = happened.subject
    return Act(did="ticket.written", detail=detail)
