"""What nouns say of themselves."""

from __future__ import annotations

from kouprey.advisories.model import Answered, Chain, Link


def test_the_head_of_a_chain_and_how_long_an_answer_took() -> None:
    links = tuple(Link(number=n, id=f"XX-A-2026-000{n}", hash=f"{n}" * 64, issued=n) for n in (1, 2))
    assert Chain(publisher="a", name="A", links=links).head == "2" * 64
    assert Chain(publisher="a", name="A", links=()).head == ""
    assert Answered(statement="x", first=1_000_000, issued=61_500_000, rumours=1).seconds == 60
    # A clock that was put back measures no negative time.
    assert Answered(statement="x", first=9_000_000, issued=1, rumours=1).seconds == 0
