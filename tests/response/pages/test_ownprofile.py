"""The form of our profile: it coaches, keeps what can be kept, and gives back what was typed otherwise."""

from __future__ import annotations

from typing import Any

from kouprey.people.model import Role
from kouprey.response.pages.ownprofile import PATH
from response.pages.test_directory import PROFILE


def test_it_says_what_is_missing_and_who_has_it(offices: Any) -> None:
    a, _, _ = offices
    lead = a.visitor(Role.LEAD)
    first = lead.text(PATH)
    assert "a telephone number" in first and "nothing yet" in first and a.people.home().card.node in first
    fields = PROFILE | {"days": "sat", "asns": "AS64500, 64501", "sectors": "government\nhealth", "verified": "yes"}
    assert lead.post(PATH, **fields).status_code == 303
    kept = lead.text(PATH)
    assert "partners do not have it yet" in kept and "AS64500 AS64501" in kept
    assert 'value="sat" checked' in kept and 'value="mon" checked' not in kept
    assert lead.post(PATH, **fields, do="publish").status_code == 303
    assert "partners do not have it yet" not in lead.text(PATH)


def test_what_cannot_be_kept_is_said_and_given_back(offices: Any) -> None:
    a, _, _ = offices
    lead = a.visitor(Role.LEAD)
    for wrong in ({"asns": "AS-x"}, {"prefixes": "nothing"}, {"hours": "x"}, {"opens": "19:00"}):
        answer = lead.post(PATH, **(PROFILE | {"mission": "To help."} | wrong))
        assert answer.status_code == 400 and "The profile cannot be kept." in answer.text
        assert "To help." in answer.text
    analyst = a.visitor(Role.ANALYST)
    assert "Keep and send" not in analyst.text(PATH)
    assert analyst.post(PATH, **PROFILE).status_code == 403
