"""The score says what a reader would still ask: each answer raises it, and all of them make 100."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from kouprey.exchange.rules.coaching import SENTENCE, WEIGHTS, appraise

AUTHOR = "identity--1"
ANSWERS: dict[str, dict[str, dict[str, Any]]] = {
    "indicator": {
        "why": {"description": "How we know: seen in the logs of our own proxy."},
        "type": {"indicator_types": ["malicious-activity"]},
        "expiry": {"valid_until": "2027-01-01T00:00:00Z"},
        "context": {"kill_chain_phases": [{"kill_chain_name": "x", "phase_name": "y"}]},
        "confidence": {"confidence": 0},
        "marking": {"object_marking_refs": ["marking-definition--1"]},
    },
    "report": {
        "what": {"description": "Mails with a copied sign-in page."},
        "context": {"object_refs": ["malware--1"]},
        "type": {"report_types": ["campaign"]},
        "confidence": {"confidence": 50},
        "marking": {"object_marking_refs": ["marking-definition--1"]},
    },
    "sighting": {
        "since": {"last_seen": "2026-11-01T00:00:00Z"},
        "why": {"description": "Proxy logs of one ministry."},
        "times": {"count": 0},
        "marking": {"object_marking_refs": ["marking-definition--1"]},
    },
    "note": {
        "what": {"content": "Shared hosting with 300 sites."},
        "confidence": {"confidence": 50},
        "marking": {"object_marking_refs": ["marking-definition--1"]},
    },
}


def test_weights_add_up_to_a_hundred() -> None:
    assert {kind: sum(weights.values()) for kind, weights in WEIGHTS.items()} == dict.fromkeys(WEIGHTS, 100)


@pytest.mark.parametrize("kind", ANSWERS)
def test_each_answer_adds_its_weight_and_nothing_else(kind: str) -> None:
    for some in (each for size in range(len(ANSWERS[kind]) + 1) for each in combinations(ANSWERS[kind], size)):
        body = {"type": kind}
        for asks in some:
            body |= ANSWERS[kind][asks]
        found = appraise(body)
        assert found is not None
        assert {each.asks for each in found.questions if each.answered} == set(some)
        assert found.score == sum(WEIGHTS[kind][asks] for asks in some)  # type: ignore[index]  # a kind that was drawn
        weights = [each.weight for each in found.missing]
        assert weights == sorted(weights, reverse=True) and sum(weights) == 100 - found.score


def test_all_three_parts_of_the_prose_count_apart() -> None:
    text = "A server.\n\nHow we know: found in a sample of ours.\n\nWhat to do: block it now."
    found = appraise({"type": "indicator", "description": text})
    assert found is not None and {each.asks for each in found.questions if each.answered} == {"why", "action"}
    # Without headings nobody can tell what of it says how one knows.
    other = appraise({"type": "indicator", "description": "Found in a sample, block it now."})
    assert other is not None and other.score == 0


def test_what_stands_around_tells_the_danger() -> None:
    body = {"type": "indicator"}
    for around, answered in (({"malware"}, True), ({"sighting"}, True), ({"identity", "note"}, False), (set(), False)):
        found = appraise(body, around)
        assert found is not None and found.score == (WEIGHTS["indicator"]["context"] if answered else 0)


@pytest.mark.parametrize(
    "body",
    [
        {"indicator_types": ["unknown"]},
        {"indicator_types": "malicious-activity"},
        {"confidence": True},
        {"confidence": "high"},
        {"description": f"How we know: {'x' * (SENTENCE - 1)}"},
        {"description": 7},
        {"object_marking_refs": []},
    ],
)
def test_what_is_no_answer_adds_nothing(body: dict[str, Any]) -> None:
    found = appraise({"type": "indicator", **body})
    assert found is not None and found.score == 0


def test_a_report_that_names_only_its_author_names_nothing() -> None:
    found = appraise({"type": "report", "object_refs": [AUTHOR, 7]})
    assert found is not None and found.score == 0


def test_other_types_are_not_asked() -> None:
    assert appraise({"type": "malware"}) is None and appraise({}) is None
