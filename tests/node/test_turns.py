"""Turns of repeated tasks are counted by name, and failures among them."""

from kouprey.node.turns import Turns


def test_counts() -> None:
    turns = Turns()
    turns.note("b")
    turns.note("a", failed=True)
    turns.note("a")
    assert turns.counts() == [("a", 2, 1), ("b", 1, 0)]
