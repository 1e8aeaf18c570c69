"""What can be theirs, when a period begins, and how long a failed mail waits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kouprey.constituents.model import Network, Rhythm
from kouprey.constituents.rules import ATTEMPTS, HOUR, is_address, problem_of, slot, wait
from kouprey.kernel.words.time import DAY, parse_instant

WHEN = st.integers(0, parse_instant("2100-01-01T00:00:00Z"))


def test_mailboxes() -> None:
    assert is_address("security@bank.example") and is_address("a.b+c@mail.bank.example")
    for wrong in (
        "",
        "bank.example",
        "a@b",
        "a b@bank.example",
        "a@bank.example\n",
        "a@bank.example>",
        "ក@bank.example",
    ):
        assert not is_address(wrong)


def test_what_is_too_wide_for_one_organisation() -> None:
    assert problem_of(Network(kind="ipv4-net", text="10.0.0.0/8")) == ""
    assert "/8" in problem_of(Network(kind="ipv4-net", text="0.0.0.0/7"))
    assert "/16" in problem_of(Network(kind="ipv6-net", text="2000::/3"))
    assert problem_of(Network(kind="domain-name", text="example")) and problem_of(
        Network(kind="email-addr", text="@kh")
    )


@given(WHEN, st.integers(0, 23), st.sampled_from([Rhythm.DAILY, Rhythm.WEEKLY]))
def test_a_period_has_begun_lasts_and_is_followed_by_another(now: int, hour: int, rhythm: Rhythm) -> None:
    length = DAY if rhythm is Rhythm.DAILY else 7 * DAY
    name, begun = slot(rhythm, hour, now)
    assert begun <= now < begun + length and begun % DAY == hour * HOUR
    assert slot(rhythm, hour, begun) == (name, begun) == slot(rhythm, hour, begun + length - 1)
    assert slot(rhythm, hour, begun + length)[0] != name


def test_periods_by_name() -> None:
    now = parse_instant("2026-11-26T03:00:00Z")
    assert slot(Rhythm.DAILY, 0, now)[0] == "2026-11-26" and slot(Rhythm.DAILY, 4, now)[0] == "2026-11-25"
    assert slot(Rhythm.WEEKLY, 0, now) == ("2026-W48", parse_instant("2026-11-23T00:00:00Z"))
    assert slot(Rhythm.OFF, 0, now) == slot(Rhythm.AT_ONCE, 0, now) == ("", 0)


def test_waits_double_up_to_six_hours() -> None:
    waits = [wait(n) for n in range(1, ATTEMPTS)]
    assert waits[0] == HOUR // 60 and waits == sorted(waits) and waits[-1] == 6 * HOUR
