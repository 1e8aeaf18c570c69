"""Decisions of proceedings: buckets, what a release needs, what stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.errors import KoupreyError
from kouprey.proceedings import rules
from kouprey.proceedings.model import Hold, Member, Part


@given(st.integers(0, 2**40))
def test_a_bucket_holds_it_and_adds_little(size: int) -> None:
    padded = rules.bucket(size)
    assert padded >= size and rules.bucket(padded) == padded
    assert padded == 4_096 or padded <= size * 1.12 + 1


def test_buckets_are_few() -> None:
    assert len({rules.bucket(size) for size in range(1 << 20)}) < 300


def code(call: object, *given: object) -> str:
    with pytest.raises(KoupreyError) as caught:
        call(*given)  # type: ignore[operator]  # each takes what stands beside it
    return str(caught.value.code)


def test_what_a_release_rests_on() -> None:
    assert code(rules.check_basis, "", False, "") == "no-basis"
    assert code(rules.check_basis, "", True, "") == "no-ground"
    rules.check_basis("Order 12", False, "")
    rules.check_basis("", True, "it is being wiped")
    assert code(rules.read_purpose, "Court") == "no-purpose" and rules.read_purpose("court") == "court"
    assert code(rules.check_text, "  ", "why") == "no-text" and rules.check_text(" a ", "why") == "a"


def test_who_keeps_it() -> None:
    def member(person: str, part: Part, until: int = 0) -> Member:
        return Member(dossier="d", person=person, part=part, at=1, by="x", why="y", until=until)

    bopha, reader = member("bopha", Part.CUSTODIAN), member("azman", Part.READER)
    rules.check_custodian(bopha)
    assert code(rules.check_custodian, reader) == "not-custodian"
    assert code(rules.check_leaves_custodian, [bopha, reader, member("old", Part.CUSTODIAN, 5)], "bopha") == (
        "last-custodian"
    )
    rules.check_leaves_custodian([bopha, reader], "azman")
    assert code(rules.check_opens, ("administrator", "lead")) == "role-missing"
    rules.check_opens(("legal",))


def test_a_hold_beats_everything() -> None:
    hold = Hold(id="hld_1", dossier="d", item="", by="x", at=1, why="the court", scope="all", review=9)
    rules.check_not_held(())
    assert code(rules.check_not_held, (hold,)) == "held"
    assert code(rules.check_review, 5, 5) == "bad-review"
    assert rules.stated("acquire") == "acquire" and code(rules.stated, "release") == "bad-act"
