"""What comes first, where parties stand, and how clocks went."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.time import SECOND
from kouprey.kernel.words.tlp import TLP
from kouprey.response.model import Clock, Course, Due, HandOff, Stage
from kouprey.response.model.situation import Attack, Campaign, Strike, Traffic
from kouprey.response.rules.situation import (
    HEIGHT,
    MOST_PLACED,
    WIDTH,
    Kept,
    first_of_all,
    ordered_campaigns,
    ordered_strikes,
    placed,
    punctual,
    sectors_of,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_sectors_of_whatever_an_identity_says(value: object) -> None:
    found = sectors_of({"sectors": value})
    assert len(found) == len(set(found)) <= 20 and all(each.strip() for each in found)


def test_government_and_media_come_first() -> None:
    def strike(at: int, *sectors: str) -> Strike:
        first = first_of_all(sectors)
        return Strike(attack=Attack.DDOS, title=str(at), at=at, tlp=TLP.CLEAR, sectors=sectors, first=first)

    made = [strike(3), strike(1, "Government-local"), strike(2, "energy"), strike(4, "online news")]
    assert [each.at for each in ordered_strikes(made)] == [4, 1, 3, 2]
    campaigns = [
        Campaign(stix_id=str(at), type="campaign", title="", at=at, tlp=TLP.CLEAR, sectors=sectors)
        for at, sectors in ((1, ()), (2, ("energy",)), (0, ("media",)))
    ]
    assert [each.at for each in ordered_campaigns(campaigns)] == [0, 2, 1]


@given(st.lists(st.integers(0, 10_000), max_size=40))
def test_every_party_stands_inside_the_picture(counts: list[int]) -> None:
    found = placed([Traffic(party=str(place), received=count) for place, count in enumerate(counts)])
    assert len(found) == min(len(counts), MOST_PLACED)
    assert all(0 < each.x < WIDTH and 0 < each.y < HEIGHT and 0 <= each.width <= 6.5 for each in found)
    assert all((each.width == 0) == (each.traffic.total == 0) for each in found)


def kept(met: int, *, frozen: int = 0, other: str = "b.example") -> Kept:
    due = Due(acknowledge=3_600 * SECOND)
    asked = HandOff(
        id="0", agreement="a", asking="a.example", asked=other, kind="act", urgency="urgent", title="", text="",
        tlp=TLP.AMBER, at=0, due=due,
    )  # fmt: skip
    clock = Clock("acknowledge", due.acknowledge, met * SECOND, 0, frozen * SECOND)
    course = Course(stage=Stage.REQUESTED, steps=(), clocks=(clock, Clock("report", 1, 0, 0)), heads=())
    return Kept(asked, course, other, True)


def test_clocks_by_partner_with_what_is_missing_beside() -> None:
    found = punctual([kept(80), kept(7_200, frozen=9_000), kept(0), kept(0, frozen=60)], 4_000 * SECOND)
    (one,) = found
    assert (one.party, one.clock, one.allowed_s, one.seconds) == ("b.example", "acknowledge", 3_600, (80, 7_200))
    assert (one.late, one.open, one.missing) == (2, 1, 1)
    assert [each.party for each in punctual([kept(1), kept(1, other="a")], 0)] == ["a", "b.example"]
    assert punctual([], 0) == ()
