"""Peers at the door: who signed a request to this node, once, and whether we talk to them now."""

from __future__ import annotations

from kouprey.federation import store as rows
from kouprey.federation.model import ReasonCode
from kouprey.kernel.seal.httpsig import Headers, verify_request
from kouprey.kernel.seal.keys import VerifyKey
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.errors import Forbidden
from kouprey.kernel.words.time import Clock, Instant, wall_clock
from kouprey.people.service import People

_KEY = "/node"


class Peers:
    """Identifies peers by the node keys on their cards."""

    def __init__(self, store: Store, people: People, clock: Clock = wall_clock) -> None:
        self._store = store
        self._people = people
        self._clock = clock

    def identify(self, method: str, url: str, headers: Headers, body: bytes) -> str:
        """The party that signed this request to `url`, which is what this node is called.

        Raises Unidentified or Damaged when the signature does not hold, Forbidden while the link is paused.
        """
        key_id = verify_request(method, url, headers, body, self._key, self._clock(), self._spent)
        party = key_id.removesuffix(_KEY)
        with self._store.read() as reader:
            link = rows.find_link(reader, party)
        if link is not None and link.paused:
            raise Forbidden("The link is paused here.", "Nothing is lost meanwhile.", code=ReasonCode.SUSPENDED)
        return party

    def _key(self, key_id: str) -> VerifyKey | None:
        """The node key of a trusted party; never our own, which opens no door of ours."""
        party = self._people.find_party(key_id.removesuffix(_KEY)) if key_id.endswith(_KEY) else None
        return None if party is None or party.home else VerifyKey.parse(party.card.node)

    def _spent(self, nonce: str, forget_after: Instant) -> bool:
        return self._store.write(lambda tx: rows.spend_nonce(tx, nonce, forget_after, self._clock()))
