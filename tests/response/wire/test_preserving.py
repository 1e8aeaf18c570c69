"""Fields of a preservation out of forms and messages: read back, or refused with what is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import format_instant
from kouprey.response.model.preserving import Hop
from kouprey.response.wire.preserving import (
    MOST_HOPS,
    HopWire,
    PreserveWire,
    from_wire,
    read_route,
    read_route_lines,
    read_until,
    shipped_period,
    to_wire,
)

WORD = st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=40).filter(str.isprintable)
STATE = st.from_regex(r"[A-Z]{2}", fullmatch=True)


@given(st.lists(st.tuples(WORD, STATE), max_size=MOST_HOPS))
def test_a_route_is_read_back(hops: list[tuple[str, str]]) -> None:
    wires = [HopWire(provider=provider, state=state) for provider, state in hops]
    read = read_route(wires)
    assert [(each.provider, each.state) for each in read] == hops
    assert read_route_lines("\n".join(f"{provider} {state}" for provider, state in hops)) == read


@given(st.text(max_size=200))
def test_any_text_is_a_route_or_refused(text: str) -> None:
    for read in (read_route_lines, lambda given: read_route([HopWire(provider=given, state=given)])):
        try:
            assert all(isinstance(each, Hop) and len(each.state) == 2 for each in read(text))
        except Damaged as error:
            assert error.code == "bad-route"


@given(st.text(max_size=40))
def test_any_text_is_a_day_or_refused(text: str) -> None:
    try:
        assert read_until(text) >= 0 or text
    except Damaged as error:
        assert error.code == "bad-until"


def test_a_day_ends_at_its_end() -> None:
    assert format_instant(read_until("2027-01-26")) == "2027-01-26T23:59:59.000000Z" and read_until(" ") == 0
    assert read_until("2027-01-26T10:00:00Z") < read_until("2027-01-26")


@given(st.text(max_size=60), st.booleans())
def test_fields_are_read_back(text: str, assistance: bool) -> None:
    wire = PreserveWire(authority=text, offence=text, data=text, necessity=text, assistance=assistance)
    if "\0" in text:
        with pytest.raises(Damaged, match="cannot be read"):
            from_wire(wire)
    else:
        assert to_wire(from_wire(wire)) == wire
    assert to_wire(None) is None and from_wire(None) is None


def test_what_is_too_long_is_refused() -> None:
    with pytest.raises(Damaged, match="offence"):
        from_wire(PreserveWire(offence="x" * 4_001))
    with pytest.raises(Damaged, match="more than"):
        read_route([HopWire(provider="x", state="KH")] * (MOST_HOPS + 1))


def test_the_shipped_time_has_its_source() -> None:
    period = shipped_period()
    assert period.days == period.least_days == 60 and "paragraph 7" in period.cites
