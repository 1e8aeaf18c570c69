"""What was given before a party joined: looked at on a page, given there, and told with the clauses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kouprey.agreements.model import ApprovalRule, Terms
from kouprey.kernel.words.time import wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.node import fiction
from kouprey.people.model import Role

LATE = fiction.NEIGHBOUR.party


@pytest.fixture
def joins(desk: Any, tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Lets the neighbour join an agreement with the ministry, at the desk and at all others."""
    made: list[Any] = []

    def deed(agreement: str, other: Any, **terms: Any) -> None:
        neighbour = type(desk)(tmp_path / "neighbour", fiction.NEIGHBOUR)
        made.append(neighbour)
        everybody = (desk, other, neighbour)
        for one in everybody:
            for two in everybody:
                if one is not two:
                    one.people.trust(two.people.home().note, by="test")
        more: dict[str, Any] = {"starts": wall_clock() - 10**7, "amends": agreement, "by": "test"}
        parties = [fiction.MINISTRY.party, LATE]
        desk.agreements.draft(fiction.AGREEMENT_TITLE, parties, Terms(**terms), **more)
        desk.agreements.sign(agreement, by="test")
        for signer in (other, neighbour):
            carry(agreement, desk, signer)
            signer.agreements.sign(agreement, by="test")
            carry(agreement, signer, desk)

    yield deed
    for each in made:
        each.node.close()


def carry(agreement: str, giver: Any, taker: Any) -> None:
    for note, attachment in giver.agreements.agreement_notes(agreement, taker.people.home_id):
        taker.agreements.receive_note(note, attachment, by="test")


@pytest.fixture
def first(desk: Any, ministry: Any) -> tuple[str, Any]:
    """An agreement of the desk and the ministry in force at both, and the ministry."""
    other = ministry()
    terms, more = Terms(tlp_ceiling="amber"), {"starts": wall_clock() - 10**8, "by": "test"}
    drafted = desk.agreements.draft(fiction.AGREEMENT_TITLE, [fiction.MINISTRY.party], terms, **more)
    desk.agreements.sign(drafted.agreement, by="test")
    carry(drafted.agreement, desk, other)
    other.agreements.sign(drafted.agreement, by="test")
    carry(drafted.agreement, other, desk)
    return drafted.agreement, other


def test_nobody_joined_later(desk: Any, first: tuple[str, Any]) -> None:
    agreement, _ = first
    url = f"/agreements/{agreement}/given-before"
    lead = desk.visitor(Role.LIAISON)
    text = lead.text(url)
    assert "Nobody joined later" in text and f"/agreements/new?amends={agreement}" in desk.links(text)
    desk.assert_harmless(text)
    assert f"/agreements/{agreement}" in desk.links(desk.visitor(Role.DUTY_OFFICER).text(url))
    assert desk.visitor(Role.AUDITOR).get(url).status_code == 403
    assert lead.get("/agreements/agr_none/given-before").status_code == 404
    refused = lead.get(f"{url}?party=cert.nowhere.example")
    assert refused.status_code == 409 and "no party of this agreement" in refused.text


def test_looked_at_and_given(desk: Any, first: tuple[str, Any], joins: Callable[..., None]) -> None:
    agreement, other = first
    rule = ApprovalRule(tlp="amber", role="liaison", persons=1)
    things = [desk.thing("campaign", "Paper <i>Lantern</i>"), desk.thing("tool", "Hammer")]
    desk.take(*things, desk.marked("tool", "Locked", "amber"))
    desk.exchange.publish(agreement, everything=True, by="operator")
    joins(agreement, other, tlp_ceiling="amber", approvals=(rule,))
    url = f"/agreements/{agreement}/given-before"
    lead = desk.visitor(Role.LEAD)
    text = lead.text(url)
    assert "Who joined later" in text and f"{url}?party={LATE}" in desk.links(text) and "Version 2" in text
    assert "Give them these" not in text
    text = lead.text(f"{url}?party={LATE}")
    assert "Would go" in text and "Give them these" in text and "Locked" in text
    assert f"/agreements/{agreement}#clause-13" in desk.links(text)
    desk.assert_harmless(text)
    assert "Write the day as" in lead.text(f"{url}?party={LATE}&since=yesterday")
    assert "Nothing is lacking" in lead.text(f"{url}?party={LATE}&since=2099-01-01")

    # Whoever is not cleared for it neither counts it nor reads of it.
    low = desk.visitor(Role.LEAD, clearance=TLP.GREEN).text(f"{url}?party={LATE}")
    assert "Locked" not in low and "Give them these" in low

    text = lead.post(url, party=LATE, since="").text
    assert "2 objects are on their way" in text and "Asked to be released" in text and "Locked" in text
    assert f"/agreements/{agreement}#clause-13" in desk.links(text) and "/approvals" in desk.links(text)
    desk.assert_harmless(text)
    given = [line for line in desk.exchange.list_publications(desk.exchange.operator()) if line.parties == (LATE,)]
    assert {line.stix_id for line in given} == {each["id"] for each in things}
    text = lead.post(url, party=LATE, since="").text
    assert "on their way" not in text and "Locked" in text
    low_text = desk.visitor(Role.LEAD, clearance=TLP.GREEN).post(url, party=LATE).text
    assert "Nothing was given" in low_text and "Locked" not in low_text
    assert lead.post(url, party=LATE, since="yesterday").status_code == 400
