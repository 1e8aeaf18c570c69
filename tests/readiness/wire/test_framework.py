"""Framework files are read whole; what is wrong is named with its place, and nothing else ever comes out."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.errors import Damaged
from kouprey.readiness.wire.framework import of_node, read_framework, shipped
from readiness.frameworks import GROUPS, HEAD, indicator, measure, threshold

GOOD = f'{HEAD}aggregate = "points"\n{GROUPS}' + indicator("i", "a", 2) + measure("m", "i", 3) + threshold("t", 1)


def refused(text: str, key: str = "small") -> str:
    with pytest.raises(Damaged) as caught:
        read_framework(key, text)
    assert caught.value.code == "bad-framework" and caught.value.remedy
    return str(caught.value.detail["where"])


def test_everything_of_a_file_is_read() -> None:
    found = read_framework("small", GOOD)
    assert (found.most, found.indicators[0].title, found.measures[0].gives) == (2, "I", ("i",))
    assert found.retrieved.year == 2026 and found.thresholds[0].at == 1


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('title = "I"', "", "indicator[0]"),
        ("max = 2", 'max = "two"', "indicator[0].max"),
        ("max = 2", "max = -1", "indicator[0].max"),
        ('group = "a"', 'group = "z"', "indicator[0].group"),
        ('gives = ["i"]', 'gives = ["z"]', "measure[0].gives"),
        ("effort_days = 3", 'effort_days = 3\nrequires = ["m"]', "measure.requires"),
        ("effort_days = 3", "effort_days = 3\nextra = 1", "measure[0]"),
        ('rights = "own"', 'rights = "theirs"', "rights"),
        ("kouprey.readiness/1", "kouprey.readiness/9", "schema"),
        ('id = "small"', 'id = "large"', "id"),
        ('id = "b"', 'id = "a"', "group[1]"),
        ("at = 1", "at = 1\nlevels = { z = 1 }", "threshold[0].levels"),
        ("retrieved = 2026-11-22", 'retrieved = "some day"', "retrieved"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, where: str) -> None:
    assert old in GOOD and refused(GOOD.replace(old, new, 1)) == where


def test_names_and_files() -> None:
    assert refused(GOOD, "Not A Name") == "the name of the file" and refused("= nothing") == "the file"


@given(st.text(max_size=200), st.integers(0, len(GOOD)))
def test_whatever_stands_there_it_is_read_or_refused(text: str, at: int) -> None:
    for made in (text, GOOD[:at] + text + GOOD[at:]):
        try:
            read_framework("small", made)
        except Damaged as error:
            assert error.code == "bad-framework" and error.detail["where"]


def test_a_file_of_the_node_stands_in_the_place_of_ours(tmp_path: Path) -> None:
    assert of_node(tmp_path / "none") == {}
    (tmp_path / "small.toml").write_text(GOOD, "utf-8")
    assert list(of_node(tmp_path)) == ["small"] and set(shipped()) == {"gci-2024", "ncsi-3", "sim3"}
    (tmp_path / "bad.toml").write_bytes(b"\xff")
    with pytest.raises(Damaged):
        of_node(tmp_path)
    (tmp_path / "bad.toml").write_bytes(b"#" * ((1 << 20) + 1))
    with pytest.raises(Damaged):
        of_node(tmp_path)
