"""Pages of federation: partners and their links, cards, keys, parcels, the ledger and the quarantine."""

from __future__ import annotations

from kouprey.agreements.service import Agreements
from kouprey.federation.pages.cards import Cards
from kouprey.federation.pages.files import FilePages
from kouprey.federation.pages.keys import KeyPages
from kouprey.federation.pages.ledger import LedgerPages
from kouprey.federation.pages.parcels import ParcelPages
from kouprey.federation.pages.partners import Partners
from kouprey.federation.service import Federation, Spool
from kouprey.kernel.web.door import MIB, Door, page
from kouprey.kernel.web.live import Pulses
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

PARCEL_CAP = 1024 * MIB
"""Bytes of a parcel that is uploaded; larger ones are read by the command."""
FILE_CAP = 257 * MIB
LONG = 600.0
"""Seconds a parcel may take."""


def routes(services: Services) -> list[Door]:
    """The doors of federation for persons."""
    federation, agreements, people = services.get(Federation), services.get(Agreements), services.get(People)
    partners, cards = Partners(federation, agreements, people), Cards(people)
    keys = KeyPages(federation, people)
    parcels, ledger = ParcelPages(federation, people, services.get(Spool)), LedgerPages(federation, agreements, people)
    files = FilePages(federation, agreements, people)
    reads, links = roles_with(Permission.READ), roles_with(Permission.LINK)
    proves = roles_with(Permission.PROVE)
    return [
        page("/partners", partners.overview, roles=reads),
        page("/partners/live", partners.live, roles=reads),
        page("/partners/card", cards.ours, roles=reads),
        page("/partners/card/file", cards.file, roles=reads),
        page("/partners/trust", cards.ask, roles=links),
        page("/partners/trust", cards.review, "POST", roles=links),
        page("/partners/trust/confirmed", cards.trust, "POST", roles=links),
        page("/partners/keys", keys.overview, roles=links),
        page("/partners/keys/ceremonies.pdf", keys.sheet, roles=links, seconds=60.0),
        page("/partners/parcels", parcels.ask, roles=links),
        page("/partners/parcels", parcels.read, "POST", roles=links, cap=PARCEL_CAP, seconds=LONG),
        page("/partners/{party}", partners.one, roles=reads),
        page("/partners/{party}/link", partners.link, "POST", roles=links),
        page("/partners/{party}/members", partners.add_member, "POST", roles=links),
        page("/partners/{party}/members/remove", partners.remove_member, "POST", roles=links),
        page("/partners/{party}/pause", partners.pause, "POST", roles=links),
        page("/partners/{party}/resume", partners.resume, "POST", roles=links),
        page("/partners/{party}/now", partners.exchange_now, "POST", roles=links),
        page("/partners/{party}/test", partners.test, "POST", roles=links, seconds=60.0),
        page("/partners/{party}/evidence/{tag}", partners.evidence, roles=reads),
        page("/partners/{party}/parcel", parcels.choose, roles=links),
        page("/partners/{party}/parcel", parcels.make, "POST", roles=links, seconds=LONG),
        page("/ledger", ledger.overview, roles=reads),
        page("/ledger/export", ledger.export, roles=proves, seconds=LONG),
        page("/ledger/{tag}", ledger.lane, roles=reads),
        page("/ledger/{tag}/{number}/proof", ledger.proof, roles=proves, seconds=60.0),
        page("/files", files.overview, roles=reads),
        page("/files", files.give, "POST", roles=roles_with(Permission.PUBLISH), cap=FILE_CAP, seconds=LONG),
        page("/files/{file}", files.content, roles=reads, seconds=LONG),
        page("/files/{file}/erase", files.erase, "POST", roles=roles_with(Permission.ERASE)),
        page("/quarantine", ledger.quarantine, roles=reads),
    ]


def pulses(services: Services) -> Pulses:
    """How links stand and how long lanes are, which the pages of partners and the ledger tell everybody who reads."""
    federation = services.get(Federation)

    def partners(_: Reader) -> object:
        links = [
            (each.party, each.paused, each.failures > 0, each.last_ok > 0) for each in federation.links.list_links()
        ]
        lanes = [
            (each.tag, each.state, each.size, each.signed_size, each.quarantined, each.confirmations)
            for each in federation.ledger.list_lanes()
        ]
        return links, lanes

    return {"partners": partners}
