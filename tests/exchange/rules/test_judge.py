"""Held to stix2-validator 3.2.0: the same verdict on real and on spoiled objects, or a difference with its reason."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kouprey.exchange.model import Finding
from kouprey.exchange.rules import validate

Stix = dict[str, Any]
Judge = Callable[[Stix], tuple[str, ...]]
SHARED = Path(os.environ.get("KOUPREY_SHARED", Path(__file__).parents[4] / "shared"))
CORPORA = sorted((SHARED / "data" / "stix").glob("*.ndjson.gz"))
TABLE = Path(__file__).parents[3] / "docs" / "reference" / "validation-verdicts.md"

# What we refuse and the judge accepts: name of the row in the table, code, path. The first that fits counts.
OURS: list[tuple[str, str, str]] = [
    ("names", "name", ".*"),
    ("names", "empty|form|type", r"(.*\.)?x_\w+"),
    ("references", "reference|identifier", r".*_refs?(\.\[\d+\])?"),
    ("own-id", "identifier", "id"),
    ("tlp", "enumeration", ""),
    ("marking-2.0", "missing", "|definition|definition_type"),
    ("granular", "combination|language", r"granular_markings\.\[\d+\](\.lang)?"),
    ("selector-in-text", "selector", ".*"),
    ("extension-author", "missing", "created_by_ref"),
    ("calendar", "form", r"object_modified|submitted|.*time_date_stamp|.*not_(before|after)|start_time|stop_time"),
    ("email", "form", "value"),
    ("header-text", "type", r"additional_header_fields\..*"),
    ("integer-gid", "type", r"extensions\.unix-account-ext\.gid"),
    ("process-2.1", "missing", ""),
]
# What the judge refuses and we accept: the row, and what the judge says.
THEIRS: list[tuple[str, str]] = [
    ("leap-second", "second must be in 0..59"),
    ("languages", "not a valid RFC 5646|invalid ISO 639-2|languages.*does not match"),
    ("cpe-elsewhere", "CPE value|has no attribute 'lower'"),
    ("observable-times", "'(created|modified)'"),
    ("headers", "additional_header_fields"),
    ("email", "is not a 'email'"),
    ("media-types", "IANA registered MIME"),
    ("granular", r"selectors\[\d+\].*does not match|'marking_ref' is a required"),
    ("ipv6", r"value: '.*[:.].*' does not match"),
    ("old-names", "is not valid under any of the given schemas"),
    ("exception", "^(TypeError|AttributeError|KeyError|ValueError|SchemaInvalidError)"),
]


def musts(value: Stix) -> list[Finding]:
    return [one for one in validate(value, type=value["type"]) if one.severity == "must"]


def _holds_line_break(value: Any) -> bool:
    if isinstance(value, dict):
        return any(key.endswith("\n") or _holds_line_break(inner) for key, inner in value.items())
    if isinstance(value, list):
        return any(map(_holds_line_break, value))
    return isinstance(value, str) and value.endswith("\n")


def rows(value: Stix, ours: list[Finding], theirs: tuple[str, ...]) -> set[str | None]:
    """The rows of the table that explain why the verdicts differ; None for what no row explains."""
    if bool(ours) == bool(theirs):
        return set()
    if ours and _holds_line_break(value):
        return {"line-break"}
    if ours:
        return {
            next(
                (row for row, code, path in OURS if re.fullmatch(code, one.code) and re.fullmatch(path, one.path)),
                None,
            )
            for one in ours
        }
    return {next((row for row, words in THEIRS if re.search(words, one, re.DOTALL)), None) for one in theirs}


def compare(values: list[Stix], judge: Judge) -> set[str]:
    """The rows that were needed; fails on a difference that no row explains."""
    needed: set[str] = set()
    for value in values:
        ours, theirs = musts(value), judge(value)
        for row in rows(value, ours, theirs):
            assert row is not None, (value, ours, theirs)
            needed.add(row)
    return needed


def test_every_row_is_explained() -> None:
    explained = set(re.findall(r"^\| `([a-z0-9.-]+)` \|", TABLE.read_text("utf-8"), re.MULTILINE))
    used = {row for row, *_ in [*OURS, *THEIRS]} | {"line-break"}
    assert used == {name for name in explained if not name.startswith("pattern-")}


def test_examples(examples: list[Stix], judge: Judge) -> None:
    assert compare(examples, judge) == set()


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32))
def test_spoiled_objects(
    examples: list[Stix], spoiled: Callable[[Stix, Random], Stix], judge: Judge, seed: int
) -> None:
    random = Random(seed)
    compare([spoiled(random.choice(examples), random)], judge)


@pytest.mark.long
def test_twenty_thousand_spoiled_objects(
    examples: list[Stix], spoiled: Callable[[Stix, Random], Stix], judge: Judge
) -> None:
    random = Random(20_000)
    compare([spoiled(random.choice(examples), random) for _ in range(20_000)], judge)


def _objects(path: Path, step: int) -> list[Stix]:
    with gzip.open(path) as lines:
        return [json.loads(line) for number, line in enumerate(lines) if number % step == 0]


@pytest.mark.skipif(not CORPORA, reason="no samples beside the checkout (KOUPREY_SHARED)")
@pytest.mark.parametrize("path", CORPORA, ids=lambda path: path.name.partition(".")[0])
def test_real_objects(path: Path, judge: Judge) -> None:
    sample = _objects(path, 1 if path.name.startswith("oasis") else 997)
    assert compare(sample, judge) == set()


@pytest.mark.long
@pytest.mark.skipif(not CORPORA, reason="no samples beside the checkout (KOUPREY_SHARED)")
@pytest.mark.parametrize("path", CORPORA, ids=lambda path: path.name.partition(".")[0])
def test_all_real_objects(path: Path, judge: Judge) -> None:
    assert compare(_objects(path, 1), judge) == set()
