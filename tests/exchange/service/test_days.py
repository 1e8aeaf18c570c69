"""Days: what came in and from whom, as far as one sees, in step with what is held."""

from __future__ import annotations

from typing import Any

from kouprey.exchange.store import checks
from kouprey.kernel.words.time import DAY, parse_instant
from kouprey.kernel.words.tlp import TLP

NOON = parse_instant("2026-11-26T12:00:00Z")


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOON - 3 * DAY

    def __call__(self) -> int:
        self.now += 1
        return self.now


def _sum(days: Any) -> dict[str, int]:
    return {name: sum(values) for name, values in days.by_source.items()}


def test_a_day_counts_what_came_on_it_as_far_as_one_sees(found_party: Any, engine: str, stix: Any) -> None:
    clock = Clock()
    party = found_party("ministry.example", engine, clock)
    party.keep(stix.make("a"), stix.make("t", "tool"), tlp=TLP.GREEN, source="one.json")
    party.keep(stix.make("red"), tlp=TLP.RED, source="secret.json")
    clock.now = NOON
    party.keep(stix.make("b"), tlp=TLP.GREEN, source="one.json")
    # Said again under a label that more people may see: that is when it came for them.
    party.keep(stix.make("red"), tlp=TLP.GREEN, source="two.json")
    whole, green = party.exchange.days(party.reader(), 5), party.exchange.days(party.reader(TLP.GREEN), 5)
    assert whole.by_source == {
        "one.json": (0, 2, 0, 0, 1),
        "secret.json": (0, 1, 0, 0, 0),
        "two.json": (0, 0, 0, 0, 1),
    }
    assert green.by_source == {"one.json": (0, 2, 0, 0, 1), "two.json": (0, 0, 0, 0, 1)}
    assert green.by_type == {"indicator": (0, 1, 0, 0, 2), "tool": (0, 1, 0, 0, 0)}
    assert green.totals == (0, 2, 0, 0, 2) and green.first == NOON // DAY - 4
    assert party.exchange.days(party.reader(), 1).totals == (2,), "what is older is left out"
    assert party.exchange.days(party.foreign("other.example"), 5).totals == (0,) * 5
    with party.store.read() as reader:
        assert checks.count_day_faults(reader) == 0


def test_what_is_erased_is_counted_no_more_and_what_is_wrong_is_mended(ministry: Any, stix: Any) -> None:
    ministry.keep(stix.make("a"), stix.make("b"), source="one.json")
    ministry.exchange.erase(stix.id("indicator", "a"), because="x", who=ministry.reader(), by="test")
    assert _sum(ministry.exchange.days(ministry.reader())) == {"one.json": 1}
    ministry.store.write(lambda tx: tx.execute("UPDATE day_tally SET n = n + 5"))
    with ministry.store.read() as reader:
        assert checks.count_day_faults(reader) > 0
    ministry.store.write(checks.count_anew)
    with ministry.store.read() as reader:
        assert checks.count_day_faults(reader) == 0
    assert _sum(ministry.exchange.days(ministry.reader())) == {"one.json": 1}


def test_what_was_given_is_told_to_our_own_people_as_far_as_they_see(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="amber")
    ministry.keep(stix.make("a"), tlp=TLP.GREEN)
    ministry.keep(stix.make("b"), tlp=TLP.AMBER)
    ministry.exchange.publish(agreement, [stix.id("indicator", name) for name in "ab"], by="test")
    assert sum(ministry.exchange.days(ministry.reader()).given) == 2
    assert sum(ministry.exchange.days(ministry.reader(TLP.GREEN)).given) == 1
    assert sum(ministry.exchange.days(ministry.foreign("operator.example")).given) == 0
