"""To whom an object was given, on its page."""

from __future__ import annotations

from typing import Any

from kouprey.exchange.pages.given import given_of
from kouprey.federation.service import Federation
from kouprey.node import fiction


def test_every_publication_with_who_has_confirmed_it(desk: Any, agreed: str) -> None:
    made = desk.thing("campaign", "Lantern")
    desk.take(made)
    who = desk.exchange.operator()
    federation = desk.node.services.get(Federation)
    assert given_of(federation, desk.exchange.get_object(who, made["id"])) == []
    desk.exchange.publish(agreed, [made["id"]], by="operator")
    desk.node.settle()
    (given,) = given_of(federation, desk.exchange.get_object(who, made["id"]))
    assert given.parties == [(fiction.MINISTRY.party, 0)] and given.publication.agreement == agreed
