"""Parcels that are laid ready by themselves for partners who have not been reached for a while."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from kouprey.federation import store as rows
from kouprey.federation.service.ledger import Ledger
from kouprey.federation.service.spool import Spool
from kouprey.kernel.storage import meta
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.time import SECOND, Clock, Instant
from kouprey.people.service import People

HOUR: Instant = 3600 * SECOND


class Laying:
    """Looks who has not been reached, and lays into the spool folder what waits for them."""

    def __init__(self, store: Store, people: People, ledger: Ledger, spool: Spool, hours: float, clock: Clock) -> None:
        self._store = store
        self._people = people
        self._ledger = ledger
        self._spool = spool
        self._after = int(hours * HOUR)
        self._clock = clock

    def lay(self) -> Sequence[str]:
        """Lay a parcel for each partner out of reach for whom something new waits; for whom.

        At most one for a partner in so many hours, and none that would bring the same again.
        """
        if not self._after:
            return ()
        waiting = {each.party for each in self._ledger.list_waiting() if each.unconfirmed or each.papers}
        with self._store.read() as reader:
            reached = {link.party: link.last_ok for link in rows.list_links(reader)}
        laid = []
        for party in sorted(each.id for each in self._people.list_parties() if not each.home):
            if party in waiting and self._clock() - reached.get(party, 0) >= self._after and self._is_due(party):
                self._spool.lay_ready(party, by="spool")
                self._note(party)
                laid.append(party)
        return laid

    def _is_due(self, party: str) -> bool:
        with self._store.read() as reader:
            at, _, said = (meta.get(reader, _key(party)) or b"0 ").partition(b" ")
        return self._clock() - int(at) >= self._after and said != self._state(party)

    def _note(self, party: str) -> None:
        value = b"%d %s" % (self._clock(), self._state(party))
        self._store.write(lambda tx: meta.put(tx, _key(party), value))

    def _state(self, party: str) -> bytes:
        """What a parcel for a party would bring, as a hash."""
        with self._store.read() as reader:
            lanes = [lane for lane in rows.list_lanes(reader, mine=True) if party in lane.audience]
            papers = [number for number, _ in rows.list_papers(reader, party)]
        told = [*((lane.origin, lane.signed_size) for lane in lanes), *papers]
        return sha256(repr(told).encode()).hexdigest().encode()


def _key(party: str) -> str:
    return f"spool-{party}"
