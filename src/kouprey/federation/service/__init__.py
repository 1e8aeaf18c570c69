"""Verbs of federation: append and sign, serve, fetch, admit, carry parcels, and say what was given to whom."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kouprey.agreements.facts import AgreementChanged, NoteMade
from kouprey.agreements.service import Agreements
from kouprey.federation.service.admit import Admission, Delivery, Receiver
from kouprey.federation.service.erasing import erase_bodies
from kouprey.federation.service.erasures import Erasures
from kouprey.federation.service.lanes import Lanes
from kouprey.federation.service.ledger import Ledger
from kouprey.federation.service.links import Links
from kouprey.federation.service.naming import EntryKey, EntryName, Naming
from kouprey.federation.service.papers import Papers
from kouprey.federation.service.parcels import Parcels
from kouprey.federation.service.peers import Peers
from kouprey.federation.service.serve import Serving
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.storage import outbox
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.time import Clock, wall_clock
from kouprey.people.facts import PartyTrusted
from kouprey.people.service import People


class Federation:
    """Everything that crosses a border, for doors; each part is an attribute.

    `naming` holds those above who can tell what an entry is called.
    """

    def __init__(
        self,
        store: Store,
        people: People,
        agreements: Agreements,
        keyring: Keyring,
        lanes: Lanes,
        receivers: Mapping[str, Receiver],
        *,
        link_interval: float = 15.0,
        clock: Clock = wall_clock,
    ) -> None:
        self.store = store
        self.people = people
        self.agreements = agreements
        self.lanes = lanes
        self.serving = Serving(store, agreements, lanes, clock)
        self.admission = Admission(store, people, agreements, keyring, receivers, lanes.discovered_rollback, clock)
        self.papers = Papers(store, people, agreements, clock)
        self.links = Links(store, people, self.admission, keyring, interval=link_interval, clock=clock)
        self.parcels = Parcels(store, people, agreements, keyring, self.serving, self.admission, self.papers, clock)
        self.peers = Peers(store, people, clock)
        self.ledger = Ledger(store, people, agreements, clock)
        self.naming: list[Naming] = []
        lanes.appended.append(self.links.hint)


def listeners(services: Services) -> list[outbox.Listener]:
    """Notes of agreements go to the parties they concern; cards are kept; what was held up by a suspension goes on."""
    federation = services.get(Federation)
    papers = federation.papers

    def on_note_made(_: Store, body: bytes, fact_id: int) -> None:
        papers.note_made(msgspec.json.decode(body, type=NoteMade), fact_id)

    def on_party_trusted(_: Store, body: bytes, __: int) -> None:
        papers.card_trusted(msgspec.json.decode(body, type=PartyTrusted).party)

    def on_agreement_changed(_: Store, __: bytes, ___: int) -> None:
        federation.lanes.waiting.set()
        federation.links.wake()

    return [
        outbox.Listener("federation.note-made", outbox.fact_name(NoteMade), on_note_made),
        outbox.Listener("federation.party-trusted", outbox.fact_name(PartyTrusted), on_party_trusted),
        outbox.Listener("federation.agreement-changed", outbox.fact_name(AgreementChanged), on_agreement_changed),
    ]


__all__ = [
    "Admission",
    "Delivery",
    "EntryKey",
    "EntryName",
    "Erasures",
    "Federation",
    "Lanes",
    "Ledger",
    "Links",
    "Naming",
    "Papers",
    "Parcels",
    "Peers",
    "Receiver",
    "Serving",
    "erase_bodies",
]
