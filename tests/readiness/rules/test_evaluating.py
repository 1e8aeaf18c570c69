"""What answers come to, by each of the four aggregates; and the tiers of the shipped countries."""

from __future__ import annotations

from kouprey.readiness.rules.evaluating import evaluate, evaluate_figure
from kouprey.readiness.wire.framework import shipped
from readiness.frameworks import indicator, small, threshold

FOUR = indicator("one", "a", 8) + indicator("two", "a", 8) + indicator("three", "b", 4)


def test_points_are_summed_and_never_above_their_most() -> None:
    framework = small("points", FOUR + threshold("low", 5) + threshold("high", 15))
    standing = evaluate(framework, {"one": 8, "two": 99, "unknown": 7})
    assert (standing.value, standing.most, standing.gap) == (16, 20, 0.0)
    assert standing.tier and standing.tier.id == "high" and standing.next is None
    nothing = evaluate(framework, {})
    assert nothing.tier is None and nothing.next and (nothing.next.id, nothing.gap) == ("low", 5)


def test_pillars_are_capped() -> None:
    standing = evaluate(small("pillars", FOUR), {"one": 8, "two": 8, "three": 4})
    assert standing.value == 14 and standing.groups == (("a", 10.0, 10.0), ("b", 4.0, 10.0))


def test_a_profile_wants_each_level_and_names_what_is_missing() -> None:
    body = FOUR + threshold("basic", 0, "{ one = 2, three = 1 }") + threshold("more", 0, "{ one = 3, two = 1 }")
    framework = small("profile", body)
    assert evaluate(framework, {"one": 2}).missing == (("three", 0, 1),)
    reached = evaluate(framework, {"one": 2, "three": 1})
    assert reached.tier and reached.tier.id == "basic" and reached.missing == (("one", 2, 3), ("two", 0, 1))
    assert reached.gap == 2 and evaluate(framework, {"one": 3, "two": 1, "three": 4}).next is None


def test_a_stage_is_that_of_the_lowest() -> None:
    framework = small("stages", FOUR + threshold("start", 0) + threshold("formed", 2))
    assert evaluate(framework, {"one": 5, "two": 3, "three": 2}).value == 2
    standing = evaluate(framework, {"one": 5, "two": 1, "three": 4})
    assert standing.value == 1 and standing.tier and standing.tier.id == "start" and standing.gap == 1


def test_the_shipped_figures_give_the_tiers_that_were_published() -> None:
    framework = shipped()["gci-2024"]
    tiers = {each.country: evaluate_figure(framework, each).tier.id for each in framework.figures}  # type: ignore[union-attr]  # from 0 on there is one
    assert tiers["KHM"] == "T4" and {tiers[each] for each in ("MYS", "THA", "SGP", "VNM", "IDN")} == {"T1"}
    assert (tiers["PHL"], tiers["MMR"], tiers["LAO"], tiers["TLS"]) == ("T2", "T3", "T4", "T5")
    cambodia = evaluate_figure(framework, framework.figure("KHM") or framework.figures[0])
    assert round(cambodia.value, 2) == 37.09 and round(cambodia.gap, 2) == 17.91
    assert cambodia.next is not None and cambodia.next.id == "T3"
    assert [round(reached, 2) for _, reached, _ in cambodia.groups] == [11.82, 4.56, 8.30, 6.19, 6.22]


def test_the_index_of_forty_nine_has_a_hundred_and_twenty_points() -> None:
    framework = shipped()["ncsi-3"]
    assert len(framework.indicators) == 49 and framework.most == 120
    assert sum(each.most for each in framework.indicators) == 120
    assert evaluate(framework, {each.id: each.most for each in framework.indicators}).value == 120
