"""A badge on paper."""

from __future__ import annotations

import pytest

from kouprey.capacity.model import Achievement, Badge, Holder
from kouprey.capacity.wire.paper import draw_badge


@pytest.mark.parametrize("language", ["en", "km"])
def test_a_badge_is_one_sheet(language: str) -> None:
    badge = Badge(id="bdg_1", achievement="a", holder="p n", index=1, issued_at=10**15, issued_by="x", raw=b"{}")
    wanted = Achievement(id="a", name="Hand-offs", description="ប្រគល់", criteria="Two exercises")
    holder = Holder(party="p", id="n", name="សុខ ដារ៉ា")
    address = "https://node.example/badges/bdg_1"
    given = {"language": language, "home": "CERT", "address": address, "competencies": ["NICE PD-WRL-003"]}
    drawn = draw_badge(badge, wanted, holder, **given)
    assert drawn.startswith(b"%PDF") and drawn.count(b"/Type /Page\n") + drawn.count(b"/Type/Page") <= 2
    assert draw_badge(badge, wanted, holder, **given) == drawn
