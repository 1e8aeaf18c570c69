"""Writing through TAXII: one transaction for each envelope, and a status that says the truth of each object."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence
from uuid import uuid4

from kouprey.exchange.model import Arrival, Collection, Observable
from kouprey.exchange.service import Exchange, Given, Piece, read_object
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Forbidden, Unknown
from kouprey.kernel.words.time import SECOND, Clock, Instant, wall_clock
from kouprey.taxii import rules
from kouprey.taxii import store as rows
from kouprey.taxii.model import Fate, Match, Query, Status
from kouprey.taxii.service.reading import Reading, no_object
from kouprey.taxii.wire import resources
from kouprey.taxii.wire.envelope import name_of, read_envelope

_ID = re.compile(r"[0-9a-f-]{36}", re.ASCII)
KEPT = 24 * 3600 * SECOND
"""How long a client may ask what became of an envelope (section 4.3 wants a day)."""


class Writing(Reading):
    """Verbs for clients that write; that their token may write at all is asked at the door."""

    def __init__(
        self,
        store: Store,
        exchange: Exchange,
        sign: Callable[[bytes], bytes],
        page_max: int,
        clock: Clock = wall_clock,
        *,
        within: Callable[[Reader], Sequence[Observable]] = lambda _: (),
    ) -> None:
        super().__init__(exchange, sign, page_max, within)
        self._store = store
        self._clock = clock

    def may_write(self, who: Reader, collection: Collection) -> bool:
        """Whether anything this client gives could join a collection."""
        return self._exchange.may_write(who, collection)

    def read_only(self, who: Reader, collection: Collection) -> Forbidden:
        """Why this client may write nothing there."""
        return self._exchange.read_only(who, collection)

    def add(self, who: Reader, collection: Collection, content: bytes) -> bytes:
        """Keep the objects of an envelope; the status resource, which is durable with them.

        Damaged, with nothing kept, when it is no envelope. An object that is refused costs nothing but itself.
        """
        arrivals: list[Arrival] = []
        fates: list[Fate | None] = []
        for number, piece in enumerate(read_envelope(content)):
            read = _read(piece, f"objects[{number}]")
            if isinstance(read, Fate):
                fates.append(read)
            else:
                arrivals.append(read)
                fates.append(None)
        now = self._clock()

        def record(tx: Tx, given: Given) -> bytes:
            told = iter(rules.fates(arrivals, given.outcomes, given.seen_conflicts))
            status = Status(id=str(uuid4()), at=now, fates=tuple(each or next(told) for each in fates))
            body = resources.status(status)
            rows.insert_status(tx, status.id, who.name, now, zlib.compress(body, 1))
            return body

        return self._exchange.contribute(arrivals, who=who, collection=collection, also=record)

    def get_status(self, who: Reader, status_id: str) -> bytes:
        """The status resource again, for the client that was given it; Unknown to everybody else, and after a day."""
        body = None
        if _ID.fullmatch(status_id) is not None:
            with self._store.read() as reader:
                body = rows.find_status(reader, status_id, who.name, self._clock() - KEPT)
        if body is None:
            raise Unknown(
                "There is no such status.",
                "It is not of an envelope of yours, or older than 24 hours.",
                "Look for the objects themselves.",
                code="unknown-status",
            )
        return zlib.decompress(body)

    def forget_statuses(self) -> int:
        """Drop what nobody may ask for any more; how many."""
        return self._store.write(lambda tx: rows.delete_statuses(tx, self._clock() - KEPT))

    def take_out(self, who: Reader, collection: Collection, stix_id: str, match: Match) -> None:
        """Take an object out of a collection: every version, or those that `match` names; Unknown without any."""
        self._exchange.check_take_out(who, collection)
        wanted = Match(versions=match.versions or ("all",), specs=match.specs)
        query = Query(match=wanted)
        found: set[Instant] = set()
        while True:
            view = self.read_object(who, collection, stix_id, query, bodies=False)
            found.update(row.instant for row in view.rows)
            if not view.next:
                break
            query = Query(cursor=view.next, match=wanted)
        if not found or not self._exchange.take_out(who, collection, stix_id, found):
            raise no_object()


def _read(piece: Piece, place: str) -> Arrival | Fate:
    raw = piece.raw
    if raw is None:
        return Fate(stix_id=place, version="", refused=True, message=rules.UNREAD[piece.problem])
    try:
        arrival = read_object(raw)
    except Damaged as damaged:
        stix_id, version = name_of(raw)
        return Fate(stix_id=stix_id or place, version=version, refused=True, message=str(damaged))
    if (message := rules.unsupported(rules.spec_of(raw))) is not None:
        return Fate(stix_id=arrival.stix_id, version=arrival.version_text, refused=True, message=message)
    return arrival
