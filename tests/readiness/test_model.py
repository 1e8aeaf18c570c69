"""What nouns say by themselves."""

from __future__ import annotations

from kouprey.readiness.model import Figure


def test_a_figure_is_the_sum_of_its_groups() -> None:
    assert Figure(country="KHM", name="Cambodia", values={"a": 1.5, "b": 2}).total == 3.5
