"""Columns of a type: there when the list is of that type alone, and true to the object's own words."""

from __future__ import annotations

import re
from typing import Any

from kouprey.exchange.pages.columns import columns_for
from kouprey.kernel.words.time import format_instant, wall_clock
from kouprey.people.model import Role

DAY = 86_400_000_000


def test_columns_come_with_a_single_type() -> None:
    assert [column.title for column in columns_for(("indicator",))] == ["Valid until", "State"]
    assert columns_for(()) == columns_for(("indicator", "report")) == columns_for(("tool",)) == ()


def test_an_indicator_says_how_long_and_how_it_stands(desk: Any) -> None:
    now = wall_clock()
    desk.take(
        desk.thing("indicator", "Over", valid_until=format_instant(now - DAY)),
        desk.thing("indicator", "Ahead", valid_from=format_instant(now + DAY)),
        desk.thing("indicator", "Now", valid_until="2035-01-01T00:00:00Z"),
        desk.thing("indicator", "Gone", revoked=True),
        desk.thing("indicator", "Odd", valid_until="soon"),
    )
    text = desk.visitor(Role.ANALYST).text("/intelligence?type=indicator")
    rows = re.findall(r"<tr data-row>(.*?)</tr>", text, re.DOTALL)
    states = {
        re.search(r"<bdi>([^<]*)", row)[1]: re.search(r'class="pill (\w+)"', row)[1]  # type: ignore[index]  # each row has both
        for row in rows
    }
    assert states == {"Over": "idle", "Ahead": "info", "Now": "good", "Gone": "bad", "Odd": "good"}
    assert "2035-01-01" in text and "Valid until" in text
    assert "Valid until" not in desk.visitor(Role.ANALYST).text("/intelligence")


def test_reports_and_sightings_have_their_own(desk: Any) -> None:
    target = desk.thing("campaign", "Lantern")
    desk.take(target, desk.thing("report", "R", published="2026-10-31T06:00:00Z", object_refs=[target["id"]]))
    desk.exchange.sight(target["id"], who=desk.exchange.operator(), by="operator", count=7)
    reader = desk.visitor(Role.ANALYST)
    assert 'data-label="Published"><time datetime="2026-10-31' in reader.text("/intelligence?type=report")
    assert 'data-label="Times"><span class="num">7</span>' in reader.text("/intelligence?type=sighting")
