"""A matrix: columns in their order, sub-techniques folded, every placement counted once for each technique."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.exchange.model.placing import Tactic, Technique
from kouprey.exchange.rules.matrix import ORDERS, build, chains_of, places_of, scale_of, shade, spoken, steps_of

ATT = "mitre-attack"


def technique(number: str, *phases: str, stix_id: str = "", chain: str = ATT) -> Technique:
    made = stix_id or f"attack-pattern--{number}"
    return Technique(stix_id=made, name=f"Name {number}", number=number, phases=tuple((chain, each) for each in phases))


CATALOGUE = [
    technique("T1059", "execution"),
    technique("T1059.001", "execution"),
    technique("T1078", "persistence", "execution"),
]


def test_a_technique_counts_itself_and_what_is_folded_into_it() -> None:
    counts = {
        ("technique", "mitre", "T1059"): 2,
        ("object", "", "attack-pattern--T1059.001"): 3,
        ("technique", "mitre", "T1078"): 1,
        ("phase", ATT, "execution"): 4,
        ("phase", "lockheed", "delivery"): 5,
    }
    made = build(ATT, counts, CATALOGUE, ())
    assert [column.phase for column in made.columns] == ["execution", "persistence"]
    first = made.columns[0]
    assert first.count == 4 and [(cell.number, cell.own, cell.count) for cell in first.cells] == [
        ("T1059", 2, 5),
        ("T1078", 1, 1),
    ]
    assert [cell.number for cell in first.cells[0].below] == ["T1059.001"] and made.most == 5 and made.catalogue
    assert [cell.number for cell in made.columns[1].cells] == ["T1078"], "a technique stands under each of its phases"
    assert made.chains == (ATT, "lockheed")
    other = build("lockheed", counts, CATALOGUE, ())
    assert [(column.phase, column.count) for column in other.columns] == [("delivery", 5)] and not other.catalogue


def test_what_nothing_describes_is_shown_apart() -> None:
    counts = {("technique", "mitre", "T9999"): 2, ("object", "", "attack-pattern--lost"): 1}
    made = build(ATT, counts, CATALOGUE, ())
    assert [(cell.name, cell.count) for cell in made.columns[-1].cells] == [("T9999", 2), ("attack-pattern--lost", 1)]
    assert made.columns[-1].phase == ""
    assert places_of(made, "", "T9999")[1] == {("technique", "mitre", "T9999")}


def test_columns_follow_the_catalogue_else_their_authors_else_the_alphabet() -> None:
    counts = {("phase", ATT, phase): 1 for phase in ("impact", "reconnaissance", "execution", "zebra")}
    assert [each.phase for each in build(ATT, counts, (), ()).columns] == [
        "reconnaissance",
        "execution",
        "impact",
        "zebra",
    ]
    tactics = tuple(
        Tactic(stix_id="", phase=phase, name=phase.upper(), place=n) for n, phase in enumerate(("impact", "execution"))
    )
    told = build(ATT, counts, (), tactics).columns
    assert [each.phase for each in told] == ["impact", "execution", "reconnaissance", "zebra"] and told[
        0
    ].name == "IMPACT"


def test_places_of_a_technique_hold_those_below_it() -> None:
    made = build(ATT, {("phase", ATT, "execution"): 1}, CATALOGUE, ())
    cell, places = places_of(made, "", "T1059")
    assert cell is not None and cell.number == "T1059"
    assert {name for _, _, name in places} == {
        "T1059",
        "T1059.001",
        "attack-pattern--T1059",
        "attack-pattern--T1059.001",
    }
    assert places_of(made, "execution", "") == (None, {("phase", ATT, "execution")})
    assert places_of(made, "", "T0000") == (None, frozenset()) == places_of(made, "nowhere", "")
    assert places_of(made, "", "") == (None, frozenset())


def test_without_anything_there_is_no_matrix() -> None:
    assert build("", {}, (), ()).columns == () and chains_of((), ()) == ()
    assert spoken("command-and-control") == "Command and control" and len(ORDERS[ATT]) == 14


@settings(deadline=None)
@given(st.integers(1, 100_000))
def test_shades_rise_with_the_count(most: int) -> None:
    steps = steps_of(most)
    assert steps == sorted(set(steps)), "no shade is empty between two others"
    shades = [shade(n, most) for n in (0, 1, *(each for each in steps if each <= most), most)]
    assert shades == sorted(shades) and shades[0] == 0 and 1 <= shades[-1] <= 5


@settings(deadline=None)
@given(st.integers(0, 100_000))
def test_the_scale_tells_every_count_there_is_and_none_above(most: int) -> None:
    scale = scale_of(most)
    told = [(shade(low, most), shade(high, most)) for _step, low, high in scale]
    assert told == [(step, step) for step, _low, _high in scale]
    lows, highs = [low for _step, low, _high in scale], [high for _step, _low, high in scale]
    assert lows == [1, *(high + 1 for high in highs)][: len(lows)] and (highs[-1:] or [0]) == [most]


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            [
                ("technique", "mitre", "T1059"),
                ("technique", "mitre", "T1059.001"),
                ("object", "", "attack-pattern--T1059"),
                ("technique", "mitre", "T1078"),
            ]
        ),
        st.integers(0, 50),
    )
)
def test_nothing_is_counted_twice_under_a_technique(counts: dict[tuple[str, str, str], int]) -> None:
    made = build(ATT, counts, CATALOGUE, ())  # type: ignore[arg-type]  # the sampled words are ways
    here = {cell.number: cell.count for column in made.columns if column.phase == "execution" for cell in column.cells}
    assert sum(here.values()) == sum(counts.values())
