"""To whom an object was given, and who has confirmed that they hold it."""

from __future__ import annotations

from dataclasses import dataclass

from kouprey.exchange.model import ObjectView, PublicationView
from kouprey.federation.service import Federation
from kouprey.kernel.words.time import Instant


@dataclass(frozen=True)
class Given:
    """A publication, and for each party when we learnt that it holds it (0: not yet)."""

    publication: PublicationView
    parties: list[tuple[str, Instant]]


def given_of(federation: Federation, found: ObjectView) -> list[Given]:
    """Every publication with who has confirmed it, in the order of the publications."""
    places = federation.ledger.find_places([each.number for each in found.publications])
    made = []
    for each in found.publications:
        place = places.get(each.number)
        confirmed = {party: learnt for party, _said, learnt in place.confirmed} if place is not None else {}
        made.append(Given(each, [(party, confirmed.get(party, 0)) for party in each.parties]))
    return made
