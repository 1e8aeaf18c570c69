"""RTIR two ways: told, read back, cut off in the middle, and taken up again; on both engines, against a real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.model.cases import Act, Link, Phase, Sort
from kouprey.response.model.tickets import Clash, Desk
from kouprey.response.service import Tickets
from response.bureaus import Bureau
from response.requesttracker import TOKEN, Tracker, running

TITLE = "kanari-title of a page"


def refusal(call: Callable[[], Any]) -> str:
    with pytest.raises(KoupreyError) as caught:
        call()
    return str(caught.value.code)


class Counter:
    """A bureau with RTIR beside it."""

    def __init__(self, bureau: Bureau, tracker: Tracker) -> None:
        self.bureau, self.tracker, self.cases = bureau, tracker, bureau.cases
        self.desk: Desk | None = Desk(url=tracker.url, token=TOKEN, queue="Incident Reports", ceiling=TLP.AMBER)
        actor = bureau.actor
        self.tickets = Tickets(actor.store, actor.people, bureau.cases, lambda: self.desk, actor.now)
        self.case = bureau.open(TITLE, tlp=TLP.AMBER)

    def later(self, seconds: int = 3_700) -> int:
        """Some time passes, and the job comes round."""
        self.bureau.actor.ahead += seconds
        return self.tickets.turn()

    def acts(self) -> list[tuple[str, dict[str, str]]]:
        bodies = self.bureau.bodies(self.bureau.lead, self.case, Sort.ACT)
        return [(each.did, dict(each.detail)) for each in bodies if isinstance(each, Act) and "ticket." in each.did]

    def phase(self, phase: Phase) -> None:
        held = self.cases.get(self.bureau.lead, self.case.id).case
        self.cases.change(self.bureau.lead, self.case.id, held.version, phase=phase)

    def shown(self) -> Any:
        (found,) = self.tickets.list_tickets(self.bureau.lead, self.cases.get(self.bureau.lead, self.case.id))
        return found


@pytest.fixture
def counter(bureau: Bureau) -> Iterator[Counter]:
    with running() as tracker:
        yield Counter(bureau, tracker)


def test_two_ways_with_an_outage_in_the_middle(counter: Counter) -> None:
    tracker, lead = counter.tracker, counter.bureau.lead
    counter.tickets.make(lead, counter.case.id)
    assert counter.tickets.turn() == 1
    (number,) = tracker.tickets
    assert counter.shown().ticket.ticket == str(number) == "4711"
    links = counter.bureau.bodies(lead, counter.case, Sort.LINK)
    assert [each.ref for each in links if isinstance(each, Link)] == ["rtir:4711"]
    tracker.set_status(number, "open")
    written = tracker.happen(number, "Correspond", Data="kanari-subject of theirs")
    counter.later()
    assert counter.acts()[-2:] == [
        ("ticket.status", {"ticket": "4711", "from": "new", "to": "open"}),
        ("ticket.written", {"ticket": "4711", "transaction": str(written), "kind": "Correspond"}),
    ]
    # The outage: both sides go on.
    tracker.mode = "down"
    counter.phase(Phase.CONTAINED)
    tracker.set_status(number, "stalled")
    tracker.happen(number, "Comment", Data="theirs")
    assert counter.later() == 0 and "503" in counter.shown().ticket.error
    assert counter.later(5) == 0, "it is not asked again at once"
    asked = len(tracker.asked)
    assert counter.tickets.turn() == 0 and len(tracker.asked) == asked
    tracker.mode = "up"
    assert counter.later() == 1 and counter.shown().ticket.error == ""
    assert [each[0] for each in counter.acts()[-3:]] == ["ticket.told", "ticket.status", "ticket.written"]
    comments = [each for each in tracker.history[number] if each["Type"] == "Comment"]
    assert len(comments) == 2 and comments[1]["Data"].startswith("kpy-contained-")
    before = counter.acts()
    for _ in range(3):
        counter.later()
    assert counter.acts() == before, "what we wrote does not come back, and nothing comes twice"
    assert len([each for each in tracker.history[number] if each["Type"] == "Comment"]) == 2


def test_a_lost_answer_makes_nothing_twice(counter: Counter) -> None:
    tracker = counter.tracker
    counter.tickets.make(counter.bureau.lead, counter.case.id)
    tracker.mode = "lost"
    assert counter.tickets.turn() == 0 and len(tracker.tickets) == 1
    tracker.mode = "up"
    assert counter.later() == 1
    assert len(tracker.tickets) == 1 and counter.shown().ticket.ticket == "4711"
    counter.phase(Phase.CONTAINED)
    tracker.mode = "lost"
    assert counter.later() == 0
    tracker.mode = "up"
    assert counter.later() == 1 and counter.shown().ticket.told == "contained"
    assert sum(each["Type"] == "Comment" for each in tracker.history[4711]) == 1
    # The case went on while an answer was lost: what was told and what is now are told apart.
    counter.phase(Phase.RECOVERED)
    tracker.mode = "lost"
    counter.later()
    counter.phase(Phase.CONTAINED)
    tracker.mode = "up"
    counter.later()
    told = [each["phase"] for did, each in counter.acts() if did == "ticket.told"]
    assert told == ["contained", "recovered", "contained"]
    assert sum(each["Type"] == "Comment" for each in tracker.history[4711]) == 3


def test_nothing_of_the_case_goes_along_unless_it_is_set(counter: Counter) -> None:
    tracker, lead = counter.tracker, counter.bureau.lead
    counter.tickets.make(lead, counter.case.id)
    counter.tickets.turn()
    counter.phase(Phase.CONTAINED)
    counter.later()
    said = str(tracker.bodies)
    assert "kanari" not in said and f"#{counter.case.number}" in said and "contained" in said
    assert counter.desk is not None
    counter.desk = Desk(url=counter.desk.url, token=TOKEN, title=TLP.AMBER, ceiling=TLP.AMBER)
    second = counter.bureau.open(TITLE, tlp=TLP.AMBER)
    named = counter.bureau.open("kanari-named", tlp=TLP.AMBER)
    counter.cases.name_to(lead, named.id, [lead.name], named=True)
    for case in (second, named):
        counter.tickets.make(lead, case.id)
    counter.tickets.turn()
    subjects = [each["Subject"] for each in tracker.tickets.values()]
    assert sum(TITLE in each for each in subjects) == 1 and not any("kanari-named" in each for each in subjects)
    red = counter.bureau.open("kanari-strict", tlp=TLP.AMBER_STRICT)
    assert refusal(lambda: counter.tickets.make(lead, red.id)) == "above-ceiling"
    assert refusal(lambda: counter.tickets.tie(lead, red.id, "4711")) == "above-ceiling"
    # A case whose marking is raised afterwards is told of no more.
    held = counter.cases.get(lead, second.id).case
    counter.cases.change(lead, second.id, held.version, tlp=TLP.RED, phase=Phase.RECOVERED)
    counter.later()
    assert "recovered" not in str(tracker.bodies)


def test_subjects_come_along_where_it_is_set(counter: Counter) -> None:
    assert counter.desk is not None
    counter.desk = Desk(url=counter.desk.url, token=TOKEN, subjects=True)
    counter.tickets.make(counter.bureau.lead, counter.case.id)
    counter.tickets.turn()
    counter.tracker.happen(4711, "Correspond", Data="Re: the page")
    counter.later()
    assert counter.acts()[-1][1]["subject"] == "Re: the page"


def test_a_ticket_that_is_there_is_tied_without_its_past(counter: Counter) -> None:
    tracker, lead = counter.tracker, counter.bureau.lead
    number = tracker.create({"Subject": "Theirs", "Queue": "Incidents"})
    tracker.set_status(number, "open")
    held = counter.tickets.tie(lead, counter.case.id, f"#{number}")
    assert refusal(lambda: counter.tickets.tie(lead, counter.case.id, str(number))) == "ticket-there"
    for wrong in ("", "x", "0", "12a", "9" * 30):
        assert refusal(lambda wrong=wrong: counter.tickets.tie(lead, counter.case.id, wrong)) == "bad-ticket"
    counter.tickets.turn()
    assert [each[0] for each in counter.acts()] == ["ticket.link"] and counter.shown().ticket.status == "open"
    tracker.set_status(number, "resolved")
    counter.tickets.look(lead, counter.case.id, held.id)
    assert counter.acts()[-1] == ("ticket.status", {"ticket": str(number), "from": "open", "to": "resolved"})
    counter.tickets.let_go(lead, counter.case.id, held.id)
    tracker.set_status(number, "open")
    counter.later()
    assert counter.acts()[-1][0] == "ticket.let-go" and tracker.tickets[number]["Status"] == "open"
    assert refusal(lambda: counter.tickets.look(lead, counter.case.id, held.id)) == "unknown-ticket"


def test_a_contradiction_is_shown_and_nothing_wins(counter: Counter) -> None:
    tracker, lead = counter.tracker, counter.bureau.lead
    held = counter.tickets.make(lead, counter.case.id)
    counter.tickets.turn()
    tracker.set_status(4711, "resolved")
    counter.later()
    assert (counter.shown().clash, counter.shown().left) == (Clash.ENDED_THERE, False)
    assert counter.cases.get(lead, counter.case.id).case.phase is Phase.REPORTED, "the case is as it was"
    counter.tickets.settle(lead, counter.case.id, held.id)
    assert counter.shown().left
    counter.phase(Phase.CONTAINED)
    assert not counter.shown().left, "one side has moved: it is shown again"
    counter.phase(Phase.CLOSED)
    counter.later()
    assert counter.shown().clash is Clash.NONE
    tracker.set_status(4711, "open")
    counter.later()
    assert counter.shown().clash is Clash.ENDED_HERE and tracker.tickets[4711]["Status"] == "open"


def test_who_does_not_read_the_track_sees_no_ticket(counter: Counter) -> None:
    counter.tickets.make(counter.bureau.lead, counter.case.id)
    counter.tickets.turn()
    policy, low = counter.bureau.who(Role.POLICY), counter.bureau.who(Role.ANALYST, clearance=TLP.GREEN)
    assert counter.tickets.list_tickets(policy, counter.cases.get(policy, counter.case.id)) == []
    assert counter.tickets.list_all(policy) == [] == counter.tickets.list_all(low)
    assert len(counter.tickets.list_all(counter.bureau.lead)) == 1
    assert refusal(lambda: counter.tickets.make(policy, counter.case.id)) == "role-missing"
    assert refusal(lambda: counter.tickets.make(low, counter.case.id)) == "unknown-case"


def test_without_rtir_and_with_a_wrong_token(counter: Counter) -> None:
    counter.desk = None
    assert refusal(lambda: counter.tickets.make(counter.bureau.lead, counter.case.id)) == "no-rtir"
    assert counter.tickets.turn() == 0
    counter.desk = Desk(url=counter.tracker.url, token="wrong")
    counter.tickets.make(counter.bureau.lead, counter.case.id)
    assert counter.tickets.turn() == 0
    assert "401: Unauthorized" in counter.shown().ticket.error and "wrong" not in counter.shown().ticket.error
    assert "wrong" not in repr(counter.desk)
