"""Notices on both engines: whoever watches is told once, of what they may see, and no longer than they may see it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kouprey.kernel.storage import outbox
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.model.cases import Act, Note, Task, TaskState, Track
from kouprey.response.model.notices import About, Choice, Often
from kouprey.response.service import Notices, listeners
from response.conftest import Neighbours
from response.service.test_cases import Bureau

ALL = tuple(About)


class Office(Bureau):
    """A bureau whose facts are told."""

    def __init__(self, world: Neighbours) -> None:
        super().__init__(world)
        actor = self.actor
        self.notices = Notices(actor.store, actor.people, actor.agreements, self.cases, clock=actor.now)

    def open(self, title: str = "A page shows another text", **given: Any) -> Any:
        made = super().open(title, **given)
        self.tell()
        return made

    def tell(self) -> None:
        services = Services()
        services.put(self.notices)
        outbox.deliver(self.actor.store, listeners(services))

    def seen(self, who: Reader, *, unread: bool = True) -> list[tuple[str, int, int]]:
        self.tell()
        found, _more = self.notices.list_notices(who, unread=unread)
        return [(str(each.kind), each.number, each.count) for each in found]


@pytest.fixture
def office(neighbours: Neighbours) -> Office:
    return Office(neighbours)


def test_whoever_watches_or_leads_is_told_and_whoever_does_it_is_not(office: Office) -> None:
    cases, lead, analyst = office.cases, office.lead, office.analyst
    case = office.open(lead=lead.name)
    assert office.notices.watches(lead, case.id) and not office.notices.watches(analyst, case.id)
    office.notices.watch(analyst, case.id, watching=True)
    cases.add(analyst, case.id, Track.TECHNICAL, Note(text="Look at this"))
    assert office.seen(lead) == [("case", 1, 1)] and office.seen(analyst) == []
    cases.add(analyst, case.id, Track.TECHNICAL, Note(text="And this"))
    assert office.seen(lead) == [("case", 1, 2)] and office.notices.count(lead) == 1
    office.notices.watch(lead, case.id, watching=False)
    cases.add(analyst, case.id, Track.TECHNICAL, Note(text="Not told"))
    assert office.seen(lead) == [("case", 1, 2)] and not office.notices.watches(lead, case.id)
    cases.add(lead, case.id, Track.TECHNICAL, Note(text="Mine"))
    assert office.seen(analyst) == [("case", 1, 1)]
    cases.write_bundle(lead, case.id)
    assert office.seen(analyst) == [("case", 1, 1)]


def test_a_task_is_told_to_whose_it_became(office: Office) -> None:
    cases, lead, analyst = office.cases, office.lead, office.analyst
    case = office.open()
    task = cases.add(lead, case.id, Track.TECHNICAL, Task(title="Look"))
    assert office.seen(analyst) == []
    cases.revise(lead, task.id, 1, Task(title="Look", who=analyst.name))
    assert office.seen(analyst) == [("task", 1, 1)]
    cases.revise(lead, task.id, 2, Task(title="Look at it", who=analyst.name))
    assert office.seen(analyst) == [("task", 1, 1)]
    cases.revise(analyst, task.id, 3, Task(title="Look at it", who=lead.name, state=TaskState.DOING))
    assert office.seen(lead) == [("task", 1, 1)]


def test_a_notice_of_what_may_not_be_seen_any_more_is_gone(office: Office) -> None:
    cases, lead, analyst = office.cases, office.lead, office.analyst
    low = office.who(Role.ANALYST, clearance=TLP.AMBER)
    case = office.open()
    for who in (analyst, low):
        office.notices.watch(who, case.id, watching=True)
    cases.add(lead, case.id, Track.POLICY, Note(text="For the ministers"))
    assert office.seen(analyst) == []
    cases.add(lead, case.id, Track.TECHNICAL, Note(text="For all"))
    assert office.seen(analyst) == office.seen(low) == [("case", 1, 1)]
    cases.change(lead, case.id, 1, tlp=TLP.RED)
    assert office.seen(low) == [] and office.notices.count(low) == 0 and office.seen(analyst) == [("case", 1, 2)]
    cases.name_to(lead, case.id, [lead.name], named=True)
    assert office.seen(analyst) == [] and office.notices.pulse(analyst) == ([], [])
    cases.name_to(lead, case.id, [], named=False)
    assert office.seen(analyst) == [("case", 1, 4)]
    person = office.actor.people.get_person(analyst.name)
    office.actor.people.save_person(person.name, (Role.ADMINISTRATOR,), TLP.RED, by="test")
    assert office.seen(analyst) == []


def test_read_unread_and_back(office: Office) -> None:
    lead, analyst, notices = office.lead, office.analyst, office.notices
    for _ in range(2):
        notices.watch(analyst, office.open().id, watching=True)
    for number in ("1", "2"):
        office.cases.add(lead, number, Track.TECHNICAL, Note(text="x"))
    assert len(office.seen(analyst)) == 2
    first = notices.list_notices(analyst)[0][0].id
    assert notices.mark(lead, [first]) == [] and notices.mark(analyst, [first]) == [first]
    assert len(office.seen(analyst)) == 1 and len(office.seen(analyst, unread=False)) == 2
    done = notices.mark(analyst)
    assert len(done) == 1 and office.seen(analyst) == []
    assert notices.mark(analyst, done, read=False) == done and len(office.seen(analyst)) == 1
    pulse = notices.pulse(analyst)
    office.cases.add(lead, "1", Track.TECHNICAL, Note(text="y"))
    office.tell()
    assert notices.pulse(analyst) != pulse


def test_what_is_chosen_is_told_and_nothing_else(office: Office) -> None:
    lead, analyst, notices = office.lead, office.analyst, office.notices
    case = office.open()
    notices.watch(analyst, case.id, watching=True)
    assert notices.choice(analyst) == Choice()
    notices.choose(analyst, [About.TASK], Often.OFF, "")
    office.cases.add(lead, case.id, Track.TECHNICAL, Note(text="x"))
    assert office.seen(analyst) == []
    for often, address in ((Often.DAILY, ""), (Often.OFF, "no"), (Often.HOURLY, "a@b.c\r\nBcc: x@y.z")):
        with pytest.raises(KoupreyError) as caught:
            notices.choose(analyst, ALL, often, address)
        assert caught.value.code == "bad-address"
    program = msgspec.structs.replace(analyst, name="token")
    assert office.seen(program) == [] and not notices.is_person(program) and notices.pulse(program) is None
    for call in (
        lambda: notices.choice(program),
        lambda: notices.mark(program),
        lambda: notices.watch(program, "1", watching=True),
    ):
        with pytest.raises(KoupreyError) as caught:
            call()
        assert caught.value.code == "no-person"
    with pytest.raises(KoupreyError) as caught:
        notices.watch(analyst, "99", watching=True)
    assert caught.value.code == "unknown-case"


def test_a_hand_off_that_comes_and_a_clock_that_nears(pair: Any, neighbours: Neighbours) -> None:
    a, b, agreement = pair
    duty, policy = (
        b.people.save_person(role, (role,), TLP.RED, by="test") for role in (Role.DUTY_OFFICER, Role.POLICY)
    )
    notices = Notices(b.store, b.people, b.agreements, None, clock=b.now)  # type: ignore[arg-type]  # cases play no part

    def seen(person: Any) -> list[tuple[str, str]]:
        services = Services()
        services.put(notices)
        outbox.deliver(b.store, listeners(services))
        return [(str(each.kind), each.said) for each in notices.list_notices(b.people.reader_of(person))[0]]

    a.ask(agreement, b)
    neighbours.sync()
    assert seen(duty) == [("handoff", "request")] and seen(policy) == []
    b.ahead = 50 * 60
    assert b.handoffs.warn() == 1 and b.handoffs.warn() == 0
    assert seen(duty) == [("clock", "acknowledge 80"), ("handoff", "request")] and seen(policy) == []


def test_a_clock_of_a_law_is_told_as_a_clock(office: Office) -> None:
    lead, analyst, notices = office.lead, office.analyst, office.notices
    case = office.open()
    notices.watch(analyst, case.id, watching=True)
    act = Act(did="duty.warn", what="duty_1", detail={"percent": "80"})
    warn = lambda: office.actor.store.write(lambda tx: office.cases.note(tx, lead, case, act, Track.TECHNICAL))  # noqa: E731
    warn()
    assert office.seen(analyst) == [("clock", 1, 1)]
    notices.choose(analyst, [About.CASE], Often.OFF, "")
    warn()
    assert office.seen(analyst) == [("clock", 1, 1)]
