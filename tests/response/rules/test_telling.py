"""Who is told of what."""

from __future__ import annotations

from kouprey.kernel.words.time import DAY, SECOND
from kouprey.response.rules.telling import FIRST_WAIT, hears, wait, watchers


def test_duty_hears_of_hand_offs_and_the_legal_officer_of_legal_ones() -> None:
    assert hears(("duty-officer",), "act") and hears(("liaison",), "disclose") and hears(("legal",), "preserve")
    assert not hears(("legal",), "act") and not hears(("analyst", "policy"), "act") and not hears((), "disclose")


def test_whoever_leads_watches_until_they_stop() -> None:
    assert watchers("psn_1", {}) == {"psn_1"} and watchers("", {}) == set()
    assert watchers("psn_1", {"psn_1": False, "psn_2": True, "psn_3": False}) == {"psn_2"}


def test_a_mail_waits_longer_each_time_and_a_day_at_most() -> None:
    assert wait(0) == FIRST_WAIT == 60 * SECOND and wait(2) == 4 * FIRST_WAIT and wait(99) == DAY
