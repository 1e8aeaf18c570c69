"""The page as a partner would get it: the partner's eyes and one's own, whichever sees less."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.kernel.words.tlp import TLP
from kouprey.node import fiction
from kouprey.people.model import Role

CANARY, PARTY = fiction.CANARY, fiction.MINISTRY.party


def test_a_partner_sees_no_more_than_the_agreement_lets_it(desk: Any, secrets: list[str]) -> None:
    stix_id = fiction.stix_id("campaign", "Paper Lantern")
    lead = desk.visitor(Role.LEAD)
    assert CANARY in lead.text(f"/intelligence/{stix_id}")
    text = lead.text(f"/intelligence/{stix_id}?as={PARTY}")
    assert CANARY not in text and not any(each in text for each in secrets)
    assert f"You see this as {fiction.MINISTRY.name} would." in text and "Back to your own view" in text
    assert "Not shown to them: 1 source, 1 sighting, 1 note" in text or "1 source, 1 sighting" in text
    links = desk.links(text.partition("<main")[2])
    assert not [each for each in links if "/publish" in each or "/erase" in each or "/sight" in each]
    assert f"/intelligence/{stix_id}#who" in links


def test_who_gets_nothing_sees_nothing_and_why(desk: Any, secrets: list[str]) -> None:
    lead = desk.visitor(Role.LEAD)
    text = lead.text(f"/intelligence/{secrets[0]}?as={PARTY}")
    assert CANARY not in text and f"{fiction.MINISTRY.name} gets nothing of this object." in text
    assert "ceiling" in text


def test_whoever_sees_less_than_the_partner_sees_that_less(desk: Any, agreed: str) -> None:
    made = desk.thing("campaign", "Lantern")
    amber = desk.marked("note", "Amber note", "amber", content=CANARY, object_refs=[made["id"]])
    desk.take(made, amber)
    path = f"/intelligence/{made['id']}?as={PARTY}"
    assert CANARY in desk.visitor(Role.LEAD).text(path)
    assert CANARY not in desk.visitor(Role.LEAD, clearance=TLP.GREEN).text(path)


@pytest.mark.parametrize(
    ("party", "status"), [("nobody.example", 404), (fiction.OPERATOR.party, 409), ("x" * 300, 404)]
)
def test_only_a_partner_can_be_looked_as(desk: Any, agreed: str, party: str, status: int) -> None:
    made = desk.thing("campaign", "Lantern")
    desk.take(made)
    assert desk.visitor(Role.LEAD).get(f"/intelligence/{made['id']}?as={party}").status_code == status


def test_what_one_may_not_see_oneself_is_shown_as_nobody(desk: Any, secrets: list[str]) -> None:
    low = desk.visitor(Role.LEAD, clearance=TLP.GREEN)
    answer = low.get(f"/intelligence/{secrets[0]}?as={PARTY}")
    assert answer.status_code == 404 and CANARY not in answer.text
    assert desk.visitor(Role.LEAD, local=False).get(f"/intelligence/{secrets[0]}?as={PARTY}").status_code == 403
