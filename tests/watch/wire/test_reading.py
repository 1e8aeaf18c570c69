"""Batches: good lines are taken and bad ones named; whatever the bytes are, nothing else happens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.time import SECOND
from kouprey.watch.model import Format
from kouprey.watch.wire.reading import LONGEST_LINE, NAMED, read_lines

NOW = 1_795_000_000 * SECOND
FORMATS = [Format.ZEEK, Format.SURICATA, Format.ECS, Format.PLAIN]
JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers(-(2**70), 2**70) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["query", "host", "name", "ip"]), inner)
    ),
    max_leaves=5,
)
FIELDS = st.sampled_from(
    [
        "ts",
        "query",
        "host",
        "uri",
        "id.orig_h",
        "md5",
        "timestamp",
        "dns",
        "tls",
        "@timestamp",
        "source",
        "url",
        "Hashes",
    ]
)


def test_bad_lines_cost_themselves() -> None:
    body = b'{"query":"a.example","ts":1.0}\n\nno\n{"query":7}\n{"query":"b.example"}'
    found = read_lines(Format.ZEEK, body, "s", NOW)
    assert [each.values for each in found.events] == [(("domain-name", name),) for name in ("a.example", "b.example")]
    assert list(found.places) == [0, 4] and found.refused == 2 and [each.line for each in found.refusals] == [3, 4]
    assert "str" in found.refusals[1].why
    many = read_lines(Format.ZEEK, b"x\n" * (NAMED + 5), "s", NOW)
    assert many.refused == NAMED + 5 and len(many.refusals) == NAMED


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_is_nothing(form: Format) -> None:
    for body in (b"", b"\n\n"):
        found = read_lines(form, body, "s", NOW)
        assert not found.events and not found.refused


def test_a_line_that_is_too_long_is_refused() -> None:
    body = b'{"query":"a.example"}\n\n{"x":"' + b"y" * LONGEST_LINE + b'"}\n'
    found = read_lines(Format.ZEEK, body, "s", NOW)
    assert len(found.events) == 1 and "longer" in found.refusals[0].why


@given(st.sampled_from(FORMATS), st.binary(max_size=300))
def test_read_lines_of_any_bytes(form: Format, body: bytes) -> None:
    found = read_lines(form, body, "s", NOW)
    lines = sum(1 for each in body.split(b"\n") if each.strip())
    assert len(found.events) + found.refused == lines and len(found.places) == len(found.events)


@given(st.sampled_from(FORMATS), st.lists(st.dictionaries(FIELDS, JSON, max_size=5), min_size=1, max_size=3))
def test_read_lines_of_any_json(form: Format, records: list[dict[str, object]]) -> None:
    import json

    body = "\n".join(json.dumps(each) for each in records).encode()
    found = read_lines(form, body, "s", NOW)
    assert len(found.events) + found.refused == len(records)
    for event in found.events:
        assert 0 < event.at <= NOW + 3_600 * SECOND and all(value for _, value in event.values)
