"""What people type."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.capacity.model import Holder
from kouprey.capacity.wire.typed import (
    read_competency,
    read_form,
    read_local,
    read_people,
    read_wish,
    show_local,
    show_people,
)
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import format_second

FORM = {
    "kind": "training",
    "title": "Hand-offs",
    "starts": "2026-12-01 09:00",
    "ends": "2026-12-02 17:00",
    "deadline": "2026-11-20 12:00",
    "zone": "Asia/Phnom_Penh",
    "seats": "10",
    "languages": "km en",
    "competencies": "nice:PD-WRL-003 ecsf:2",
    "place": "Phnom Penh",
}


def test_times_are_those_of_the_place() -> None:
    at = read_local("2026-12-01 09:00", "Asia/Phnom_Penh")
    assert format_second(at) == "2026-12-01T02:00:00Z"
    assert read_local(show_local(at, "Asia/Phnom_Penh"), "Asia/Phnom_Penh") == at
    assert read_local("2026-12-01T09:00:00+07:00", "UTC") == at


def test_people_are_one_on_a_line() -> None:
    found = read_people("Sok Dara; analyst; dara@cert.example\n\n  Chan Vanna \n")
    assert [(each.name, each.role, each.mail) for each in found] == [
        ("Sok Dara", "analyst", "dara@cert.example"),
        ("Chan Vanna", "", ""),
    ]
    assert show_people(found) == "Sok Dara; analyst; dara@cert.example\nChan Vanna"
    assert read_people(show_people(found)) == found
    assert show_people([Holder(party="", id="", name="A", mail="a@b")]) == "A; ; a@b"


def test_a_form_makes_an_activity() -> None:
    made = read_form(FORM)
    assert (made.seats, made.languages, len(made.competencies)) == (10, ("km", "en"), 2)


@pytest.mark.parametrize(
    "wrong",
    [{"seats": "many"}, {"kind": "party"}, {"zone": "Nowhere"}, {"starts": "soon"}, {"competencies": "nice:NONE"}],
)
def test_what_is_wrong_in_a_form_is_said(wrong: dict[str, str]) -> None:
    with pytest.raises(Damaged):
        read_form({**FORM, **wrong})


@given(st.text(max_size=60), st.text(max_size=20))
def test_anything_is_read_or_refused(text: str, other: str) -> None:
    """read_local, read_people, read_competency, read_wish and read_form say what they cannot read."""
    for read in (
        lambda: read_local(text, "UTC"),
        lambda: read_local("2026-12-01 09:00", text),
        lambda: read_people(text),
        lambda: read_competency(text),
        lambda: read_wish(True, "nice:PD-WRL-003", text),
        lambda: read_wish(False, text, other),
        lambda: read_form({**FORM, "starts": text, "seats": other}),
    ):
        with contextlib.suppress(Damaged):
            read()
