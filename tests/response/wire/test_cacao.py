"""Playbooks are read whole, wrong ones are refused naming the place, and nothing else ever comes out."""

from __future__ import annotations

import json
from base64 import b64encode
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.kernel.words.errors import Damaged, KoupreyError, TooLarge
from kouprey.response.model.playbooks import StepKind
from kouprey.response.wire.cacao import LARGEST, read_playbook
from response.playbooks import AGENT, DEFACED, action, id_of, manual, playbook, raw


def refused(made: Any) -> str:
    with pytest.raises(Damaged) as caught:
        read_playbook(raw(made))
    assert caught.value.code == "bad-playbook" and caught.value.remedy
    return str(caught.value.detail["where"])


def test_everything_of_a_playbook_is_read() -> None:
    signed = DEFACED | {
        "signatures": [{"type": "jss", "signee": "Example CERT"}],
        "playbook_variables": {"__page__": {"type": "string", "value": None, "external": True}},
    }
    read = read_playbook(raw(signed))
    assert read.name == "Answer a defaced page" and read.types == ("mitigation",)
    assert read.signees == ("Example CERT",) and len(read.sha256) == 64
    assert [(each.name, each.value, each.external) for each in read.variables] == [("__page__", "", True)]
    by_name = {step.name: step for step in read.steps.values()}
    assert by_name["block"].agent == "Duty officer" and by_name["block"].targets == ("Web server",)
    assert [way for way, _ in by_name["block"].nexts] == ["success", "failure"]
    assert [way for way, _ in by_name["both"].nexts] == ["branch", "branch", "then"]
    assert by_name["tell"].commands[0].headers == (("content-type", "application/json"),)
    assert by_name["again"].kind is StepKind.WHILE and by_name["again"].condition.startswith("__page__")


def test_base64_is_shown_readable() -> None:
    packed = b64encode(b"Ring the bell.\nTwice.").decode()
    steps = {
        "start": {"type": "start", "on_completion": "ring"},
        "ring": action([{"type": "manual", "command_b64": packed}], on_completion="end"),
        "end": {"type": "end"},
    }
    (command,) = read_playbook(raw(playbook(steps))).steps[id_of("action", "ring")].commands
    assert command.text == "Ring the bell.\nTwice."


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        (("type",), "bundle", "playbook.type"),
        (("spec_version",), "cacao-1.1", "playbook.spec_version"),
        (("id",), "playbook--1", "playbook.id"),
        (("name",), "", "playbook.name"),
        (("created",), "yesterday", "playbook.created"),
        (("modified",), 7, "playbook.modified"),
        (("revoked",), "no", "playbook.revoked"),
        (("playbook_types",), "mitigation", "playbook.playbook_types"),
        (("workflow_start",), id_of("start", "nowhere"), "playbook.workflow_start"),
        (("workflow_start",), id_of("end", "end"), "playbook.workflow_start"),
        (("workflow",), [], "playbook.workflow"),
        (("workflow", id_of("action", "call"), "type"), "jump", f"playbook.workflow.{id_of('action', 'call')}.type"),
        (("workflow", id_of("action", "call"), "agent"), "me", f"playbook.workflow.{id_of('action', 'call')}.agent"),
        (
            ("workflow", id_of("action", "call"), "commands"),
            [],
            f"playbook.workflow.{id_of('action', 'call')}.commands",
        ),
        (("workflow", id_of("action", "call"), "timeout"), -1, f"playbook.workflow.{id_of('action', 'call')}.timeout"),
        (("playbook_variables",), {"page": {"type": "string"}}, "playbook.playbook_variables.page"),
    ],
)
def test_what_is_wrong_is_named(path: tuple[str, ...], value: Any, where: str) -> None:
    made = deepcopy(DEFACED)
    place: Any = made
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert refused(made) == where


def test_a_way_to_nowhere_a_command_that_is_no_base64_and_a_header_of_two_lines_are_refused() -> None:
    steps = {"start": {"type": "start", "on_completion": id_of("end", "gone")}}
    assert refused(playbook(steps)).startswith("playbook.workflow.start--")
    for command in (
        {"type": "manual", "command_b64": "?"},
        {"type": "http-api", "command": "GET / HTTP/1.1", "headers": {"x": "a\r\nhost: other"}},
    ):
        steps = {"start": {"type": "start", "on_completion": "do"}, "do": action([command], on_completion="start")}
        assert ".commands[0]" in refused(playbook(steps))


def test_too_large_is_said_before_anything_is_read() -> None:
    with pytest.raises(TooLarge):
        read_playbook(b" " * (LARGEST + 1))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=8) | st.sampled_from([AGENT, "start", "action"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_damage_is_refused_or_read(data: st.DataObject) -> None:
    """One value anywhere is replaced by anything: it is read, or refused in our own words."""
    made = deepcopy(DEFACED)
    place: Any = made
    while True:
        keys = sorted(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        inner = place[key]
        if not (isinstance(inner, dict | list) and inner) or data.draw(st.booleans()):
            place[key] = data.draw(_JSON)
            break
        place = inner
    try:
        read_playbook(json.dumps(made).encode())
    except KoupreyError as error:
        assert error.what and error.why


def test_a_manual_step_needs_no_targets() -> None:
    step = manual("Look.", on_completion="end")
    del step["targets"]
    steps = {"start": {"type": "start", "on_completion": "look"}, "look": step, "end": {"type": "end"}}
    assert read_playbook(raw(playbook(steps))).steps[id_of("action", "look")].targets == ()
