"""Who may see an object, why, and who has it."""

from __future__ import annotations

from typing import Any

from kouprey.exchange.pages.given import given_of
from kouprey.exchange.pages.seers import seers_of
from kouprey.federation.service import Federation
from kouprey.node import fiction
from kouprey.people.model import Role

PARTY = fiction.MINISTRY.party


def test_a_party_that_may_see_it_has_it_only_when_it_was_published(desk: Any, agreed: str) -> None:
    made, red = desk.thing("campaign", "Lantern"), desk.marked("campaign", "Secret", "red")
    desk.take(made, red)
    who, federation = desk.exchange.operator(), desk.node.services.get(Federation)

    def seer(stix_id: str) -> Any:
        found = desk.exchange.get_object(who, stix_id)
        (one,) = seers_of(desk.exchange, desk.people, who, found, given_of(federation, found))
        return one

    assert (seer(made["id"]).decision.allowed, seer(made["id"]).sent) == (True, False)
    assert not seer(red["id"]).decision.allowed
    assert seer(made["id"]).decision == desk.exchange.explain(made["id"], PARTY, who=who).decision
    desk.exchange.publish(agreed, [made["id"]], by="operator")
    assert (seer(made["id"]).sent, seer(made["id"]).confirmed) == (True, 0)


def test_the_table_leads_to_the_clause_and_to_the_page_as_they_see_it(desk: Any, agreed: str) -> None:
    made = desk.thing("campaign", "Lantern")
    desk.take(made)
    path = f"/intelligence/{made['id']}"
    links = desk.links(desk.visitor(Role.LEAD).text(path))
    assert f"/agreements/{agreed}#clause-2" in links and f"{path}?as={PARTY}" in links
