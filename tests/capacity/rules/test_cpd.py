"""Points by a rule, cut by the ceiling of a year."""

from __future__ import annotations

from kouprey.capacity.model import CpdEntry, CpdRule, CpdScheme
from kouprey.capacity.rules.cpd import entry, per_year, rule_id

RULE = CpdRule(id="training", points=6, unit="day", ceiling=20)
SCHEME = CpdScheme(
    id="x", name="X", version="1", source="s", seen="2026-11-22", hours=60, years=3, least_a_year=20, rules=(RULE,)
)


def give(held: list[CpdEntry], day: str, units: int, rule: CpdRule = RULE) -> CpdEntry:
    return entry(SCHEME, rule, held, holder="h", activity=f"a{len(held)}", day=day, units=units, at=1)


def test_the_ceiling_is_that_of_a_year_and_a_rule() -> None:
    held: list[CpdEntry] = []
    for day, units in (("2026-02-01", 2), ("2026-05-01", 2), ("2026-09-01", 2), ("2027-01-01", 2)):
        held.append(give(held, day, units))
    assert [(each.given, each.counted) for each in held] == [(12, 12), (12, 8), (12, 0), (12, 12)]
    assert per_year(held) == {"2027": 12, "2026": 20}
    other = CpdRule(id="book", points=10, unit="book")
    assert give(held, "2026-10-01", 3, other).counted == 30, "a rule without a ceiling, and of its own"
    assert held[0].rule == rule_id(SCHEME, RULE) == "x/1/training"
