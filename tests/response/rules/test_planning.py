"""A playbook becomes tasks: each step once, in an order in which they can be done; only what may be run is run."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.kernel.words.errors import Damaged
from kouprey.response.model.playbooks import Planned, Run
from kouprey.response.rules.planning import DEEPEST, plan
from kouprey.response.wire.cacao import read_playbook
from response.playbooks import DEFACED, calling, id_of, manual, playbook, raw


def planned(made: Any) -> tuple[Planned, ...]:
    return plan(read_playbook(raw(made)))


def test_tasks_in_the_order_of_the_work() -> None:
    tasks = planned(DEFACED)
    assert [task.title for task in tasks] == ["picture", "block", "call", "tell", "restore", "again", "look"]
    by_title = {task.title: task for task in tasks}
    titles = {place: task.title for place, task in enumerate(tasks)}
    after = {task.title: {titles[place] for place in task.after} for task in tasks}
    assert after["block"] == after["tell"] == {"picture"}
    assert after["restore"] >= {"tell", "block"} or after["restore"] >= {"tell", "call"}
    assert by_title["call"].when == ("both: together", "if “block” fails")
    assert by_title["look"].when == ("as long as __page__:value = 'defaced'",)


def test_only_what_may_run_runs_and_the_rest_is_shown_to_a_person() -> None:
    by_title = {task.title: task for task in planned(DEFACED)}
    block, tell, restore = by_title["block"], by_title["tell"], by_title["restore"]
    assert block.run is Run.PERSON and block.not_run == ("bash",) and not block.commands
    assert "[bash]\nsystemctl stop web" in block.text and "→ Web server" in block.text
    assert tell.run is Run.HTTP and tell.commands[0].text == "POST /notices HTTP/1.1"
    assert "content-type: application/json" in tell.text
    assert restore.run is Run.PLAYBOOK and restore.playbook == id_of("playbook", "restore")


def test_an_openc2_step_is_sent_and_not_left_to_a_person() -> None:
    commands = [{"type": "openc2-http", "command": "POST /c2 HTTP/1.1", "content": '{"action": "query"}'}]
    (task,) = planned(calling("https://actuator.example", *commands))
    assert task.run is Run.HTTP and task.not_run == () and len(task.calls) == 1
    assert "[openc2-http]" in task.text and '{"action": "query"}' in task.text
    (mixed,) = planned(calling("https://actuator.example", *commands, {"command": "GET /x HTTP/1.1"}))
    assert mixed.run is Run.HTTP and len(mixed.calls) == 2


def test_branches_nested_too_deep_are_refused() -> None:
    steps: dict[str, Any] = {"start": {"type": "start", "on_completion": "if 0"}, "end": {"type": "end"}}
    for depth in range(DEEPEST + 2):
        steps[f"if {depth}"] = {
            "type": "if-condition",
            "condition": f"c{depth}",
            "on_true": f"if {depth + 1}",
            "on_completion": "end",
        }
    steps[f"if {DEEPEST + 2}"] = manual("x", on_completion="end")
    with pytest.raises(Damaged, match="nested"):
        planned(playbook(steps))


_WAYS = st.sampled_from(["on_completion", "on_success"])


@st.composite
def _workflows(draw: st.DrawFn) -> dict[str, Any]:
    """Any graph at all, loops too."""
    names = [f"s{number}" for number in range(draw(st.integers(1, 12)))]
    target = st.sampled_from([*names, "end"])
    steps: dict[str, Any] = {"start": {"type": "start", "on_completion": draw(target)}, "end": {"type": "end"}}
    for name in names:
        match draw(st.integers(0, 3)):
            case 0:
                steps[name] = manual(name, **{draw(_WAYS): draw(target)})
            case 1:
                steps[name] = manual(name, on_success=draw(target), on_failure=draw(target))
            case 2:
                steps[name] = {
                    "type": "parallel",
                    "next_steps": draw(st.lists(target, min_size=1, max_size=3)),
                    "on_completion": draw(target),
                }
            case _:
                steps[name] = {
                    "type": "if-condition",
                    "condition": "c",
                    "on_true": draw(target),
                    "on_false": draw(target),
                    "on_completion": draw(target),
                }
    return steps


@settings(max_examples=200, deadline=None)
@given(_workflows())
def test_any_workflow_ends_and_each_reachable_step_is_one_task(steps: dict[str, Any]) -> None:
    read = read_playbook(raw(playbook(steps)))
    tasks = plan(read)
    assert len({task.step for task in tasks}) == len(tasks)
    reached, waiting = set(), [read.start]
    while waiting:
        here = waiting.pop()
        if here not in reached:
            reached.add(here)
            waiting += [other for _, other in read.steps[here].nexts]
    work = {key for key in reached if read.steps[key].kind in ("action", "if-condition", "playbook-action")}
    assert {task.step for task in tasks} == work
    for place, task in enumerate(tasks):
        assert all(0 <= each < place for each in task.after), "nothing waits for what comes later"
