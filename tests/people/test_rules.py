"""Which passwords are taken, and how long one waits after wrong ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.time import SECOND
from kouprey.people.rules import FREE_OF_ACCOUNT, LEAST, Weakness, normal, ready_at, weakness_of

NAMES = ("Dara Sok", "cert.example", "Example CERT", "kouprey")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("elevenchars", Weakness.SHORT),
        ("a" * 11 + "\u0301", Weakness.SHORT),
        ("x1y2" * 300, Weakness.LONG),
        ("Password1234", Weakness.COMMON),
        ("Correct Horse Battery Staple", Weakness.COMMON),
        ("correcthorsebatterystaple", Weakness.COMMON),
        ("aaaaaaaaaaaaaaa", Weakness.PLAIN),
        ("123123123123", Weakness.PLAIN),
        ("Dara Sok 2026", Weakness.NAMES),
        ("darasok123456", Weakness.NAMES),
        ("Example.CERT!", Weakness.NAMES),
        ("koupreykouprey", Weakness.NAMES),
        ("dara eats noodles", None),
        ("four grey oxen", None),
        ("គោព្រៃរស់នៅក្នុងព្រៃ", None),
        ("lower case is enough", None),
    ],
)
def test_weak_passwords_are_told_why(password: str, why: Weakness | None) -> None:
    assert weakness_of(password, NAMES) is why


@given(st.text(max_size=80), st.lists(st.text(max_size=20), max_size=4))
def test_any_text_is_judged_and_none_short_of_the_least_passes(password: str, names: list[str]) -> None:
    if weakness_of(password, names) is None:
        assert len(normal(password)) >= LEAST and len(set(normal(password).casefold())) >= 5


def test_what_looks_alike_is_the_same_password() -> None:
    assert normal("café au lait 1") == normal("cafe\u0301 au lait 1")


def test_waiting_begins_after_the_free_attempts_and_doubles_to_a_bound() -> None:
    waits = [ready_at(failures, 1000, FREE_OF_ACCOUNT) - 1000 for failures in range(40)]
    assert waits[:FREE_OF_ACCOUNT] == [0] * FREE_OF_ACCOUNT
    assert [wait // SECOND for wait in waits[FREE_OF_ACCOUNT : FREE_OF_ACCOUNT + 4]] == [1, 2, 4, 8]
    assert waits[-1] == 900 * SECOND and waits == sorted(waits)
