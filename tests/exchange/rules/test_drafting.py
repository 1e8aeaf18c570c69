"""A draft becomes an object, and an object a draft again; what a form does not speak of is never lost."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.model import Observable
from kouprey.exchange.model.writing import Draft
from kouprey.exchange.rules.drafting import (
    KILL_CHAIN,
    PHASES,
    draft_of,
    first_body,
    next_body,
    problems_of,
    said_by,
)
from kouprey.exchange.rules.making import MARKING, pattern_for
from kouprey.exchange.rules.validation import validate
from kouprey.kernel.words.time import parse_instant
from kouprey.kernel.words.tlp import TLP

NOW = parse_instant("2026-11-26T10:00:00Z")
LATER = parse_instant("2026-11-27T10:00:00Z")
AUTHOR = "identity--5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a10"
ID = "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
MALWARE = f"malware--{ID}"
PATTERN = "[domain-name:value = 'bad.test']"

prose = st.text(st.characters(categories=("L", "N"), include_characters=" .,"), max_size=40).map(str.strip)
moment = st.none() | st.integers(0, 4 * 10**9).map(lambda seconds: seconds * 10**6)


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    kind = draw(st.sampled_from(("indicator", "report", "sighting", "note")))
    types = {"indicator": ["benign", "unknown"], "report": ["campaign", "malware"]}.get(kind, [])
    return Draft(
        kind=kind,  # type: ignore[arg-type]  # a kind that was drawn
        name=draw(prose) if kind != "sighting" else "",
        what=draw(prose) if kind != "sighting" else "",
        why=draw(prose) if kind != "note" else "",
        action=draw(prose),
        pattern=PATTERN if kind == "indicator" else "",
        types=tuple(draw(st.lists(st.sampled_from(types), unique=True))) if types else (),
        phase=draw(st.sampled_from(("", *PHASES))) if kind == "indicator" else "",
        links=() if kind == "indicator" else (MALWARE,),
        confidence=draw(st.none() | st.integers(0, 100)),
        since=draw(moment) if kind != "note" else None,
        until=draw(moment) if kind in ("indicator", "sighting") else None,
        count=draw(st.integers(0, 1_000_000)) if kind == "sighting" else 1,
        tlp=draw(st.sampled_from(list(TLP))),
    )


def body_of(draft: Draft, now: int = NOW) -> dict[str, Any]:
    said = said_by(draft, pattern=draft.pattern, author=AUTHOR, now=now)
    return first_body(draft, said, stix_id=f"{draft.kind}--{ID}", author=AUTHOR, now=now)


@given(drafts())
def test_a_draft_comes_back_from_its_object(draft: Draft) -> None:
    again = draft_of(body_of(draft), tlp=draft.tlp)
    if draft.since is None and draft.kind in ("indicator", "report"):
        draft = msgspec.structs.replace(draft, since=NOW)
    assert again == draft


@given(drafts())
def test_a_version_that_changes_nothing_says_the_same(draft: Draft) -> None:
    before = body_of(draft)
    again = draft_of(before, tlp=draft.tlp)
    after = next_body(before, again, said_by(again, pattern=again.pattern, author=AUTHOR, now=LATER), LATER)
    assert {**after, "modified": ""} == {**before, "modified": ""} and after["modified"] > before["modified"]


@given(drafts(), drafts())
def test_a_version_says_what_its_draft_says_and_keeps_the_rest(one: Draft, two: Draft) -> None:
    two = msgspec.structs.replace(two, kind=one.kind, links=one.links, pattern=one.pattern, types=(), phase="")
    before = body_of(one) | {"x_own": 7, "labels": ["kept"], "lang": "km"}
    before["object_marking_refs"] = [*before["object_marking_refs"], "marking-definition--statement"]
    after = next_body(before, two, said_by(two, pattern=two.pattern, author=AUTHOR, now=LATER), LATER)
    assert (after["x_own"], after["labels"], after["lang"]) == (7, ["kept"], "km")
    assert after["object_marking_refs"] == [MARKING[two.tlp], "marking-definition--statement"]
    assert after["created"] == before["created"] and after["id"] == before["id"]
    told = draft_of(after, tlp=two.tlp)
    assert (told.confidence, told.action) == (two.confidence, two.action)


@given(drafts())
def test_what_is_sound_is_sound_by_the_standard(draft: Draft) -> None:
    if list(problems_of(draft, now=NOW)):
        return
    assert not [each for each in validate(body_of(draft), type=draft.kind) if each.severity == "must"]


def test_a_time_keeps_its_digits_and_other_chains_their_phases() -> None:
    before = body_of(Draft(kind="indicator", pattern=PATTERN, phase="delivery"))
    before["valid_from"] = "2026-11-26T10:00:00.123456Z"
    attack = {"kill_chain_name": "mitre-attack", "phase_name": "impact"}
    before["kill_chain_phases"] = [attack, {"kill_chain_name": KILL_CHAIN, "phase_name": "delivery"}]
    again = draft_of(before, tlp=TLP.GREEN)
    assert again.phase == "delivery"
    after = next_body(before, again, said_by(again, pattern=PATTERN, author=AUTHOR, now=LATER), LATER)
    assert after["valid_from"] == before["valid_from"]
    without = msgspec.structs.replace(again, phase="")
    after = next_body(before, without, said_by(without, pattern=PATTERN, author=AUTHOR, now=LATER), LATER)
    assert after["kill_chain_phases"] == [attack]


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (Draft(kind="report"), "name"),
        (Draft(kind="report", name="x" * 251), "name"),
        (Draft(kind="note", links=(MALWARE,)), "what"),
        (Draft(kind="note", what="x"), "links"),
        (Draft(kind="sighting"), "links"),
        (Draft(kind="sighting", links=(MALWARE, MALWARE)), "links"),
        (Draft(kind="sighting", links=(MALWARE,), count=-1), "count"),
        (Draft(kind="sighting", links=(MALWARE,), since=2, until=1), "until"),
        (Draft(kind="indicator", since=2, until=2), "until"),
        (Draft(kind="indicator", until=NOW - 1), "until"),
        (Draft(kind="indicator", types=("campaign",)), "types"),
        (Draft(kind="indicator", phase="lunch"), "phase"),
        (Draft(kind="indicator", confidence=101), "confidence"),
        (Draft(kind="indicator", why="x" * 10_001), "why"),
        (Draft(kind="report", name="x", links=(MALWARE,) * 201), "links"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(draft: Draft, field: str) -> None:
    assert [each.field for each in problems_of(draft, now=NOW)] == [field]


def test_a_report_of_nothing_names_its_author() -> None:
    body = body_of(Draft(kind="report", name="Mails"))
    assert body["object_refs"] == [AUTHOR] and draft_of(body, tlp=TLP.GREEN).links == ()


def test_several_values_are_one_pattern_without_repeats() -> None:
    one, two = Observable("ipv4-addr", "203.0.113.7"), Observable("domain-name", "bad.test")
    assert pattern_for([one, two, one, Observable("cve", "CVE-2026-1")]) == (
        "[ipv4-addr:value = '203.0.113.7'] OR [domain-name:value = 'bad.test']"
    )
    assert pattern_for([]) == ""
