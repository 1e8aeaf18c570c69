"""Rights of sources: whoever lets it go lets it go, whoever wants to be named is, and nobody else opens anything."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.model import SourceKind
from kouprey.exchange.model.rights import SourceRight
from kouprey.exchange.rules.rights import handling_for, keeps_inside, passable
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import TLP

RIGHTS = {
    number: SourceRight(
        source=number, kind=SourceKind.FILE, party="cert.example", name=f"s{number}", passing=passing, credit=credit
    )
    for number, passing, credit in ((1, "inside", ""), (2, "attribution", "Two"), (3, "attribution", "Three"))
}
SAID = st.lists(st.tuples(st.sampled_from(TLP).map(lambda tlp: Label(owner="a", tlp=tlp)), st.integers(0, 3)))


@given(SAID)
def test_what_may_go_is_what_some_source_lets_go(said: list[tuple[Label, int]]) -> None:
    left = passable(said, RIGHTS)
    by = {source for _, source in said}
    assert set(left.labels) <= {label for label, source in said if source != 1}
    assert bool(left.labels) is bool(by - {1})
    assert set(left.credits) == (set() if 0 in by else {RIGHTS[each].credit for each in by & {2, 3}})
    assert set(left.inside) == (by if by == {1} else set())
    assert passable(said, {}).labels == tuple(label for label, _ in said)


def test_what_is_said_of_it() -> None:
    assert "“a”, “b” alone" in keeps_inside(["a", "b"]).text and "page “Rights of sources”" in keeps_inside(["a"]).text
    assert "“" not in keeps_inside([]).text
    assert handling_for(("X",)) == ("attribution: X",)
