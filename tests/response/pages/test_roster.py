"""The roster on its page: written in the team's own time, with its gaps, for our people alone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import DAY, SECOND
from kouprey.people.model import Role
from kouprey.response.pages.roster import PATH, read_wall, wall
from kouprey.response.service import Directory
from response.pages.test_directory import give

PHNOM_PENH = ZoneInfo("Asia/Phnom_Penh")


def test_it_is_written_in_our_time_and_says_when_nobody_is_there(offices: Any) -> None:
    a, b, _ = offices
    give(a, duty_shown="yes")
    officer = a.visitor(Role.DUTY_OFFICER)
    assert "Nobody stands in the roster" in officer.text(PATH)
    today = datetime.fromtimestamp(a.now() // SECOND, UTC).astimezone(PHNOM_PENH)
    starts, ends = f"{today:%Y-%m-%dT%H:00}", f"{today + timedelta(days=3):%Y-%m-%dT%H:00}"
    words = {"person": "Dara Sok", "role": "Duty officer", "reach": "+855 23 555 0111"}
    assert officer.post(PATH, **words, starts=starts, ends=ends).status_code == 303
    page = officer.text(PATH)
    assert "Dara Sok" in page and starts.replace("T", " ") in page and "Asia/Phnom_Penh" in page
    assert "Dara Sok" in a.visitor(Role.POLICY).text("/directory")
    a.node.services.get(Directory).turn()
    a.parcel(b)
    theirs = b.visitor(Role.LEAD).text(f"/directory/teams/{a.party}")
    assert "+855 23 555 0111" in theirs and "Dara Sok" not in theirs
    shift = re.search(rf"{PATH}/([^/]+)/withdraw", page)
    assert shift is not None
    assert a.visitor(Role.ANALYST).post(f"{PATH}/{shift[1]}/withdraw").status_code == 403
    assert officer.post(f"{PATH}/{shift[1]}/withdraw").status_code == 303
    assert "Nobody stands in the roster" in officer.text(PATH)


def test_a_gap_that_lasts_beyond_what_is_looked_at_has_no_end(offices: Any) -> None:
    a, _, _ = offices
    officer = a.visitor(Role.DUTY_OFFICER)
    page = officer.text(PATH)
    assert " on, as far as the roster is looked at" in page and "14 days</span>" not in page
    starts, ends = (wall(a.now() + days * DAY, PHNOM_PENH).replace(" ", "T") for days in (2, 3))
    words = {"person": "Dara", "role": "Duty officer", "reach": "+855"}
    assert officer.post(PATH, **words, starts=starts, ends=ends).status_code == 303
    page = officer.text(PATH)
    assert page.count("as far as the roster is looked at") == 1 and starts.replace("T", " ") in page.split("Gaps in")[1]


def test_what_cannot_be_written_is_said(offices: Any) -> None:
    a, _, _ = offices
    officer = a.visitor(Role.DUTY_OFFICER)
    words = {"person": "Dara", "role": "Duty officer", "reach": "+855"}
    answer = officer.post(PATH, **words, starts="tomorrow", ends="2026-12-01T00:00")
    assert answer.status_code == 400 and "That is no date and time." in answer.text and "Dara" in answer.text
    assert a.visitor(Role.ANALYST).post(PATH, **words, starts="x", ends="y").status_code == 400


@given(st.integers(0, 4_000_000_000))
def test_what_is_shown_is_read_back(second: int) -> None:
    instant = second // 60 * 60 * SECOND
    assert read_wall(wall(instant, PHNOM_PENH), PHNOM_PENH) == instant


@given(st.text(max_size=30))
def test_any_text_is_a_time_or_is_refused(text: str) -> None:
    try:
        read_wall(text, PHNOM_PENH)
    except Damaged as error:
        assert error.code == "bad-time"


@pytest.mark.parametrize("text", ["", "2026-02-30 10:00", "2026-11-28"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(Damaged):
        read_wall(text, PHNOM_PENH)
