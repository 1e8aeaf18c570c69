"""A strategy is taken up: nothing of it runs by itself, time comes from the agreement, and markings are kept."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.time import SECOND
from kouprey.kernel.words.tlp import TLP
from kouprey.response.model import Wanted
from kouprey.response.model.cases import Link, LinkTo, Sort, Task, TaskState, Track
from kouprey.response.model.playbooks import Planned, Run
from kouprey.response.service import Calling, Cases, HandOffs, Strategies
from response.bureaus import Bureau
from response.conftest import HOUR, Office
from response.playbooks import action, calling, chained, id_of, playbook, raw
from response.servers import serving

MINUTES = 600_000
"""Ten minutes in milliseconds: what engines that run machines give a person."""


def who_of(office: Office) -> Reader:
    return office.node.services.get(HandOffs).operator()


def bodies(office: Office, number: int, *sorts: Sort) -> list[Any]:
    cases, who = office.node.services.get(Cases), who_of(office)
    return [each.body for each in reversed(cases.items(who, cases.get(who, str(number)), sorts)[0])]


def test_a_bash_step_is_work_a_request_waits_for_a_person_and_a_called_playbook_stands_below(offices: Any) -> None:
    a, _, _ = offices
    strategies, cases, who = a.node.services.get(Strategies), a.node.services.get(Cases), who_of(a)
    with serving() as server:
        a.node.settings = msgspec.structs.replace(a.node.settings, playbook_hosts=server.host)
        made = calling(server.base, {"command": "POST /tickets HTTP/1.1"})
        bash = action(
            [{"type": "bash", "command": "rm -rf /var/www"}], on_completion=id_of("action", "call"), timeout=MINUTES
        )
        call = {"type": "playbook-action", "playbook_id": id_of("playbook", "inner"), "on_completion": "end"}
        shell = playbook(
            {"start": {"type": "start", "on_completion": "bash"}, "bash": bash, "sub": call, "end": {"type": "end"}}
        )
        made["workflow"] |= {
            key: step for key, step in shell["workflow"].items() if step.get("name") in ("bash", "sub")
        }
        made["workflow"][made["workflow_start"]]["on_completion"] = id_of("action", "bash")
        made["workflow"][id_of("action", "call")]["on_completion"] = id_of("playbook-action", "sub")
        signature = {"type": "jss", "signee": "A team"}
        made["signatures"] = [signature]
        inner = strategies.keep(who, raw(chained("inner")), tlp=TLP.GREEN, by="test")
        stix_id = strategies.keep(who, raw(made), tlp=TLP.GREEN, by="test")
        found = strategies.get(who, stix_id)
        assert found.playbook is not None and found.playbook.signees == ("A team",)
        tasks = strategies.tasks(who, stix_id)
        case = cases.open_by(who, "x", stix_id, tasks, tlp=TLP.AMBER)
        first, request, sub, inside, last = bodies(a, case.number, Sort.TASK)
        assert "[bash]\nrm -rf /var/www" in first.text and not first.calls
        assert first.due - cases.now() > 590 * SECOND and request.due == 0, "a person's time is what its author wrote"
        assert sub.title == "sub" and inside.title == "inner first" and inside.under and last.under == inside.under
        assert all(each.state is TaskState.OPEN for each in (first, request, sub, inside, last)) and not server.came
        assert tasks[2].strategy == inner
        calls = a.node.services.get(Calling)
        (item,) = [
            each.id
            for each in cases.items(who, cases.get(who, case.id), [Sort.TASK])[0]
            if isinstance(each.body, Task) and each.body.calls
        ]
        seen = calls.look(who, item)
        assert calls.send(who, item, digest=seen.sent.digest, newest="").status == 201 and len(server.came) == 1


def test_in_a_case_that_answers_a_hand_off_the_time_is_that_of_the_agreement(offices: Any) -> None:
    a, b, agreement = offices
    asked = a.handoffs.request(
        who_of(a), Wanted(agreement=agreement, to=b.party, kind="act", title="Block it", text="Now.", tlp=TLP.AMBER)
    )
    a.parcel(b)
    cases, who = b.node.services.get(Cases), who_of(b)
    begun = cases.begin_with(who, from_handoff=asked.id)
    step = Planned(step="action--1", title="Block", text="", run=Run.PERSON, timeout_ms=MINUTES)
    case = cases.open_by(who, begun.title, "course-of-action--1", [step], tlp=TLP.AMBER, bodies=begun.bodies)
    (task,) = bodies(b, case.number, Sort.TASK)
    due = b.handoffs.get(who, asked.id).asked.due
    assert task.due == due.decide and task.due - asked.at == 4 * HOUR * SECOND
    other = cases.open(who, "Another", tlp=TLP.AMBER)
    cases.add(who, other.id, Track.TECHNICAL, Link(to=LinkTo.HANDOFF, ref=asked.id))
    (item,) = cases.add_tasks(who, other.id, Track.TECHNICAL, [step], "course-of-action--1")
    assert item.body.due == due.decide
    (legal,) = cases.add_tasks(who, other.id, Track.LEGAL, [step], "course-of-action--1")
    assert legal.body.due != due.decide, "a link on another track tells this one nothing"
    mine = a.node.services.get(Cases)
    ours = mine.open_by(who_of(a), "x", "course-of-action--1", [step], tlp=TLP.AMBER, bodies=begun.bodies)
    assert bodies(a, ours.number, Sort.TASK)[0].due != due.decide, "the clock is that of who is asked"


def test_a_case_is_marked_no_lower_than_what_it_takes_up(bureau: Bureau) -> None:
    step = Planned(step="action--1", title="x", text="", run=Run.PERSON, tlp=TLP.AMBER)
    case = bureau.open(tlp=TLP.GREEN)
    for call in (
        lambda: bureau.cases.add_tasks(bureau.lead, case.id, Track.TECHNICAL, [step], "course-of-action--1"),
        lambda: bureau.cases.open_by(bureau.lead, "x", "course-of-action--1", [step], tlp=TLP.GREEN),
    ):
        with pytest.raises(KoupreyError) as caught:
            call()
        assert caught.value.code == "above-marking"
    assert bureau.cases.count(bureau.lead) == 1 and not bureau.bodies(bureau.lead, case, Sort.TASK)
