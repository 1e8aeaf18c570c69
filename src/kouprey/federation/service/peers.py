"""Peers at the door: who signed a request to this node, once, and whether we talk to them now."""

from __future__ import annotations

from kouprey.federation import store as rows
from kouprey.federation.model import ReasonCode
from kouprey.federation.service.budgets import Budgets
from kouprey.kernel.seal.httpsig import Headers, verify_request
from kouprey.kernel.seal.keys import VerifyKey
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.errors import Damaged, Forbidden
from kouprey.kernel.words.time import Clock, Instant, wall_clock
from kouprey.people.service import People

_KEY = "/node"
_KEYS = 4
"""Node keys on a card at most."""


class Peers:
    """Identifies peers by the node keys on their cards."""

    def __init__(self, store: Store, people: People, clock: Clock = wall_clock, budgets: Budgets | None = None) -> None:
        self.budgets = budgets or Budgets()
        self._store = store
        self._people = people
        self._clock = clock

    def identify(self, method: str, url: str, headers: Headers, body: bytes) -> str:
        """The party that signed this request to `url`, which is what this node is called.

        Raises Unidentified or Damaged when the signature does not hold, Forbidden while the link is paused, and TooMany
        when the peer has used up its budget: only once its signature was found to hold, before anything is written.
        """
        for place in range(_KEYS - 1):
            # During a rotation a card names two keys; a request says only whose it is. Each is tried in turn.
            try:
                key_id = self._verify(place, method, url, headers, body)
                break
            except Damaged as error:
                if error.code != ReasonCode.BAD_SIGNATURE:
                    raise
        else:
            key_id = self._verify(_KEYS - 1, method, url, headers, body)
        party = key_id.removesuffix(_KEY)
        with self._store.read() as reader:
            link = rows.find_link(reader, party)
        if link is not None and link.paused:
            raise Forbidden("The link is paused here.", "Nothing is lost meanwhile.", code=ReasonCode.SUSPENDED)
        return party

    def _verify(self, place: int, method: str, url: str, headers: Headers, body: bytes) -> str:
        def resolve(key_id: str) -> VerifyKey | None:
            """The node key of a trusted party; never our own, which opens no door of ours."""
            party = self._people.find_party(key_id.removesuffix(_KEY)) if key_id.endswith(_KEY) else None
            if party is None or party.home:
                return None
            named.append(party.id)
            keys = party.card.nodes
            return VerifyKey.parse(keys[min(place, len(keys) - 1)])

        named: list[str] = []

        def spent(nonce: str, forget_after: Instant) -> bool:
            self.budgets.require(named[-1])
            return self._spent(nonce, forget_after)

        return verify_request(method, url, headers, body, resolve, self._clock(), spent)

    def _spent(self, nonce: str, forget_after: Instant) -> bool:
        return self._store.write(lambda tx: rows.spend_nonce(tx, nonce, forget_after, self._clock()))
