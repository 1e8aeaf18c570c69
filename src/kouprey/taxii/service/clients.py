"""What clients ask and are sent: gathered as they come, kept as sums, and told to whoever may know.

Each read stands in the audit already, with its range; here is only what the audit does not say: how far a client has
come, how it stands today, and what it was refused.
"""

from __future__ import annotations

import re
import threading

import msgspec

from kouprey.exchange.model import Waiting
from kouprey.exchange.service import Exchange
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import KoupreyError, Unknown
from kouprey.kernel.words.time import SECOND, Clock, Instant, wall_clock
from kouprey.people.model import Token
from kouprey.people.service import People
from kouprey.taxii import rules
from kouprey.taxii.model import Query, View
from kouprey.taxii.model.clients import Day, Standing, Turned
from kouprey.taxii.store import clients as rows

DAY: Instant = 86_400 * SECOND
KEPT_DAYS = 400
KEPT_ERRORS = 30
"""Days for which sums, and what was refused, are kept."""
MOST = 10_000
"""Different clients, collections and reasons gathered at a time; beyond them they are written at once."""
_AHEAD: Instant = 60 * SECOND
"""So far ahead of the clock a client may claim to be: positions may be, a little."""
_USER = re.compile(r"tok_[0-9a-f]{1,60}", re.ASCII)


class ClientLog:
    """Gathers what clients ask of one process; `flush` writes it. What is gathered when a process is killed is lost."""

    def __init__(self, store: Store, people: People, clock: Clock = wall_clock) -> None:
        self._store = store
        self._people = people
        self._clock = clock
        self._lock = threading.Lock()
        self._standings: dict[tuple[str, str, str], Standing] = {}
        self._days: dict[tuple[str, Instant], Day] = {}
        self._turned: dict[tuple[str, str, Instant], Turned] = {}

    def note(self, who: Reader, collection: str, query: Query, view: View, *, sent: int) -> None:
        """A client asked and was sent `sent` objects of a view; which of them stands in the audit."""
        now = self._clock()
        key, day = (who.name, who.party, collection), now - now % DAY
        types, filters = rules.told(query.match)
        with self._lock:
            held = self._standings.get(key)
            # Of what it was given the last position is true; of an empty page only the client says where it is.
            reached = view.last if view.rows else min(view.last, now + _AHEAD)
            if query.match.ids:
                # A look at single objects says nothing about how far a client has come.
                reached = held.reached if held else 0
            self._standings[key] = Standing(
                client=who.name,
                party=who.party,
                collection=collection,
                first_at=held.first_at if held else now,
                asked_at=now,
                types=types,
                filters=filters,
                reached=reached,
                requests=(held.requests if held else 0) + 1,
                objects=(held.objects if held else 0) + sent,
            )
            before = self._days.get((who.name, day), Day(day=day, requests=0, objects=0))
            self._days[who.name, day] = Day(day=day, requests=before.requests + 1, objects=before.objects + sent)
        self._relieve()

    def refused(self, user: str, told: KoupreyError) -> None:
        """A client was refused; `user` as it says it is called, believed only when one of our tokens is."""
        now = self._clock()
        client = user if _USER.fullmatch(user) else ""
        key = (client, told.code, now - now % DAY)
        with self._lock:
            held = self._turned.get(key)
            times = (held.times if held else 0) + 1
            self._turned[key] = Turned(client=client, code=told.code, status=told.http_status, times=times, last_at=now)
        self._relieve()

    def _relieve(self) -> None:
        if len(self._standings) + len(self._turned) > MOST:
            self.flush()

    def flush(self) -> int:
        """Write what was gathered; how many sums grew."""
        with self._lock:
            standings, days, turned = self._standings, self._days, self._turned
            self._standings, self._days, self._turned = {}, {}, {}
        if not standings and not turned:
            return 0
        known = {token.user for token in self._people.list_tokens()}
        # Names that strangers make up must not fill the table.
        ours: dict[tuple[str, str, Instant], Turned] = {}
        for (client, code, day), each in turned.items():
            name = client if client in known else ""
            held = ours.get((name, code, day))
            ours[name, code, day] = msgspec.structs.replace(
                each, client=name, times=each.times + (held.times if held else 0)
            )

        def work(tx: Tx) -> None:
            rows.add_standings(tx, standings.values())
            rows.add_days(tx, ((client, each) for (client, _), each in days.items()))
            rows.add_turned(tx, ((day, each) for (_, _, day), each in ours.items()))

        self._store.write(work)
        return len(standings) + len(ours)


class Clients:
    """Verbs that tell what clients asked and were sent."""

    def __init__(self, store: Store, exchange: Exchange, people: People, clock: Clock = wall_clock) -> None:
        self._store = store
        self._exchange = exchange
        self._people = people
        self._clock = clock
        self.log = ClientLog(store, people, clock)

    def list_standings(self, *, client: str = "", collection: str = "", limit: int = 200) -> list[Standing]:
        """How clients stand, who asked last first: of one client, of one collection (its id), or all."""
        with self._store.read() as reader:
            return rows.list_standings(reader, client=client, collection=collection, limit=limit)

    def list_days(self, client: str, days: int = 30) -> list[Day]:
        """What a client asked and was sent on each of the last `days` days, oldest first; days without are there."""
        today = self._today()
        with self._store.read() as reader:
            held = {each.day: each for each in rows.list_days(reader, client, today - (days - 1) * DAY)}
        every = (today - back * DAY for back in reversed(range(days)))
        return [held.get(day, Day(day=day, requests=0, objects=0)) for day in every]

    def list_turned(self, client: str | None = None, days: int = 7) -> list[Turned]:
        """What a client ("" for whoever is none of ours, None for each) was refused within the last `days` days."""
        with self._store.read() as reader:
            return rows.list_turned(reader, client, self._today() - (days - 1) * DAY)

    def waiting(self, token: Token, standing: Standing, *, limit: int = 1000) -> Waiting | None:
        """What lies behind the place where a client stands; None when that cannot be told.

        It cannot for a token that acted for another party, or may no longer know of the collection.
        """
        if standing.party != token.party:
            return None
        try:
            return self._exchange.waiting(
                self._people.reader_of_token(token),
                standing.collection,
                after_position=standing.reached,
                types=standing.types,
                limit=limit,
            )
        except Unknown:
            return None

    def get_token(self, user: str) -> Token:
        """A client's token; Unknown when there is none."""
        for token in self._people.list_tokens():
            if token.user == user:
                return token
        raise Unknown("There is no such client.", "No token has this user.", code="unknown-token")

    def forget(self) -> int:
        """Drop sums and refusals that are too old; how many."""
        today = self._today()
        days, errors = today - KEPT_DAYS * DAY, today - KEPT_ERRORS * DAY
        return self._store.write(lambda tx: rows.forget(tx, days=days, errors=errors))

    def _today(self) -> Instant:
        now = self._clock()
        return now - now % DAY
