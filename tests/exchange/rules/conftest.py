"""A full example of every type, ways of spoiling it, and stix2-validator 3.2.0 as judge."""

from __future__ import annotations

import contextlib
import copy
import functools
import importlib
import io
import json
import os
import unittest
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from random import Random
from typing import Any

import pytest

Stix = dict[str, Any]
Path_ = tuple[str | int, ...]

_ID = "00000001-1f2e-4a3b-8c4d-5e6f708192a3"
_NASTY: list[Any] = [
    *(None, True, False, 0, 1, -1, 1.5, 5.0, 10**10, "", "x", "a b", "UPPER", "x\n", [], ["x"], [1], {}, {"a": 1}),
    *(f"{kind}--{_ID}" for kind in ("bundle", "identity", "file", "ipv4-addr", "relationship")),
    *("2026-02-30T00:00:00Z", "2026-13-01T00:00:00.000Z", "2026-01-01", "2026-01-01T00:00:00+00:00"),
    *("2016-12-31T23:59:60.000Z", "1999-01-01T00:00:00.000Z", "2031-01-01T00:00:00.5Z"),
    *("malware--00000000", "not a url", "http://[::1]/", "http://a b/", "https://x.example/%zz", "300.1.1.1"),
    *("1.2.3.4", "::ffff:1.2.3.4", "a_b.example", "x@y", "ab", "zz", "km", "en-GB", "cpe:2.3:a:b", "tlp", "statement"),
    *({"MD5": "zz"}, {"SHA-256": "00"}, {"Foo": "bar"}, [{}], [{"a": "b"}], "AF_X", "HKLM\\x", "2.0", "2.1", "2.2"),
]
_NAMES = [
    *("x_new", "Foo", "ab", "foo-bar", "severity", "x_a_hex", "x_b_bin", "created", "lang", "extensions", "name"),
    *("modified", "url", "SHA-256", "x_Hash", "9ab"),
]
_NASTY += ["[file:size = ]", "[a:b = 1]", "[file:hashes.MD5 = 'zz']", "[x-own:a = 1 AND file:name = 'b']"]


@pytest.fixture(scope="session")
def examples() -> list[Stix]:
    """One or more full and valid objects of every type of STIX 2.1 and 2.0."""
    lines = (Path(__file__).with_name("examples.ndjson")).read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _paths(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    if path and path != ("type",):
        yield path
    members: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in members:
        yield from _paths(inner, (*path, key))


def _at(value: Any, path: Path_) -> Any:
    for key in path:
        value = value[key]
    return value


def spoil(value: Stix, random: Random) -> Stix:
    """A copy with one or two things taken away, added, or replaced by something of another form."""
    value = copy.deepcopy(value)
    for _ in range(random.choice((1, 1, 1, 2))):
        paths = list(_paths(value))
        path = random.choice(paths)
        parent, key = _at(value, path[:-1]), path[-1]
        way = random.randrange(10)
        if way < 3:
            del parent[key]
        elif way < 7:
            parent[key] = copy.deepcopy(random.choice(_NASTY))
        elif way == 7 and isinstance(parent, dict):
            parent[random.choice(_NAMES)] = copy.deepcopy(random.choice(_NASTY))
        elif way == 8:
            parent[key] = copy.deepcopy(_at(value, random.choice(paths)))
        elif isinstance(parent[key], str) and parent[key]:
            place = random.randrange(len(parent[key]))
            parent[key] = (
                parent[key][:place]
                + random.choice(["", "x", "-", " ", "Z", "é", "_", "\n", "0"])
                + (parent[key][place + 1 :])
            )
        if "id" not in value:
            value["id"] = None
    return value


@pytest.fixture(scope="session")
def spoiled() -> Callable[[Stix, Random], Stix]:
    return spoil


class Judge:
    """What stix2-validator has against an object, with patterns or without; an exception counts as one complaint."""

    def __init__(self, verdict: Callable[[Stix], tuple[str, ...]], patterns: bool) -> None:
        self.verdict = verdict
        self.patterns = patterns


@pytest.fixture(scope="session", params=[False, True], ids=["patterns aside", "patterns too"])
def judge(request: pytest.FixtureRequest) -> Iterator[Judge]:
    """stix2-validator 3.2.0. Its schemas are read once and not once an object: that changes its speed, nothing else."""
    validator = pytest.importorskip("stix2validator.validator", reason="stix2-validator is not installed: [judges]")
    if version("stix2-validator") != "3.2.0":
        pytest.skip("only stix2-validator 3.2.0 is the judge: 3.3.1 ships without its schemas")
    from stix2validator.util import ValidationOptions
    from stix2validator.v20 import musts as musts20
    from stix2validator.v21 import musts as musts21
    from stix2validator.v21.enums import OBSERVABLE_TYPES

    with pytest.MonkeyPatch.context() as patch:
        for name in ("find_schema", "retrieve_from_filesystem"):
            patch.setattr(validator, name, functools.cache(getattr(validator, name)))
        patch.setattr(validator, "load_schema", functools.cache(validator.load_schema))
        patch.setattr(validator, "_get_shoulds", lambda options: [])
        for musts in () if request.param else (musts20, musts21):
            patch.setattr(musts, "patterns", lambda instance, options: iter(()))
        made: dict[Any, Any] = {}
        load = validator.load_validator

        def load_once(path: str, schema: Any, folder: str) -> Any:
            if (path, folder) not in made:
                made[path, folder] = load(path, schema, folder)
            return made[path, folder]

        patch.setattr(validator, "load_validator", load_once)

        def verdict(value: Stix) -> tuple[str, ...]:
            # What has no spec_version is 2.0 unless it is an observable (STIX 2.1, 3.2); the tool says so in bundles.
            old = "spec_version" not in value and "created" in value and value["type"] not in OBSERVABLE_TYPES
            try:
                options = ValidationOptions(version="2.0" if old else None)
                return tuple(str(error) for error in validator.validate_instance(value, options).errors)
            except Exception as error:
                return (f"{type(error).__name__}: {error}",)

        yield Judge(verdict, request.param)


@pytest.fixture(scope="session")
def cases() -> list[Stix]:
    """The objects that stix2-validator's own tests judge; taken from a checkout of it, kept nowhere."""
    tests = pytest.importorskip("stix2validator.test", reason="stix2-validator is not installed: [judges]")
    given = os.environ.get("KOUPREY_JUDGE_CASES")
    if not given:
        pytest.skip("KOUPREY_JUDGE_CASES names no checkout of cti-stix-validator: its package carries no tests")
    folder = Path(given) / "stix2validator" / "test"
    import stix2validator

    found: dict[str, Stix] = {}

    def note(given: Any) -> None:
        for value in given if isinstance(given, list) else [given]:
            if isinstance(value, dict) and isinstance(value.get("objects"), list) and value.get("type") == "bundle":
                note(value["objects"])
            elif isinstance(value, dict) and isinstance(value.get("type"), str) and value["type"] != "bundle":
                found.setdefault(json.dumps(value, sort_keys=True), copy.deepcopy(value))

    def noting(check: Callable[..., Any], read: Callable[[Any], Any]) -> Callable[..., Any]:
        def call(given: Any, options: Any = None) -> Any:
            with contextlib.suppress(ValueError):
                note(read(given))
            return check(given, options)

        return call

    suite = unittest.TestSuite()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()):
        patch.setattr(tests, "__path__", [*tests.__path__, str(folder)])
        patch.setattr(stix2validator, "validate_string", noting(stix2validator.validate_string, json.loads))
        patch.setattr(
            stix2validator, "validate_parsed_json", noting(stix2validator.validate_parsed_json, lambda value: value)
        )
        for name in ("assertTrue", "assertFalse", "assertEqual"):
            # Each test judges to its end, whatever it would have said about the verdicts on the way.
            patch.setattr(unittest.TestCase, name, lambda *anything: None)
        for file in sorted(folder.glob("v2?/*_tests.py")):
            module = importlib.import_module(f"stix2validator.test.{file.parent.name}.{file.stem}")
            suite.addTests(unittest.defaultTestLoader.loadTestsFromModule(module))
        suite.run(unittest.TestResult())
    return list(found.values())
