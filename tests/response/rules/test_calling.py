"""What may leave: where to, in which case, by whom, for how long."""

from __future__ import annotations

import pytest

from kouprey.kernel.words.tlp import PAP
from kouprey.people.model import Role
from kouprey.response.model.calls import Attempt, CallState, Reach, Sent
from kouprey.response.model.cases import Case
from kouprey.response.rules import calling as rules

REACH = Reach(hosts=frozenset({"a.example:443", "127.0.0.1:80", "[::1]:443"}), others=frozenset({"b.example:443"}))


@pytest.mark.parametrize(
    ("scheme", "host", "port", "code"),
    [
        ("https", "a.example", 443, ""),
        ("https", "b.example", 443, ""),
        ("https", "::1", 443, ""),
        ("http", "127.0.0.1", 80, ""),
        ("https", "a.example", 8443, "host-not-allowed"),
        ("https", "sub.a.example", 443, "host-not-allowed"),
        ("http", "a.example", 443, "not-https"),
        ("http", "127.0.0.2", 80, "not-https"),
    ],
)
def test_only_hosts_of_the_settings_and_only_protected(scheme: str, host: str, port: int, code: str) -> None:
    bar = rules.bar_place(scheme, host, port, REACH)
    assert (bar.code if bar else "") == code
    assert bar is None or (bar.why and bar.remedy)


def test_third_parties_are_those_of_the_author_and_those_of_the_settings() -> None:
    assert rules.is_third("b.example", 443, REACH, marked=False) and rules.is_third("x", 1, REACH, marked=True)
    assert not rules.is_third("a.example", 443, REACH, marked=False)


@pytest.mark.parametrize(
    ("case", "third", "code"),
    [
        (Case(id="c", number=1, title="t"), True, ""),
        (Case(id="c", number=1, title="t", pap=PAP.AMBER), False, ""),
        (Case(id="c", number=1, title="t", pap=PAP.AMBER), True, "pap"),
        (Case(id="c", number=1, title="t", pap=PAP.RED), True, "pap"),
        (Case(id="c", number=1, title="t", exercise="drill-1"), False, "exercise"),
    ],
)
def test_a_case_says_what_is_done_for_it(case: Case, third: bool, code: str) -> None:
    bar = rules.bar_case(case, third=third)
    assert (bar.code if bar else "") == code


def test_who_sends_and_who_is_the_second() -> None:
    sends = {each for each in Role if rules.may_send([str(each)])}
    assert sends == {Role.DUTY_OFFICER, Role.LEAD, Role.LIAISON, Role.LEGAL}
    assert {each for each in Role if rules.may_release([str(each)])} == sends - {Role.DUTY_OFFICER}


def test_no_author_makes_it_wait_longer_than_the_bound() -> None:
    assert rules.seconds_for(0) == rules.USUAL_S and rules.seconds_for(200) == 0.2
    assert rules.seconds_for(600_000) == rules.LONGEST_S


def test_one_that_was_sent_is_waited_for_as_long_as_it_may_take() -> None:
    sent = Sent(method="GET", url="https://a.example", headers=(), content="", digest="")
    made = Attempt(id="x", case="c", item="i", call=0, state=CallState.SENT, sent=sent, sent_at=100)
    assert rules.is_waiting(made, 109, 10) and not rules.is_waiting(made, 110, 10)
