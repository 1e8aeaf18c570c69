"""Regimes are read whole, ours are all sound, and a file that is wrong is refused naming the place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.errors import Damaged
from kouprey.response.model.regimes import After
from kouprey.response.wire.regimes import of_node, read_regime, shipped

RIGHT = """
title = "A rule"
version = "1"
review_by = 2027-01-01
sources = ["a paper"]
[[steps]]
key = "first"
title = "First"
cites = "1"
within = "6h"
fields = ["what"]
"""


def test_ours_are_read_with_source_version_and_review() -> None:
    ours = shipped()
    assert set(ours) == {"eu-nis2", "malaysia-act-854"}
    for regime in ours.values():
        assert regime.sources and regime.version and regime.review_by and regime.steps
        assert not regime.checked, "nobody has compared them with the text of the law, and they say so"
    act = ours["malaysia-act-854"]
    assert [step.seconds for step in act.steps] == [0, 6 * 3_600, 14 * 86_400]
    early, notified, final = ours["eu-nis2"].steps
    assert (early.seconds, notified.seconds) == (24 * 3_600, 72 * 3_600)
    assert (final.after, final.step, final.months) == (After.SENT, "notification", 1)


def test_a_node_may_have_its_own_and_put_one_in_the_place_of_ours(tmp_path: Path) -> None:
    assert of_node(tmp_path / "none") == {}
    (tmp_path / "eu-nis2.toml").write_text(RIGHT)
    assert of_node(tmp_path)["eu-nis2"].title == "A rule"


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (('title = "A rule"', ""), "title"),
        (('version = "1"', "version = 1"), "version"),
        (("review_by = 2027-01-01", 'review_by = "soon"'), "review_by"),
        (('sources = ["a paper"]', "sources = []"), "sources"),
        (('within = "6h"', 'within = "6 hours"'), "steps[0].within"),
        (('within = "6h"', ""), "steps[0]"),
        (('within = "6h"', "months = 1\nwithin = '1h'"), "steps[0].within"),
        (('within = "6h"', "months = true"), "steps[0].months"),
        (('fields = ["what"]', 'fields = ["whatever"]'), "steps[0].fields"),
        (('fields = ["what"]', 'after = "later"'), "steps[0].after"),
        (('fields = ["what"]', 'after = "sent"\nstep = "none"'), "steps.first.step"),
        (('key = "first"', 'key = "First one"'), "steps[0].key"),
        (("[[steps]]", "steps = 3\n[[other]]"), "steps"),
        (("title", "= title"), "the file"),
    ],
)
def test_what_is_wrong_is_named(change: tuple[str, str], where: str) -> None:
    assert change[0] in RIGHT
    with pytest.raises(Damaged) as caught:
        read_regime("mine", RIGHT.replace(*change, 1))
    assert caught.value.detail["where"] == where and caught.value.code == "bad-regime"


def test_a_step_twice_and_a_name_that_is_no_key_are_refused() -> None:
    twice = RIGHT + RIGHT[RIGHT.index("[[steps]]") :]
    for key, text in (("mine", twice), ("My Rule", RIGHT)):
        with pytest.raises(Damaged):
            read_regime(key, text)


@given(st.text(max_size=60), st.integers(0, len(RIGHT)), st.integers(0, 20))
def test_no_text_breaks_the_reader(text: str, at: int, gone: int) -> None:
    """Ours with a piece of it replaced by anything is read, or refused naming the place."""
    try:
        regime = read_regime("mine", RIGHT[:at] + text + RIGHT[at + gone :])
    except Damaged as error:
        assert error.code == "bad-regime" and error.detail["where"]
    else:
        assert regime.sources and all(step.key for step in regime.steps)
