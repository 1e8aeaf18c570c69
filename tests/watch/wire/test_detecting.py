"""Formats are told by their lines, or it is said why not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.errors import Damaged
from kouprey.watch.model import Format
from kouprey.watch.wire.detecting import detect


@pytest.mark.parametrize(
    ("sample", "form", "why"),
    [
        (b'{"ts":1.5,"uid":"C1"}\n', Format.ZEEK, "ts and uid"),
        (b'{"timestamp":"t","event_type":"dns"}\n{"timest', Format.SURICATA, "event_type"),
        (b'{"@timestamp":"t"}', Format.ECS, "@timestamp"),
        (b'{"EventID":1,"Hostname":"w"}', Format.ECS, "EventID"),
        (b"Nov 28 10:00:00 ns1 named: query\n", Format.PLAIN, "text"),
    ],
)
def test_formats(sample: bytes, form: Format, why: str) -> None:
    found = detect(sample)
    assert found[0] is form and why in found[1]


@pytest.mark.parametrize(
    ("sample", "why"),
    [
        (b"\n", "no line"),
        (b"#separator \\x09\n", "as a table"),
        (b'{"a":1,"b":2}', "they have a, b"),
        (b"{", "no objects"),
        (b'{"ts":1,"uid":"C"}\nplain\n', "others like"),
    ],
)
def test_what_is_not_clear(sample: bytes, why: str) -> None:
    with pytest.raises(Damaged) as told:
        detect(sample)
    assert told.value.code == "unclear-format" and why in told.value.why and told.value.remedy


@given(st.binary(max_size=200))
def test_any_sample_is_told_or_unclear(sample: bytes) -> None:
    try:
        assert detect(sample)[0] is not Format.AUTO
    except Damaged as error:
        assert error.code == "unclear-format"
