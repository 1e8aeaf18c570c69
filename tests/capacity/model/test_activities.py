"""Pictures are asked by state."""

from __future__ import annotations

from capacity.conftest import training
from kouprey.capacity.model.activities import LATER, Nominee, Picture, Seat, SeatState


def test_a_picture_tells_who_is_in_a_state() -> None:
    seats = tuple(
        Seat(party="p", person=Nominee(id=str(state), name="N"), rank=1, state=state)
        for state in (SeatState.CONFIRMED, SeatState.WAITING, SeatState.OFFERED)
    )
    picture = Picture(activity=training(), seats=seats)
    assert [each.state for each in picture.of(*LATER)] == [SeatState.WAITING, SeatState.OFFERED]
    assert picture.of(SeatState.WITHDRAWN) == ()
