"""Held to stix2-validator 3.2.0: the same verdict on real and on spoiled objects, or a difference with its reason."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kouprey.exchange.model import Finding
from kouprey.exchange.rules import validate
from kouprey.exchange.rules.observables import OBSERVABLES
from kouprey.exchange.wire.findings import pattern_findings

Stix = dict[str, Any]


class Judge(Protocol):
    """The fixture of that name: what it judges by, and how."""

    patterns: bool
    verdict: Callable[[Stix], tuple[str, ...]]


SHARED = Path(os.environ.get("KOUPREY_SHARED", Path(__file__).parents[4] / "shared"))
CORPORA = sorted((SHARED / "data" / "stix").glob("*.ndjson.gz"))
TABLE = Path(__file__).parents[3] / "docs" / "reference" / "validation-verdicts.md"

# What we refuse and the judge accepts: name of the row in the table, code, path (or type and path).
# The first that fits counts.
OURS: list[tuple[str, str, str]] = [
    ("names", "name", ".*"),
    ("names", "empty|form|type", r"(.*\.)?x_\w+"),
    ("references", "reference|identifier", r".*_refs?(\.\[\d+\])?"),
    ("own-id", "identifier", "id"),
    ("tlp", "enumeration", "marking-definition "),
    ("marking-2.0", "missing", "marking-definition (definition|definition_type)?"),
    ("granular", "combination|language", r"granular_markings\.\[\d+\](\.lang)?"),
    ("selector-in-text", "selector", ".*"),
    ("extension-author", "missing", "created_by_ref"),
    ("calendar", "form", r"objects\..*"),
    ("email", "form", "value"),
    ("integer-gid", "type", r"extensions\.unix-account-ext\.gid"),
    ("process-2.1", "missing", "(process|windows-registry-key) "),
    ("streams", "type", r"extensions\.ntfs-ext\.alternate_data_streams\.\[\d+\]"),
    ("reserved", "reserved", "phone_number"),
    ("encoding", "combination", "file "),
    ("pattern-breach", "pattern-(mixed-types|mixed-set|zero-qualifier)", "pattern"),
    ("pattern-parser", "pattern-(unreadable|too-large)", "pattern"),
]
# What the judge refuses and we accept: the row, and what the judge says.
THEIRS: list[tuple[str, str]] = [
    ("leap-second", "second must be in 0..59"),
    ("languages", "not a valid RFC 5646|invalid ISO 639-2|languages.*does not match"),
    ("cpe-elsewhere", "CPE value|has no attribute 'lower'"),
    ("observable-times", r"'(created|modified)'(: '| \()"),
    ("headers", "additional_header_fields"),
    ("email", "is not a 'email'"),
    ("media-types", "IANA registered MIME"),
    ("granular", r"selectors\[\d+\].*does not match|'marking_ref' is a required"),
    ("ipv6", r"value: '.*[:.].*' does not match"),
    ("old-names", "is not valid under any of the given schemas"),
    ("tlsh", r"hashes\.TLSH"),
    ("registry", r"key: .*should not be valid under"),
    ("order", "must be later than"),
    ("socket-options", r"options: .*(does not match any of the regexes|is not valid)|socket option"),
    ("pattern-names", "is not a valid observable (property|type) name"),
    ("pattern-prefix", "should start with 'x[-_]'"),
    ("pattern-parser", "is not a valid .* hash"),
    ("exception", "^(TypeError|AttributeError|KeyError|ValueError|SchemaInvalidError)"),
]


def musts(value: Stix, patterns: bool) -> list[Finding]:
    found = validate(value, type=value["type"], check_pattern=pattern_findings if patterns else None)
    return [one for one in found if one.severity == "must"]


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
        return {_row_of(value["type"], one) for one in ours}
    return {next((row for row, words in THEIRS if re.search(words, one, re.DOTALL)), None) for one in theirs}


def _row_of(type_: str, found: Finding) -> str | None:
    for row, code, path in OURS:
        place = f"{type_} {found.path}" if " " in path else found.path
        if re.fullmatch(code, found.code) and re.fullmatch(path, place):
            return row
    return None


def compare(values: list[Stix], judge: Judge) -> set[str]:
    """The rows that were needed; fails on a difference that no row explains."""
    needed: set[str] = set()
    for value in values:
        ours, theirs = musts(value, judge.patterns), judge.verdict(value)
        for row in rows(value, ours, theirs):
            assert row is not None, (value, ours, theirs)
            needed.add(row)
    return needed


def test_every_row_is_explained() -> None:
    explained = set(re.findall(r"^\| `([a-z0-9.-]+)` \|", TABLE.read_text("utf-8"), re.MULTILINE))
    used = {row for row, *_ in [*OURS, *THEIRS]} | {"line-break"}
    assert used == explained
    assert {row for row, *_ in EXAMPLES} == used


UUID = "00000001-1f2e-4a3b-8c4d-5e6f708192a3"
DEFINED = f"extension-definition--{UUID}"
TLP = {
    "id": "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",
    "created": "2017-01-20T00:00:00.000Z",
    "name": "TLP:WHITE",
    "definition_type": "tlp",
    "definition": {"tlp": "white"},
    "modified": None,
}
SOCKET = {"address_family": "AF_INET", "options": {"FOO": 1}}
TRAFFIC = {"src_ref": f"ipv4-addr--{UUID}", "src_port": 1, "dst_port": 2, "protocols": ["tcp"]}
STREAM = {"ntfs-ext": {"alternate_data_streams": ["a"]}}
EXAMPLES: list[tuple[str, str, Stix]] = [
    ("line-break", "malware", {"lang": "en", "created_by_ref": f"identity--{UUID}\n"}),
    ("names", "malware", {"foo-bar": 1}),
    ("references", "malware", {"created_by_ref": f"tool--{UUID}"}),
    ("references", "domain-name", {"value": "a.example", "resolves_to_refs": ["0"]}),
    ("own-id", "x-own", {"id": f"x-other--{UUID}"}),
    ("granular", "malware", {"granular_markings": [{"selectors": ["type"], "lang": "en"}]}),
    (
        "granular",
        "malware",
        {"granular_markings": [{"selectors": ["type"], "lang": "en", "marking_ref": f"marking-definition--{UUID}"}]},
    ),
    (
        "granular",
        "file",
        {
            "hashes": {"MD5": "a" * 32},
            "granular_markings": [{"selectors": ["hashes.MD5"], "marking_ref": f"marking-definition--{UUID}"}],
        },
    ),
    (
        "selector-in-text",
        "malware",
        {"granular_markings": [{"selectors": ["type.[0]"], "marking_ref": f"marking-definition--{UUID}"}]},
    ),
    ("extension-author", "extension-definition", {"schema": "s", "version": "1", "extension_types": ["new-sdo"]}),
    (
        "calendar",
        "observed-data",
        {
            "first_observed": "2026-01-01T00:00:00Z",
            "last_observed": "2026-01-01T00:00:00Z",
            "number_observed": 1,
            "objects": {"0": {"type": "file", "id": f"file--{UUID}", "name": "a", "ctime": "2026-02-30T00:00:00Z"}},
        },
    ),
    ("leap-second", "campaign", {"first_seen": "2016-12-31T23:59:60Z"}),
    ("languages", "malware", {"lang": "km"}),
    ("languages", "software", {"languages": ["en"]}),
    ("email", "email-addr", {"value": "o'neil@a.example"}),
    ("email", "email-addr", {"value": "a..b@a.example"}),
    ("headers", "email-message", {"is_multipart": False, "additional_header_fields": {"X-A": ["a"]}}),
    ("integer-gid", "user-account", {"extensions": {"unix-account-ext": {"gid": 1.5}}}),
    ("process-2.1", "process", {"arguments": ["a"]}),
    ("old-names", "process", {"created_time": "2026-01-01T00:00:00Z"}),
    ("old-names", "windows-registry-key", {"modified_time": "2026-01-01T00:00:00Z"}),
    ("ipv6", "ipv6-addr", {"value": "::ffff:198.51.100.1"}),
    ("media-types", "artifact", {"mime_type": "application/x-own", "payload_bin": "QQ=="}),
    ("cpe-elsewhere", "mutex", {"cpe": "x"}),
    ("observable-times", "mutex", {"created": "2026-02-30T00:00:00Z"}),
    ("exception", "mutex", {"created": 3}),
    ("streams", "file", {"name": "a", "extensions": STREAM}),
    ("tlsh", "file", {"hashes": {"TLSH": "T1" + "A" * 70}}),
    ("registry", "windows-registry-key", {"key": "HKEY_USERS\\HKU"}),
    ("order", "campaign", {"first_seen": "2026-01-01T00:00:00Z", "last_seen": "2026-01-01T00:00:00.5Z"}),
    ("own-id", "x-own", {"id": f"x-other--{UUID}"}),
    ("tlp", "marking-definition", {**TLP, "definition": {}}),
    ("marking-2.0", "marking-definition", {**TLP, "spec_version": None, "name": None, "definition": None}),
    ("socket-options", "network-traffic", {"extensions": {"socket-ext": SOCKET}, **TRAFFIC}),
    ("reserved", "malware", {"phone_number": "1"}),
    ("encoding", "file", {"hashes": {"MD5": "a" * 32}, "name_enc": "UTF-8"}),
    ("pattern-breach", "indicator", {"pattern": "[file:name = 'a' AND url:value = 'b']"}),
    ("pattern-breach", "indicator", {"pattern": "[file:name IN ('a', 1)]"}),
    ("pattern-breach", "indicator", {"pattern": "[file:name = 'a'] REPEATS 0 TIMES"}),
    ("pattern-parser", "indicator", {"pattern": "[file:hashes.MD5 LIKE 'cead%']"}),
    ("pattern-parser", "indicator", {"pattern": "(" * 65 + "[x-own:abc = 1]" + ")" * 65}),
    ("pattern-names", "indicator", {"pattern": "[x-own:id = 1]"}),
    ("pattern-prefix", "indicator", {"spec_version": None, "labels": ["benign"], "pattern": "[own:abc = 1]"}),
]


NEEDED: dict[str, Stix] = {
    "malware": {"is_family": True},
    "relationship": {"relationship_type": "uses"},
    "indicator": {"pattern_type": "stix", "valid_from": "2026-01-01T00:00:00Z", "indicator_types": ["benign"]},
}


@pytest.mark.parametrize(("row", "type_", "properties"), EXAMPLES)
def test_each_row_has_its_example(judge: Judge, row: str, type_: str, properties: Stix) -> None:
    value: Stix = {"type": type_, "spec_version": "2.1", "id": f"{type_}--{UUID}", **properties}
    if type_ in {"mutex", "software"} or type_ not in OBSERVABLES:
        value = {"name": "n", **value}
    if type_ not in OBSERVABLES:
        value = {"created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z", **value}
    value = {**NEEDED.get(type_, {}), **value}
    value = {name: inner for name, inner in value.items() if inner is not None}
    if row.startswith("pattern-") and not judge.patterns:
        pytest.skip("patterns are not judged")
    ours, theirs = musts(value, judge.patterns), judge.verdict(value)
    assert rows(value, ours, theirs) == {row}, (ours, theirs)


def test_their_own_cases(cases: list[Stix], judge: Judge) -> None:
    """Every object that the tests of stix2-validator judge; none of the rows about patterns is needed for them."""
    assert len(cases) > 600
    assert compare(cases, judge) <= {"references", "names", "own-id", "languages"}


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


# With patterns judged too, some indicators of the samples need a row; the table says how many.
IN_SAMPLES = {False: set[str](), True: {"pattern-names", "pattern-prefix", "pattern-breach"}}


def _objects(path: Path, step: int) -> list[Stix]:
    with gzip.open(path) as lines:
        return [json.loads(line) for number, line in enumerate(lines) if number % step == 0]


@pytest.mark.skipif(not CORPORA, reason="no samples beside the checkout (KOUPREY_SHARED)")
@pytest.mark.parametrize("path", CORPORA, ids=lambda path: path.name.partition(".")[0])
def test_real_objects(path: Path, judge: Judge) -> None:
    sample = _objects(path, 1 if path.name.startswith("oasis") else 997)
    assert compare(sample, judge) <= IN_SAMPLES[judge.patterns]


@pytest.mark.long
@pytest.mark.skipif(not CORPORA, reason="no samples beside the checkout (KOUPREY_SHARED)")
@pytest.mark.parametrize("path", CORPORA, ids=lambda path: path.name.partition(".")[0])
def test_all_real_objects(path: Path, judge: Judge) -> None:
    assert compare(_objects(path, 1), judge) <= IN_SAMPLES[judge.patterns]
