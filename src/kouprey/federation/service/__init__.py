"""Verbs of federation: append and sign, serve, fetch, admit, carry parcels, and say what was given to whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from kouprey.agreements.facts import AgreementChanged, NoteMade
from kouprey.agreements.service import Agreements
from kouprey.federation.service.admit import Admission, Delivery, Receiver
from kouprey.federation.service.anchors import Anchors
from kouprey.federation.service.budgets import Budget, Budgets
from kouprey.federation.service.ceremonies import Ceremonies
from kouprey.federation.service.erasing import erase_bodies, list_erased_entries
from kouprey.federation.service.erasures import Erasures
from kouprey.federation.service.evidence import Evidence
from kouprey.federation.service.files import Files
from kouprey.federation.service.lanes import Lanes
from kouprey.federation.service.laying import Laying
from kouprey.federation.service.ledger import Ledger
from kouprey.federation.service.links import Links
from kouprey.federation.service.naming import EntryKey, EntryName, Naming
from kouprey.federation.service.papers import Papers
from kouprey.federation.service.parcels import Parcels
from kouprey.federation.service.peers import Peers
from kouprey.federation.service.proofs import Proofs
from kouprey.federation.service.recovery import Recovery
from kouprey.federation.service.requests import Eraser, Requests
from kouprey.federation.service.rotation import Rotation
from kouprey.federation.service.serve import Serving
from kouprey.federation.service.spool import Spool
from kouprey.federation.wire.blob import BLOB_MEDIA_TYPE
from kouprey.kernel.net.fetch import Way
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.storage import outbox
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.capability import Job, Services
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
        erasers: Sequence[Eraser] = (),
        regained: Mapping[str, Receiver] | None = None,
        link_interval: float = 15.0,
        budget: Budget = Budget(),
        way: Way = Way(),
        clock: Clock = wall_clock,
    ) -> None:
        self.store = store
        self.people = people
        self.agreements = agreements
        self.lanes = lanes
        self.serving = Serving(store, agreements, lanes, lambda: people.home_id, clock)
        self.files = Files(store, people, agreements, lanes, clock)
        receivers = {**receivers, BLOB_MEDIA_TYPE: self.files.receive}
        self.admission = Admission(store, people, agreements, keyring, receivers, lanes.discovered_rollback, clock)
        self.requests = Requests(store, people, keyring, erasers, self.admission.confirm_anew, clock)
        self.recovery = Recovery(store, people, lanes, self.admission, regained or {}, clock)
        self.evidence = Evidence(store, people, agreements, lanes, self.admission, clock)
        self.anchors = Anchors(store, people, agreements, lanes, self.admission, self.evidence, clock)
        self.papers = Papers(store, people, agreements, self.requests, self.admission.keys, clock)
        self.links = Links(
            store,
            people,
            self.admission,
            self.requests,
            self.recovery,
            self.evidence,
            self.papers,
            keyring,
            interval=link_interval,
            way=way,
            clock=clock,
        )
        self.links.attach(self.files)
        self.parcels = Parcels(store, people, agreements, keyring, self.serving, self.admission, self.papers, clock)
        self.parcels.files = self.files
        self.parcels.taken.append(self.requests.carry_out)
        self.parcels.taken.append(self.anchors.judge)
        self.peers = Peers(store, people, clock, Budgets(budget))
        self.ledger = Ledger(store, people, agreements, clock)
        self.rotation = Rotation(store, people, lanes, keyring, self.admission.keys, self.papers, agreements, clock)
        self.ceremonies = Ceremonies(store, people, keyring, self.admission.keys, self.ledger)
        self.proofs = Proofs(store)
        self.naming: list[Naming] = []
        lanes.appended.append(self.links.hint)


def jobs(services: Services) -> list[Job]:
    """What was asked to be erased, or came too early, is seen to, also after a kill; the history of links is pruned."""
    federation, spool = services.get(Federation), services.get(Spool)
    return [
        Job("federation.erase", 60.0, federation.requests.carry_out),
        Job("federation.ahead", 60.0, federation.parcels.close_gaps),
        Job("federation.anchors", 3600.0, federation.anchors.write),
        Job("federation.anchored", 60.0, federation.anchors.judge),
        Job("federation.files", 86400.0, federation.files.scrub),
        Job("federation.history", 3600.0, federation.links.history.prune),
        Job("federation.spool", 1.0, spool.take_in),
        Job("federation.spool-tidy", 3600.0, spool.tidy),
        Job("federation.spool-ready", 60.0, services.get(Laying).lay),
    ]


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
    "Budget",
    "Delivery",
    "EntryKey",
    "EntryName",
    "Eraser",
    "Erasures",
    "Federation",
    "Files",
    "Lanes",
    "Laying",
    "Ledger",
    "Links",
    "Naming",
    "Papers",
    "Parcels",
    "Peers",
    "Receiver",
    "Requests",
    "Serving",
    "Spool",
    "erase_bodies",
    "jobs",
    "list_erased_entries",
    "listeners",
]
