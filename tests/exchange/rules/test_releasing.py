"""Who releases what: nobody for themselves, nobody twice, and every place filled by somebody of the role."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from kouprey.agreements.model import RELEASING_ROLES
from kouprey.exchange.rules.releasing import Rule, hinders_release, in_emergency, lacking, rules_for
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import TLP

ROLES = st.sampled_from(RELEASING_ROLES)
WANTED = st.dictionaries(ROLES, st.integers(1, 2), max_size=3)
VOICES = st.dictionaries(st.sampled_from("abcde"), st.lists(ROLES, unique=True, max_size=3), max_size=5)
RULES = st.lists(
    st.builds(Rule, st.sampled_from(TLP), ROLES, st.integers(1, 2), st.sampled_from(((), ("intelligence",), ("x",))))
)


def best(wanted: dict[str, int], voices: dict[str, list[str]]) -> int:
    """The fewest places that stay empty, by trying every order."""
    places = [role for role, persons in wanted.items() for _ in range(persons)]
    people = [*voices.values(), *([[]] * len(places))]
    return min(
        (
            sum(role not in roles for role, roles in zip(places, order, strict=False))
            for order in permutations(people, len(places))
        ),
        default=0,
    )


@given(WANTED.filter(lambda wanted: sum(wanted.values()) <= 4), VOICES)
def test_each_person_fills_one_place_and_as_many_are_filled_as_can_be(
    wanted: dict[str, int], voices: dict[str, list[str]]
) -> None:
    lacks = lacking(wanted, voices)
    assert sum(lacks.values()) == best(wanted, voices)
    assert all(0 < persons <= wanted[role] for role, persons in lacks.items())
    assert sum(wanted.values()) - sum(lacks.values()) <= len(voices)


@given(WANTED, VOICES, st.sampled_from("abcdef"), st.lists(ROLES, unique=True))
def test_a_word_counts_only_when_it_fills_a_place(
    wanted: dict[str, int], voices: dict[str, list[str]], person: str, roles: list[str]
) -> None:
    asked_by = "f"
    hinder = hinders_release(person, roles, asked_by, wanted, voices)
    before = sum(lacking(wanted, voices).values())
    after = sum(lacking(wanted, {**voices, person: roles}).values())
    if hinder is None:
        assert person != asked_by and person not in voices and after == before - 1
    else:
        assert person == asked_by or person in voices or after == before


@given(RULES, st.sampled_from(TLP), st.sampled_from(("intelligence", "sighting")))
def test_the_strictest_rule_of_a_role_counts(rules: list[Rule], tlp: TLP, kind: str) -> None:
    wanted = rules_for(rules, Label(owner="a.example", tlp=tlp, kind=kind))
    for rule in rules:
        covers = tlp >= rule.tlp and (not rule.kinds or kind in rule.kinds)
        assert not covers or wanted[rule.role] >= rule.persons
    assert set(wanted) <= {rule.role for rule in rules}


@given(st.sampled_from(TLP), st.sampled_from(TLP))
def test_an_emergency_goes_no_higher_than_the_terms_say(tlp: TLP, ceiling: TLP) -> None:
    label = Label(owner="a.example", tlp=tlp)
    assert in_emergency(ceiling.word, label) == (tlp <= ceiling)
    assert not in_emergency("", label)
