"""The foresight of an agreement as people see it."""

from __future__ import annotations

import re
from typing import Any

from kouprey.agreements.model import Terms
from kouprey.kernel.words.time import wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.node import fiction
from kouprey.people.model import Role


def test_a_draft_is_looked_at_before_it_is_signed(desk: Any, ministry: Any) -> None:
    other = ministry()
    party = other.people.home_id
    desk.take(
        desk.thing("tool", "Hammer"),
        desk.marked("campaign", "Lantern", "amber"),
        desk.marked("tool", fiction.CANARY, "red"),
    )
    made = desk.agreements.draft("Talks", [party], Terms(tlp_ceiling="green"), starts=wall_clock(), by="test")
    url = f"/agreements/{made.agreement}/foresight"
    text = desk.visitor(Role.POLICY).text(url)
    assert "Hammer" in text and "Lantern" not in text and f"/agreements/{made.agreement}#clause-2" in text
    assert "What would open" in text and "What would close" not in text
    low = desk.visitor(Role.POLICY, clearance=TLP.GREEN).text(url)
    assert fiction.CANARY not in low and "TLP:RED" not in low.partition("<main")[2]
    assert desk.visitor(Role.POLICY).get("/agreements/agr_none/foresight").status_code == 404
    desk.assert_harmless(text)


def test_the_rows_of_types_add_up_to_what_stands_above_them(desk: Any, ministry: Any) -> None:
    kinds = ("campaign", "tool", "malware", "intrusion-set", "threat-actor", "vulnerability", "identity", "location")
    more = ("attack-pattern", "course-of-action", "infrastructure")
    extra = {"malware": {"is_family": False}, "location": {"country": "kh"}, "identity": {"identity_class": "group"}}
    desk.take(*(desk.thing(kind, f"A {kind}", **extra.get(kind, {})) for kind in (*kinds, *more)))
    other = ministry()
    made = desk.agreements.draft(
        "Talks", [other.people.home_id], Terms(tlp_ceiling="green"), starts=wall_clock(), by="test"
    )
    text = desk.visitor(Role.POLICY).text(f"/agreements/{made.agreement}/foresight")
    by_level = text.partition("By level")[2].partition("</table>")[0]
    would = sum(map(int, re.findall(r'data-label="Would see">(\d+)<', by_level)))
    by_type = text.partition("By type")[2].partition("</table>")[0]
    assert sum(map(int, re.findall(r'data-label="Would see">(\d+)<', by_type))) == would >= 11
    assert "3 further types" in by_type or "4 further types" in by_type
