"""The picture of what stands around an object: whatever is related, no two names meet and nothing is drawn outside."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.exchange.pages.picture import MOST_BELOW, MOST_DRAWN, ROW, Picture, Thing, draw, mark_of


@st.composite
def walks(draw_: st.DrawFn) -> list[Thing]:
    """Objects as a walk meets them, nearest first, each hanging on one that is a step nearer."""
    things = [Thing("middle--0", "tool", "Middle", "/0", "", 0)]
    for number in range(1, draw_(st.integers(1, 120)) + 1):
        near = things[draw_(st.integers(0, len(things) - 1))]
        if near.distance < 3:
            title = draw_(st.text(max_size=60))
            things.append(Thing(f"tool--{number}", "tool", title, f"/{number}", near.stix_id, near.distance + 1))
    return sorted(things, key=lambda thing: thing.distance)


@settings(max_examples=60, deadline=None)
@given(things=walks())
def test_no_two_names_meet_and_everything_is_inside(things: list[Thing]) -> None:
    pairs = [(thing.stix_id, "nobody") for thing in things] + [
        (a.stix_id, b.stix_id) for a in things[:3] for b in things
    ]
    picture: Picture = draw(things, pairs)
    assert picture == draw(things, pairs), "the same objects give the same picture"
    assert len(picture.dots) <= MOST_DRAWN + 1
    assert picture.left_out == len(things) - len(picture.dots)
    below = Counter(dot.thing.near for dot in picture.dots)
    assert all(count <= MOST_BELOW for near, count in below.items() if near not in ("", "middle--0"))
    places = [(dot.anchor, dot.y) for dot in picture.dots[1:]]
    assert len(set(places)) == len(places)
    for side in ("start", "end"):
        rows = sorted(y for anchor, y in places if anchor == side)
        assert all(low + ROW <= high + 1e-6 for low, high in pairwise(rows))
    for dot in picture.dots:
        assert 8 <= dot.x <= picture.width - 8 and 8 <= dot.y <= picture.height - 8
        assert len(dot.label) <= 41 or not dot.label.isprintable()
    drawn = {(dot.x, dot.y) for dot in picture.dots}
    assert all({(line.x1, line.y1), (line.x2, line.y2)} <= drawn for line in picture.lines)
    assert sum(line.main for line in picture.lines) == len(picture.dots) - 1


def test_every_type_has_a_mark() -> None:
    assert [mark_of(each) for each in ("campaign", "malware", "report", "ipv4-addr", "x-own")] == (
        ["actor", "means", "account", "observed", "observed"]
    )


def test_wide_letters_take_more_room_and_marks_none() -> None:
    def label(title: str) -> str:
        return draw([Thing("a", "", title, "", "", 0), Thing("b", "", "", "", "a", 1)], []).dots[0].label

    assert label("a" * 26) == "a" * 26 and label("a" * 27).endswith("…")
    assert len(label("攻" * 40)) <= 14
    assert label("e\u0301" * 26) == "e\u0301" * 26
