"""One cell: what it says, or why it says nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.model.tables import Times
from kouprey.exchange.wire.tables import cells
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import format_second


@pytest.mark.parametrize(
    ("role", "text", "wanted"),
    [
        ("value", "hxxp://evil[.]kh/", ("url", "http://evil.kh/")),
        ("value", "198.51.100.7:443", ("ipv4-addr", "198.51.100.7")),
        ("value", "AS64500", ("as-number", "AS64500")),
        ("ip", "2001:DB8::1", ("ipv6-addr", "2001:db8::1")),
        ("hash", "D41D8CD98F00B204E9800998ECF8427E", ("md5", "d41d8cd98f00b204e9800998ecf8427e")),
        ("domain", "Evil.KH.", ("domain-name", "evil.kh")),
        ("mutex", "Global\\x", ("mutex", "Global\\x")),
        ("file-name", "C:\\x\\a.exe", ("file-name", "a.exe")),
    ],
)
def test_values(role: str, text: str, wanted: tuple[str, str]) -> None:
    made = cells.read_value(role, text)
    assert (made.kind, made.text) == wanted


@pytest.mark.parametrize(
    ("role", "text"), [("value", "hello world"), ("value", "word"), ("ip", "evil.kh"), ("hash", "abc"), ("url", "x")]
)
def test_what_is_no_value(role: str, text: str) -> None:
    with pytest.raises(Damaged):
        cells.read_value(role, text)


@pytest.mark.parametrize(
    ("text", "times", "wanted"),
    [
        ("2026-11-22", Times(), "2026-11-22T00:00:00Z"),
        ("2026-11-22 09:00:01 UTC", Times(zone="+07:00"), "2026-11-22T09:00:01Z"),
        ("2026-11-22T09:00:01.5", Times(zone="+07:00"), "2026-11-22T02:00:01Z"),
        ("2026-11-22T09:00+0200", Times(), "2026-11-22T07:00:00Z"),
        ("2026-11-22 09:00", Times(zone="Asia/Phnom_Penh"), "2026-11-22T02:00:00Z"),
        ("1795338000", Times(zone="+07:00"), "2026-11-22T09:00:00Z"),
        ("1795338000000", Times(), "2026-11-22T09:00:00Z"),
        ("22/11/2026 09h", Times(format="%d/%m/%Y %Hh", zone="-01:00"), "2026-11-22T10:00:00Z"),
    ],
)
def test_times_in_their_zone(text: str, times: Times, wanted: str) -> None:
    assert format_second(cells.read_time(text, times)) == wanted


@given(
    st.text(max_size=30), st.sampled_from(["auto", "%d.%m.%Y", "%Y", "%"]), st.sampled_from(["UTC", "+07:00", "-23:59"])
)
def test_times_are_read_or_refused(text: str, form: str, zone: str) -> None:
    try:
        format_second(cells.read_time(text, Times(format=form, zone=zone)))
    except Damaged as refused:
        assert refused.code == "bad-time"


def test_zones_confidence_levels_labels_and_what_is_nothing() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        cells.zone_of("Nowhere/City")
    assert [cells.read_confidence(each) for each in ("0", "100", "75%", "High", "none")] == [0, 100, 75, 85, 0]
    for bad in ("101", "-1", "1.5", "sure", "\u0663"):
        with pytest.raises(Damaged):
            cells.read_confidence(bad)
    with pytest.raises(Damaged):
        cells.read_level("pink")
    assert cells.read_labels("a, b;a|| c ") == ["a", "b", "c"]
    assert [cells.bare(each) for each in ("-", "N/A", "'=1+1", "'quoted'", "x")] == ["", "", "=1+1", "'quoted'", "x"]


@given(st.sampled_from(cells.VALUE_ROLES), st.text(max_size=60))
def test_any_cell_is_a_value_that_reads_as_itself_or_is_refused(role: str, text: str) -> None:
    try:
        made = cells.read_value(role, text)
    except Damaged:
        return
    assert cells.read_value(made.kind, made.text) == made


@given(st.text(max_size=20))
def test_any_cell_says_how_sure_and_which_words_or_is_refused(text: str) -> None:
    words = cells.read_labels(text)
    assert cells.read_labels(";".join(words)) == words
    try:
        sure = cells.read_confidence(text)
    except Damaged:
        return
    assert cells.read_confidence(f" {sure} %") == sure and 0 <= sure <= 100


@given(st.text(max_size=20))
def test_any_cell_is_a_level_or_refused(text: str) -> None:
    try:
        level = cells.read_level(text)
    except Damaged:
        return
    assert cells.read_level(level.word) is level
