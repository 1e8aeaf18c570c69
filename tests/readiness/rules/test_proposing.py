"""What a node can prove, and what an answer counts for."""

from __future__ import annotations

from kouprey.kernel.words.proof import Proof
from kouprey.kernel.words.time import DAY
from kouprey.readiness.model import Answer, State
from kouprey.readiness.rules.proposing import is_level, proposals, values_of, weightings
from readiness.frameworks import indicator, small

ASKS = '[[indicator.evidence]]\nquery = "things"\ncount = 3\nwithin_days = 10\n'
FRAMEWORK = small("points", indicator("i", "a", 2) + ASKS + indicator("k", "a", 4) + ASKS.replace("things", "others"))


def test_enough_of_what_is_asked_for_is_proposed_once() -> None:
    asked: list[int] = []

    def things(since: int) -> Proof:
        asked.append(since)
        return Proof(count=3, first=since, last=since + 1)

    (found,) = proposals([FRAMEWORK], {"things": things}, set(), now=100 * DAY)
    assert (found.indicator, found.proof.count, found.days) == ("i", 3, 10) and asked == [90 * DAY]
    assert proposals([FRAMEWORK], {"things": things}, {("small", "i")}, now=100 * DAY) == []
    assert proposals([FRAMEWORK], {"things": lambda _: Proof(count=2)}, set(), now=100 * DAY) == []


def answer(indicator: str, state: State, value: float = 2) -> Answer:
    return Answer(id="a", framework="small", indicator=indicator, value=value, state=state, by="x", at=1)


def test_only_what_everybody_can_read_counts_as_public() -> None:
    said = [
        answer("i", State.PUBLIC),
        answer("k", State.CONFIRMED),
        answer("l", State.CLAIMED),
        answer("m", State.PROPOSED),
    ]
    assert values_of(said, public=True) == {"i": 2}
    assert values_of(said, public=False) == {"i": 2, "k": 2, "l": 2}


def test_weights_that_are_not_published_are_a_range_within_the_gap() -> None:
    ways = weightings(FRAMEWORK, {"a": 6})
    assert ways["likely"] == {"i": 3, "k": 3} and ways["low"]["i"] == 1.5 and ways["high"]["i"] == 4.5
    assert max(weightings(small("points", indicator("i", "a", 2)), {"a": 6})["high"].values()) == 6


def test_values_are_all_or_nothing_or_levels() -> None:
    first = FRAMEWORK.indicators[0]
    assert is_level(FRAMEWORK, first, 2) and is_level(FRAMEWORK, first, 0) and not is_level(FRAMEWORK, first, 1)
    profile = small("profile", indicator("i", "a", 4))
    assert is_level(profile, profile.indicators[0], 3) and not is_level(profile, profile.indicators[0], 2.5)
