"""What rules find: each kind of test, NOT with two values, and the same as asking each event by itself."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hunt.sigma import rule
from kouprey.hunt.model import All, Kind, Leaf, Node, Not, Probe, Rule, Some
from kouprey.hunt.rules.matching import Ruleset
from kouprey.hunt.wire.sigma import read_rules

EVENTS: list[dict[str, Any]] = [
    {"Image": "C:\\Windows\\System32\\cmd.exe", "CommandLine": "cmd /c whoami", "Port": 443, "Ip": "192.0.2.7"},
    {"Image": "/usr/bin/curl", "CommandLine": "curl http://203.0.113.9/A", "Port": "80", "Ip": "198.51.100.1"},
    {"Image": "/usr/bin/CURL", "Port": 8443, "Same": "/usr/bin/curl", "Ip": "no address"},
    {"CommandLine": None},
]


@pytest.mark.parametrize(
    ("detection", "expected"),
    [
        ("s:\n    Image: '/usr/bin/curl'\ncondition: s", [1, 2]),
        ("s:\n    Image|endswith: '\\cmd.exe'\ncondition: s", [0]),
        ("s:\n    Image|startswith: '/usr'\ncondition: s", [1, 2]),
        ("s:\n    CommandLine|contains: ['whoami', '203.0.113.9']\ncondition: s", [0, 1]),
        ("s:\n    CommandLine|contains|all: ['curl', '203.0.113.9']\ncondition: s", [1]),
        ("s:\n    CommandLine: 'cmd*who?mi'\ncondition: s", [0]),
        ("s:\n    CommandLine|re: 'http://[0-9.]+/A'\ncondition: s", [1]),
        ("s:\n    Image|contains|cased: 'CURL'\ncondition: s", [2]),
        ("s:\n    Port: 443\ncondition: s", [0]),
        ("s:\n    Port|gte: 443\ncondition: s", [0, 2]),
        ("s:\n    Ip|cidr: '192.0.2.0/24'\ncondition: s", [0]),
        ("s:\n    CommandLine: null\ncondition: s", [2, 3]),
        ("s:\n    Image|exists: true\ncondition: s", [0, 1, 2]),
        ("s:\n    Image|fieldref: Same\ncondition: s", [2]),
        ("s:\n    Image: '*'\ncondition: s", [0, 1, 2]),
        ("s:\n    Image|contains: 'curl'\nf:\n    CommandLine|contains: '203.0.113.9'\ncondition: s and not f", [2]),
        ("s:\n    Image|contains: 'cmd'\nf:\n    Port: 80\ncondition: s or f", [0, 1]),
        ("s1:\n    Port: 80\ns2:\n    Port: 8443\ncondition: 1 of s*", [1, 2]),
    ],
)
def test_each_kind_of_test(detection: str, expected: list[int]) -> None:
    rules = read_rules(rule(detection))
    assert not rules[0].problem, rules[0].problem
    found, _ = Ruleset(rules).find(EVENTS)
    assert found.get(rules[0].digest, []) == expected


def test_a_rule_for_windows_looks_in_its_channel_alone() -> None:
    (made,) = read_rules(rule("s:\n    Image|endswith: '\\cmd.exe'\ncondition: s", product="windows"))
    events = [
        {"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1, "Image": "C:\\cmd.exe"},
        {"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 3, "Image": "C:\\cmd.exe"},
        {"Channel": "Security", "EventID": 1, "Image": "C:\\cmd.exe"},
    ]
    found, seen = Ruleset([made]).find(events)
    assert found == {made.digest: [0]} and "Image" in seen


def test_fields_that_were_seen_are_told() -> None:
    (made,) = read_rules(rule("s:\n    Nowhere: 1\n    Port: 80\ncondition: s"))
    rules = Ruleset([made])
    found, seen = rules.find(EVENTS)
    assert found == {} and rules.fields[made.digest] - seen == {"Nowhere"}
    assert Ruleset([]).find(EVENTS)[0] == {} and rules.find([]) == ({}, set())


FIELDS, WORDS = ("a", "b", "c"), ("", "x", "xy", "yx", "Xyz", "zz", "7", "12")
TESTS = st.one_of(
    st.builds(
        Probe,
        kind=st.sampled_from([Kind.EQUALS, Kind.CONTAINS, Kind.STARTS, Kind.ENDS]),
        text=st.sampled_from(["x", "xy", "z", "7"]),
    ),
    st.builds(Probe, kind=st.sampled_from([Kind.NULL, Kind.EXISTS, Kind.ANY])),
    st.builds(Probe, kind=st.just(Kind.COMPARE), text=st.just("8.0"), flag=st.sampled_from(["LT", "GTE"])),
    st.builds(Probe, kind=st.just(Kind.FIELD), text=st.sampled_from(FIELDS)),
)
NODES = st.recursive(
    st.builds(Leaf, field=st.sampled_from(FIELDS), test=TESTS),
    lambda inner: st.one_of(
        st.builds(All, parts=st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Some, parts=st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Not, part=inner),
    ),
    max_leaves=6,
)
MADE = st.dictionaries(st.sampled_from(FIELDS), st.sampled_from([*WORDS, None]))


def holds(node: Node, event: dict[str, Any]) -> bool:
    """The plain meaning, one event at a time."""
    match node:
        case All(parts=parts):
            return all(holds(each, event) for each in parts)
        case Some(parts=parts):
            return any(holds(each, event) for each in parts)
        case Not(part=part):
            return not holds(part, event)
    value = event.get(node.field)
    if node.test.kind is Kind.NULL:
        return value is None
    if value is None:
        return False
    small, text = value.lower(), node.test.text
    match node.test.kind:
        case Kind.EXISTS | Kind.ANY:
            return True
        case Kind.EQUALS:
            return bool(small == text)
        case Kind.CONTAINS:
            return text in small
        case Kind.STARTS:
            return bool(small.startswith(text))
        case Kind.ENDS:
            return bool(small.endswith(text))
        case Kind.FIELD:
            return event.get(text) is not None and small == event[text].lower()
    try:
        number = float(value)
    except ValueError:
        return False
    return number < 8 if node.test.flag == "LT" else number >= 8


@given(st.lists(NODES, min_size=1, max_size=4), st.lists(MADE, max_size=12))
def test_many_rules_at_once_find_what_each_finds_by_itself(nodes: list[Node], events: list[dict[str, Any]]) -> None:
    rules = [Rule(digest=str(place), id="", title="", trees=(node,)) for place, node in enumerate(nodes)]
    found, _ = Ruleset(rules).find(events)
    for place, node in enumerate(nodes):
        assert found.get(str(place), []) == [n for n, event in enumerate(events) if holds(node, event)]
