"""Failures say what happened, why, and what to do, and each kind has its own exit code and status."""

from __future__ import annotations

import pytest

from kouprey.kernel.words import errors
from kouprey.kernel.words.errors import Damaged, KoupreyError, Refused, TooLarge, Unknown

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, KoupreyError)]


def test_the_three_parts_in_order() -> None:
    error = Refused("It is not so.", "A rule.", "Ask.", code="rule", detail={"n": 1})
    assert str(error) == "It is not so. A rule. Ask."
    assert (error.what, error.why, error.remedy, error.code, error.detail) == (
        "It is not so.",
        "A rule.",
        "Ask.",
        "rule",
        {"n": 1},
    )
    assert str(Unknown("Nothing.")) == "Nothing."


def test_details_are_its_own() -> None:
    detail: dict[str, object] = {"n": 1}
    error = Damaged("Broken.", detail=detail)
    detail["n"] = 2
    assert error.detail == {"n": 1}
    assert Damaged("Broken.").detail is not Damaged("Broken.").detail


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_told_apart(kind: type[KoupreyError]) -> None:
    assert kind("x").code == kind.code
    assert 400 <= kind.http_status <= 503
    assert 1 <= kind.exit_code <= 8
    assert [other for other in KINDS if other.code == kind.code] == [kind]


def test_a_narrower_code_stays_with_its_error() -> None:
    Refused("x", code="other")
    assert Refused("x").code == "refused"
    assert TooLarge("x").exit_code == Damaged.exit_code
