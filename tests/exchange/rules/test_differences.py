"""Differences turn the one value into the other, and are none where there are none."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.model.weighing import Change
from kouprey.exchange.rules.differences import apply, diff
from kouprey.kernel.words.safejson import canonical

# Few letters and numbers, so that much is equal.
LEAVES = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["a", "b", 1.5])
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=25,
)


@given(VALUES, VALUES)
def test_the_differences_make_the_one_of_the_other(a: Any, b: Any) -> None:
    before = copy.deepcopy((a, b))
    changes = diff(a, b)
    assert canonical(apply(changes, a)) == canonical(b)
    assert (changes == []) == (canonical(a) == canonical(b))
    assert (a, b) == before, "neither is touched"
    assert diff(a, a) == []


def test_a_nested_difference_names_its_place() -> None:
    a = {"name": "Wick", "labels": ["x", "y"], "external_references": [{"source_name": "s", "url": "1"}]}
    b = {"name": "Wick", "labels": ["y", "z"], "external_references": [{"source_name": "s", "url": "2"}], "new": True}
    assert diff(a, b) == [
        Change(("external_references", 0, "url"), "changed", "1", "2"),
        Change(("labels", 0), "removed", "x", None),
        Change(("labels", 1), "added", None, "z"),
        Change(("new",), "added", None, True),
    ]
    assert diff({"n": 1}, {"n": True}) == [Change(("n",), "changed", 1, True)]


def test_long_lists_are_one_difference() -> None:
    a, b = [f"a{n}" for n in range(20_000)], [f"b{n}" for n in range(20_000)]
    assert diff({"refs": a}, {"refs": b}) == [Change(("refs",), "changed", a, b)]
