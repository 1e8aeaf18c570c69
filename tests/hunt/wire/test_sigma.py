"""Sigma rules are read, or refused with a reason; nothing else comes out of a strange file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hunt.sigma import rule
from kouprey.hunt.model import Kind, Leaf
from kouprey.hunt.wire.sigma import LARGEST, read_rules
from kouprey.kernel.words.errors import Damaged, KoupreyError, TooLarge

GOOD = rule("s:\n    Image|endswith: 'curl'\ncondition: s")


def test_a_rule_keeps_its_text_and_becomes_a_tree() -> None:
    (made,) = read_rules(GOOD)
    assert (made.title, made.level, made.product, made.problem, made.text) == ("A loader", "high", "linux", "", GOOD)
    (tree,) = made.trees
    assert isinstance(tree, Leaf) and tree.test.kind is Kind.ENDS and tree.test.text == "curl"


def test_what_cannot_be_run_is_kept_with_its_reason() -> None:
    (made,) = read_rules(rule("keywords:\n    - 'any field'\ncondition: keywords"))
    assert made.trees == () and "any field" in made.problem
    two = read_rules(f"{GOOD}---\n{GOOD.replace('A loader', 'Another')}")
    assert len({each.digest for each in two}) == 2 and [each.title for each in two] == ["A loader", "Another"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing",
        "[1, 2]",
        "title: x\n",
        "a: &b [1]\nc: *b\n",
        GOOD.replace("condition: s", "condition: nowhere and"),
        "\x00",
    ],
)
def test_no_rule_is_refused(text: str) -> None:
    try:
        made = read_rules(text)
    except Damaged as error:
        assert error.code == "bad-rule" and error.remedy
    else:
        assert all(each.problem for each in made)


def test_a_large_file_is_not_read() -> None:
    with pytest.raises(TooLarge):
        read_rules("#" * (LARGEST + 1))


@given(st.text(max_size=60), st.integers(0, len(GOOD)))
def test_whatever_stands_there_it_is_read_or_refused(text: str, at: int) -> None:
    for made in (text, GOOD[:at] + text + GOOD[at:]):
        try:
            read_rules(made)
        except KoupreyError as error:
            assert error.code in ("bad-rule", "too-large")
