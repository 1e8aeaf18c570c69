"""Bundles of others are read as far as they say anything, and never fail in any other way than by our errors."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.kernel.words.errors import Damaged, KoupreyError, TooLarge
from kouprey.kernel.words.time import parse_instant
from kouprey.kernel.words.tlp import TLP
from kouprey.response.model.cases import Moment, Phase, Precision, Severity, TaskState
from kouprey.response.wire.incidents import INCIDENT, MARKING
from kouprey.response.wire.incoming import LARGEST, MOST, read_incident

NOW = parse_instant("2026-11-27T00:00:00Z")
ID = "-".join(("1" * 8, "1111", "4111", "8111", "1" * 12))


def bundle(*objects: Any, suite: Any = None, **incident: Any) -> bytes:
    head = {"type": "incident", "id": f"incident--{ID}", "name": "Another text", **incident}
    if suite is not None:
        head["extensions"] = {INCIDENT: suite}
    return json.dumps({"type": "bundle", "objects": [head, *objects]}).encode()


def test_a_bundle_of_another_tool_is_understood() -> None:
    task, later, event = f"task--{ID}", "task--2", f"event--{ID}"
    suite = {
        "determination": "confirmed",
        "investigation_status": "closed",
        "criticality": 90,
        "incident_types": ["denial-of-service", "unknown-apt"],
        "tasks": [{"task_ref": task, "next_steps": [{"task_ref": later}]}, {"task_ref": later}],
        "impact_refs": ["impact--1"],
    }
    objects = [
        {
            "type": "event",
            "id": event,
            "name": "Begun",
            "start_time": "2022-09-14T00:00:00Z",
            "start_time_fidelity": "day",
        },
        {
            "type": "event",
            "description": "Some day",
            "start_time": "2022-09-01T00:00:00Z",
            "start_time_fidelity": "month",
        },
        {
            "type": "event",
            "description": "Still",
            "start_time": "2022-09-14T00:00:01+07:00",
            "status": "ongoing",
            "goal": "x",
        },
        {"type": "event", "description": "To come", "start_time": "2036-09-14T00:00:01Z"},
        {"type": "event", "event_types": ["spam"], "status": "pending"},
        {"type": "task", "id": task, "name": "Ask", "outcome": "failed", "error": "Nobody there"},
        {"type": "task", "id": later, "description": "Ask again", "outcome": "unknown"},
        {"type": "impact", "id": "impact--1", "impact_category": "availability"},
        {"type": "ipv4-addr", "id": f"ipv4-addr--{ID}", "value": "203.0.113.7"},
        {
            "type": "relationship",
            "relationship_type": "related-to",
            "source_ref": f"incident--{ID}",
            "target_ref": f"ipv4-addr--{ID}",
            "description": "It asked",
        },
        {
            "type": "identity",
            "id": f"identity--{ID}",
            "name": "The victim",
            "object_marking_refs": [MARKING[TLP.GREEN]],
        },
    ]
    read = read_incident(
        bundle(*objects, suite=suite, external_references=[{"source_name": "rt", "external_id": "7"}]), NOW
    )
    assert (read.title, read.phase, read.severity, read.tlp) == (
        "Another text",
        Phase.RECOVERED,
        Severity.CRITICAL,
        TLP.GREEN,
    )
    assert read.type == "ddos" and [(each.ref, each.note) for each in read.links] == [("7", "rt")]
    first, second, third = read.facts
    assert first.moment == Moment(parse_instant("2022-09-14T00:00:00Z"), 0, Precision.DAY)
    assert second.moment.precision is Precision.DAY and third.moment.offset == 420 and "(ongoing)" in third.text
    assert [each.text for each in read.notes] == ["2036-09-14T00:00:01Z To come", "spam (pending)"]
    failed, again = read.tasks.values()
    assert failed.state is TaskState.DONE and failed.result == "failed\nNobody there"
    assert again.title == "Ask again" and again.after == (task,)
    (value,) = read.values
    assert value.value["value"] == "203.0.113.7" and value.note == "It asked"
    for words in ("impact: impact--1", "incident: impact_refs", "The victim", "unknown-apt", "(month)", "event: goal"):
        assert any(words in each for each in read.unread), (words, read.unread)


def test_of_several_incidents_each_has_its_own() -> None:
    mine, other = (
        {"type": "event", "id": "event--1"},
        {"type": "event", "id": "event--2", "description": "Of the other"},
    )
    start = {"start_time": "2022-09-14T00:00:00Z"}
    second = {"type": "incident", "id": "incident--2", "name": "The second"}
    read = read_incident(bundle(mine | start, other | start, second, suite={"event_refs": ["event--1"]}), NOW)
    assert len(read.facts) == 1 and read.unread == ("incident: The second", "event: event--2")


@pytest.mark.parametrize(
    ("definition", "level"),
    [
        ({"definition_type": "tlp", "definition": {"tlp": "red"}}, TLP.RED),
        ({"definition_type": "statement", "definition": {"statement": "Ours"}}, TLP.CLEAR),
        ({"definition_type": "iep"}, TLP.AMBER_STRICT),
    ],
)
def test_a_marking_counts_as_what_it_says_and_an_unknown_one_as_strict(definition: Any, level: TLP) -> None:
    marked = {"type": "note", "content": "x", "granular_markings": [{"marking_ref": "marking-definition--9"}]}
    made = {"type": "marking-definition", "id": "marking-definition--9", **definition}
    assert read_incident(bundle(marked, made), NOW).tlp is level
    assert read_incident(bundle(marked), NOW).tlp is TLP.AMBER_STRICT


def test_what_is_no_bundle_of_an_incident_is_refused() -> None:
    for raw in (b"[]", b'{"type": "bundle", "objects": []}', b'{"type": "bundle"}', b"{"):
        with pytest.raises(Damaged):
            read_incident(raw, NOW)
    with pytest.raises(TooLarge):
        read_incident(b" " * (LARGEST + 1), NOW)
    with pytest.raises(TooLarge):
        read_incident(bundle(*[{"type": "note", "content": "x"}] * (MOST + 1)), NOW)


KEYS = ("type", "id", "name", "description", "start_time", "start_time_fidelity", "extensions", "object_marking_refs")
KEYS += ("granular_markings", "external_references", "outcome", "status", "content", "object_refs", "definition")
KEYS += (
    "relationship_type",
    "source_ref",
    "target_ref",
    "value",
    INCIDENT,
    "tasks",
    "task_ref",
    "next_steps",
    "criticality",
)
KEYS += ("moments", "offset", "fidelity", "time", "extension-definition--7d2ad1ea-3f0b-4c34-8d0c-52a1c14f36b5", "due")
WORDS = st.sampled_from(("incident", "event", "task", "note", "marking-definition", "relationship", "ipv4-addr", "day"))
leaves = st.none() | st.booleans() | st.integers(-5, 200) | WORDS | st.text(max_size=8)
leaves |= st.sampled_from(("2026-11-26T16:50:00Z", "0001-01-01T00:00:00+14:00", "+07:00", "+99:99", f"incident--{ID}"))
values = st.recursive(
    leaves,
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.sampled_from(KEYS), each, max_size=6),
    max_leaves=20,
)
objects = st.dictionaries(st.sampled_from(KEYS), values, max_size=8).flatmap(
    lambda each: st.builds(lambda kind: each | {"type": kind}, WORDS)
)


@settings(max_examples=80, deadline=None)
@given(st.lists(objects, max_size=4), objects)
def test_whatever_a_bundle_says_nothing_else_ever_comes_out(others: list[Any], incident: Any) -> None:
    raw = json.dumps({"type": "bundle", "objects": [incident | {"type": "incident"}, *others]}).encode()
    with suppress(KoupreyError):
        assert read_incident(raw, NOW).title


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_whatever_the_bytes_are_nothing_else_ever_comes_out(raw: bytes) -> None:
    with suppress(KoupreyError):
        read_incident(raw, NOW)
