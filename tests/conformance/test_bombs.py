"""Bombs: small or large inputs made to exhaust whoever reads them, each refused with its reason in little memory."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import zstandard

from kouprey.exchange.wire import MAX_OBJECT

_gzip = partial(gzip.compress, mtime=0)
MIB = 1 << 20
MOST_GROWTH = 64
MOST_KEPT = 96
"""MiB that may stay of all bombs together: what is freed in pieces does not all go back to the machine."""
UUID = "00000001-1f2e-4a3b-8c4d-5e6f708192a3"
RUNNER = Path(__file__).with_name("under_bombs.py")


def _object(type_: str = "malware", **more: Any) -> bytes:
    value = {"type": type_, "spec_version": "2.1", "id": f"{type_}--{UUID}", **more}
    if type_ in {"malware", "indicator", "observed-data"}:
        value |= {"created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z", "is_family": True}
    return json.dumps(value).encode()


def _holding(raw: bytes) -> bytes:
    """An object with this text as the value of a property."""
    return _object()[:-1] + b',"x_own":' + raw + b"}"


def _indicator(pattern: str) -> bytes:
    return _object("indicator", pattern=pattern, pattern_type="stix", valid_from="2026-01-01T00:00:00Z")


def _wide_window() -> bytes:
    parameters = zstandard.ZstdCompressionParameters(window_log=27, write_content_size=False)
    made = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    return made.compress(_object() + bytes(100)) + made.flush(zstandard.COMPRESSOBJ_FLUSH_FINISH)


NEAR = MAX_OBJECT - 300
"""As long as a value of an object may just be."""

# By name: the bytes, and the code of the refusal; where the object is taken in, the code of a finding; or nothing.
BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "depth of arrays": (lambda: _holding(b"[" * MIB + b"]" * MIB), "unsafe-json"),
    "depth of objects": (lambda: _holding(b'{"a":' * 500_000 + b"1" + b"}" * 500_000), "unsafe-json"),
    "depth of both": (lambda: _holding(b'[{"a":' * 300_000 + b"1" + b"}]" * 300_000), "unsafe-json"),
    "depth without end": (lambda: _gzip(b'{"objects":[' * 3 * MIB), "broken-stream"),
    "depth of lists without end": (lambda: _gzip(b"[" * 50 * MIB), "broken-stream"),
    "65 levels": (lambda: _holding(b"[" * 64 + b"]" * 64), "unsafe-json"),
    "a million keys": (
        lambda: _holding(b"{" + b",".join(b'"k%d":1' % each for each in range(10**6)) + b"}"),
        "too-large",
    ),
    "250,000 keys": (
        lambda: _object()[:-1] + b"," + b",".join(b'"x%d":1' % each for each in range(250_000)) + b"}",
        "unsafe-json",
    ),
    "a million numbers": (lambda: _holding(b"[" + b"1," * 10**6 + b"1]"), "unsafe-json"),
    "900,000 objects in one": (lambda: _holding(b"[" + b"{}," * 900_000 + b"{}]"), "unsafe-json"),
    "as many values as may be": (lambda: _holding(b"[" + b"{}," * 99_000 + b"{}]"), ""),
    "a long string": (lambda: _holding(b'"' + b"a" * 100 * MIB + b'"'), "too-large"),
    "a long string of wide characters": (lambda: _holding('"\U0001f600'.encode() + b"a" * (NEAR - 50) + b'"'), ""),
    "half a pair after a long string": (
        lambda: _holding('"\U0001f600'.encode() + b"a" * (NEAR - 60) + b'\\ud800"'),
        "unsafe-json",
    ),
    "half a pair after many escapes": (lambda: _holding(b'"' + b"\\n" * MIB + b'\\ud800"'), "unsafe-json"),
    "half a pair far down": (lambda: _holding(b'{"a":' * 50 + b'"\\udc00"' + b"}" * 50), "unsafe-json"),
    "one object of 100 MB": (
        lambda: _object()[:-1] + b"".join(b',"x_%d":"%s"' % (each, b"a" * MIB) for each in range(100)) + b"}",
        "too-large",
    ),
    "a huge integer": (lambda: _holding(b"9" * 2 * MIB), "unsafe-json"),
    "many huge integers": (lambda: _holding(b"[" + b",".join([b"9" * 400] * 6_000) + b"]"), "unsafe-json"),
    "a huge exponent": (lambda: _holding(b"1e999999999"), "unsafe-json"),
    "a key given twice far down": (
        lambda: _holding(b'{"a":' * 50 + b'{"b":1,"b":2}' + b"}" * 50),
        "unsafe-json",
    ),
    "a key given a hundred thousand times": (
        lambda: _holding(b"{" + b",".join([b'"k":1'] * 100_000) + b"}"),
        "unsafe-json",
    ),
    "a key without end": (lambda: _gzip(b'{"' + b"a" * 50 * MIB), "too-large"),
    "U+0000": (lambda: _holding(b'"a\\u0000"'), "unsafe-json"),
    "a byte of 0": (lambda: _holding(b'"a\0"'), "unsafe-json"),
    "bytes of 0": (lambda: bytes(2 * MIB), "unsafe-json"),
    "UTF-16": (lambda: _object().decode().encode("utf-16"), "unsafe-json"),
    "Latin 1": (lambda: _holding(b'"\xe9"'), "unsafe-json"),
    "a line without end": (lambda: _gzip(b'{"type":"malware","x":"' + b"a" * 100 * MIB), "too-large"),
    "spaces": (lambda: _gzip(b" " * 100 * MIB), ""),
    "empty objects": (lambda: b'{"type":"bundle","objects":[' + b"{}," * 100_000 + b"{}]}", ""),
    "a million empty objects": (lambda: b'{"type":"bundle","objects":[' + b"{}," * 10**6 + b"{}]}", ""),
    "bundles in bundles": (lambda: (b'{"objects":[' * 30 + b"]}" * 30 + b"\n") * 500, "bad-type"),
    "gzip in gzip": (lambda: _gzip(_gzip(_gzip(bytes(50 * MIB)))), "broken-stream|unsafe-json"),
    "gzip cut short": (lambda: _gzip(_object())[:-12], "broken-stream"),
    "many gzip members": (lambda: _gzip(b"") * 20_000, ""),
    "something after gzip": (lambda: _gzip(_object()) + b"junk", "broken-stream"),
    "Zstandard": (lambda: zstandard.compress(b'[{"a":"' + bytes(100 * MIB)), "broken-stream"),
    "Zstandard with a wide window": (_wide_window, "broken-stream"),
    "Zstandard cut short": (lambda: zstandard.compress(_object())[:-5], "broken-stream"),
    "many Zstandard frames": (lambda: zstandard.compress(b"") * 5_000, ""),
    "10,000 parentheses": (lambda: _indicator("(" * 10_000 + "[a:b = 1]" + ")" * 10_000), "pattern-too-large"),
    "10,000 parentheses in brackets": (
        lambda: _indicator("[" + "(" * 10_000 + "a:b = 1" + ")" * 10_000 + "]"),
        "pattern-too-large",
    ),
    "10,001 ORs": (lambda: _indicator("[" + " OR ".join(["a:b = 1"] * 10_002) + "]"), "pattern-too-large"),
    "a pattern of 2 MB": (lambda: _indicator("[a:b = '" + "x" * 2 * MIB + "']"), "pattern-too-large"),
    "a pattern of 10 MB": (lambda: _indicator("[a:b = '" + "x" * 10 * MIB + "']"), "too-large"),
    "a pattern of comments": (lambda: _indicator("[a:b = 1] " + "/*" * 100_000), "pattern-unreadable"),
    "a pattern of escapes": (lambda: _indicator("[a:b = '" + "\\\\" * 100_000 + "']"), ""),
    "base64": (lambda: _object("artifact", payload_bin="A" * (NEAR - 200) + "!"), "form"),
    "a URL of escapes": (lambda: _object("url", value="http://" + "%20" * (NEAR // 3 - 200) + " "), "form"),
    "an e-mail address of dots": (lambda: _object("email-addr", value="a." * MIB + "@"), "form"),
    "a language of parts": (lambda: _object(lang="en-" + "a1b2c3-" * 300_000), "language"),
    "a name of question marks": (
        lambda: _object("software", name="a", cpe="cpe:2.3:a:" + "?" * MIB + "a" + "?" * MIB),
        "form",
    ),
    "many selectors": (
        lambda: _object(
            granular_markings=[
                {"selectors": ["labels.[9]"] * 100_000, "marking_ref": f"marking-definition--{UUID}"},
            ]
        ),
        "too-many",
    ),
    "many references": (
        lambda: _object(sample_refs=[f"file--{each:08x}{UUID[8:]}" for each in range(60_000)]),
        "missing",
    ),
}
LARGE = {"a long string", "one object of 100 MB", "a million keys", "a million empty objects", "a pattern of 10 MB"}


@pytest.fixture(scope="module")
def bombs(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A folder with a good file, then the bombs; the largest only among the acceptance sizes."""
    folder = tmp_path_factory.mktemp("bombs")
    (folder / "00 good").write_bytes(_object(name="a"))
    for number, (name, (make, _)) in enumerate(BOMBS.items(), 1):
        if name not in LARGE or request.config.getoption("--long"):
            (folder / f"{number:02} {name}").write_bytes(make())
    return folder


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="memory is told by Linux")
@pytest.mark.parametrize(
    "door", [pytest.param(door, marks=pytest.mark.long) for door in ("validate", "import", "parsers")]
)
def test_bombs(bombs: Path, door: str) -> None:
    done = subprocess.run([sys.executable, RUNNER, door, bombs], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    *answers, after = [json.loads(line) for line in done.stdout.splitlines()]
    assert {answer["bomb"] for answer in answers} >= BOMBS.keys() - LARGE
    for answer in answers:
        code = BOMBS[answer["bomb"]][1]
        assert answer["growth"] <= MOST_GROWTH, answer
        refused = answer["refused"]
        if door == "parsers":
            assert refused, answer
        elif refused:
            # What, why, the remedy, and where.
            assert all(refused[1:4]) and refused[4] >= 0, answer
            assert refused[0] in code.split("|"), answer
        elif door == "validate" and code:
            assert code in answer["musts"], answer
    assert after["growth"] <= MOST_KEPT, after
    assert after["taken"] == 1 and (door == "parsers" or not after["refused"])
