"""What goes into a parcel: all that is not confirmed, what is new, or exactly what a slip asks for."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from kouprey.kernel.words.errors import KoupreyError


def contents(count: int, size: int = 0, mark: str = "o") -> list[bytes]:
    return [f'{{"mark":"{mark}-{number}{"x" * size}"}}'.encode() for number in range(count)]


def ranges(a: Any, b: Any, **how: Any) -> list[tuple[int, int]]:
    made = a.federation.parcels.make(b.party, BytesIO(), by="test", **how)
    return [(part.start, part.end) for part in made.lanes]


def refusal(call: Any) -> str:
    with pytest.raises(KoupreyError) as refused:
        call()
    assert refused.value.why and refused.value.remedy
    return refused.value.code


def test_what_is_new_begins_where_the_last_parcel_ended(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2))
    assert a.federation.parcels.uncarried(b.party) == 3
    assert ranges(a, b, fresh=True) == [(0, 3)] and ranges(a, b, fresh=True) == []
    a.publish(agreement, contents(2, mark="more"))
    assert a.federation.parcels.uncarried(b.party) == 2
    assert ranges(a, b) == [(0, 5)], "what is not confirmed goes again unless told otherwise"
    assert ranges(a, b, fresh=True) == []


def test_a_parcel_that_was_not_written_has_carried_nothing(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2))

    class Full(BytesIO):
        def write(self, _: Any) -> int:
            raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space"):
        a.federation.parcels.make(b.party, Full(), by="test", fresh=True)
    assert ranges(a, b, fresh=True) == [(0, 3)]


def test_parcels_of_a_bounded_size_bring_all_of_it_one_after_the_other(world: Any) -> None:
    a, b, agreement = world.pair()
    for number in range(4):
        a.publish(agreement, contents(10, 1000, f"batch{number}"))
    taken = 0
    for number in range(4):
        out = BytesIO()
        made = a.federation.parcels.make(b.party, out, by="test", fresh=True, most=16_000)
        assert [(part.start, part.end) for part in made.lanes] == [(bool(number) + 10 * number, 11 + 10 * number)]
        taken += b.federation.parcels.read(BytesIO(out.getvalue()), by="test").entries
    assert taken == 41 and ranges(a, b, fresh=True, most=16_000) == []
    assert ranges(a, b, most=29_000) == [(0, 21)], "as many signed stretches as fit"
    assert ranges(a, b, most=1) == [(0, 1)], "one at least"


def test_a_slip_brings_exactly_what_it_asks_for(world: Any) -> None:
    a, b, agreement = world.pair()
    for number in range(5):
        a.publish(agreement, contents(2, mark=f"batch{number}"))
    tag = a.own_lanes()[0].tag
    assert ranges(a, b, slips=f"please send {tag[:12]} 3-4 7-8 of 11") == [(3, 5), (7, 9)]
    assert ranges(a, b, slips=f"please send {tag[:12]} 3-4 4-6 of 11") == [(3, 7)]
    assert ranges(a, b, slips=f"please send {tag[:12]} 3 of 11") == [(3, 5)], "to the next that is signed"
    assert ranges(a, b, slips=f"please send {tag[:12]} from 7") == [(7, 11)]
    assert ranges(a, b, slips=f"please send {tag[:12]} from 11") == []
    assert ranges(a, b, slips=f"nothing missing from {tag[:12]} of 11") == []
    assert ranges(a, b, fresh=True) == [(0, 11)], "answers to slips leave no gap behind them"

    def ask(slip: str) -> str:
        return refusal(lambda: a.federation.parcels.make(b.party, BytesIO(), by="test", slips=slip))

    other = ("0" if tag[0] != "0" else "1") + tag[1:12]
    assert ask(f"please send {other} 3 of 11") == "unknown-lane"
    assert ask(f"please send {tag[:12]} 3 of 12") == "misheard"
    assert ask(f"please send {tag[:12]} from 12") == "misheard"
    assert ask("please send it") == "bad-slip"
    c = world.actor("neighbour.example")
    world.acquaint(a, c)
    slip = f"please send {tag[:12]} 3 of 11"
    assert refusal(lambda: a.federation.parcels.make(c.party, BytesIO(), by="test", slips=slip)) == "unknown-lane"
