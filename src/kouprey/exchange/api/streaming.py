"""The stream of what is new to a reader, as Server-Sent Events, to be gone on with where it broke off.

An event is a version that joined a collection; its id is its position there. Positions are given at commit, rise
strictly and become visible in order only, and what a wider decision opens moves up. So a client that comes back with
the last id it has seen misses nothing, whatever happened in between.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from functools import partial
from time import monotonic

import anyio.to_thread
import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType
from starlette.responses import Response

from kouprey.exchange.api.shapes import instant_of, within, wrong
from kouprey.exchange.model import PageRow
from kouprey.exchange.service import MAIN, Exchange
from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.identity import Identity
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.streams import Streams, events, rest
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.time import Instant
from kouprey.people.model import Permission, roles_with

AT_ONCE = 100
"""Versions held in memory for one stream."""
LOOK = 1.0
"""Seconds between looks while nothing is new."""
BEAT = 15.0
"""Seconds after which a stream without news says that it lives."""
SLOW = 30.0
"""Seconds a reader may take for AT_ONCE versions."""

_LINES = re.compile(rb"[\r\n]+")
_POSITION = re.compile(r"[0-9]{1,18}", re.ASCII)


class News(Asked, frozen=True, kw_only=True):
    """Of which collection (all, without one) and types; since when, else from now on. `bodies`: with the objects."""

    collection: str = ""
    type: tuple[str, ...] = ()
    since: Time = ""
    bodies: bool = True


class Added(Struct, kw_only=True):
    """The data of an event `object`."""

    id: str
    type: str
    version: str
    added: Time
    object: Raw | UnsetType = UNSET


class Ended(Struct, kw_only=True):
    """The data of the event `end`: why the stream ends, and whether to come back."""

    code: str
    detail: str
    again: bool


def doors(services: Services) -> list[Door]:
    """The endpoint."""
    stream = Stream(services.get(Exchange))
    return [
        api(
            "GET",
            "/stream",
            stream.open,
            takes=News,
            gives=Added,
            media=("text/event-stream",),
            group="Stream",
            roles=roles_with(Permission.READ),
            own=False,
            scoped=True,
            seconds=None,
            fails={"unknown-collection": 404, "too-many-streams": 429},
            summary="What is new to you, as it comes (Server-Sent Events); with `Last-Event-ID`, from there on.",
        )
    ]


class Stream:
    """All streams of this process. `look`, `beat` and `slow` are in seconds."""

    def __init__(self, exchange: Exchange, *, look: float = LOOK, beat: float = BEAT, slow: float = SLOW) -> None:
        self._exchange = exchange
        self._look, self._beat, self._slow = look, beat, slow
        self._streams = Streams()

    async def open(self, request: Request, asked: News) -> Response:
        """Begin, or go on behind the last event that was seen."""
        collection = await anyio.to_thread.run_sync(partial(self._chosen, request, asked))
        after = await anyio.to_thread.run_sync(partial(self._begin, request, asked, collection))
        return events(self._events(request, collection, asked, after))

    def _chosen(self, request: Request, asked: News) -> str:
        """The id of the collection that is streamed."""
        name = within(self._exchange, request.reader, request.who.scope, asked.collection)
        return self._exchange.get_collection(name or MAIN, request.reader).id

    def _begin(self, request: Request, asked: News, collection: str) -> Instant:
        """Behind which position; refuses what cannot be streamed."""
        chosen = self._exchange.get_collection(collection, request.reader)
        self._streams.check(request.who)
        last = request.headers.get("last-event-id", "")
        if last:
            if _POSITION.fullmatch(last) is None:
                raise wrong("Last-Event-ID", "It is no id of an event.", "Send the id of the last event, or nothing.")
            return int(last)
        since = instant_of(asked.since, "since")
        return self._exchange.newest(request.reader, collection=chosen.id) if since is None else since

    async def _events(self, request: Request, collection: str, asked: News, after: Instant) -> AsyncIterator[bytes]:
        """Until the client goes, the node stops, or whoever asks is nobody any more."""
        stopping, who = request.site.stopping, request.who
        said = monotonic()
        with self._streams.counted(who):
            # An id without data is kept by readers too: whoever breaks off before the first event comes back here.
            yield b"retry: 2000\nid: %d\n\n" % after
            while not stopping.is_set():
                try:
                    identity, rows = await anyio.to_thread.run_sync(
                        partial(self._next, request, collection, asked, after), abandon_on_cancel=True
                    )
                except KoupreyError as error:
                    yield _end(error.code, f"{error.what} {error.why}".strip(), again=error.http_status >= 500)
                    return
                if identity is None:
                    yield _end("unidentified", "Whoever asked may not read here any more.", again=False)
                    return
                if rows:
                    begun = monotonic()
                    yield b"".join(map(_event, rows))
                    after, said = rows[-1].position, monotonic()
                    if said - begun > self._slow:
                        yield _end("too-slow", f"You took {said - begun:.0f} seconds for one piece.", again=True)
                        return
                elif monotonic() - said > self._beat:
                    yield b": beat\n\n"
                    said = monotonic()
                if len(rows) < AT_ONCE:
                    await rest(stopping, self._look)
            yield _end("stopping", "The node stops.", again=True)

    def _next(
        self, request: Request, collection: str, asked: News, after: Instant
    ) -> tuple[Identity | None, tuple[PageRow, ...]]:
        """Who asks, as of now, and what is next: a token that ends or changes does so in the middle of a stream.

        So does a session whose person is given a role that needs a second factor it was opened without.
        """
        identity = request.site.authenticate(request)
        door = request.door
        if identity is None or identity.unproven or door is None or not set(door.roles) & set(identity.roles):
            return None, ()
        within(self._exchange, identity.reader, identity.scope, collection)
        page = self._exchange.page(
            identity.reader,
            collection,
            after_position=after,
            limit=AT_ONCE,
            types=asked.type,
            bodies=asked.bodies,
        )
        return identity, page.rows


def _event(row: PageRow) -> bytes:
    told = Added(
        id=row.stix_id,
        type=row.stix_id.partition("--")[0],
        version=row.version_text,
        added=time_of(row.position),
        object=Raw(row.raw) if row.raw else UNSET,
    )
    return _written("object", msgspec.json.encode(told), row.position)


def _end(code: str, detail: str, *, again: bool) -> bytes:
    return _written("end", msgspec.json.encode(Ended(code=code, detail=detail, again=again)), None)


def _written(name: str, data: bytes, position: Instant | None) -> bytes:
    """An event; a body that was received in several lines is several lines of data, which readers put together."""
    lines: Iterable[bytes] = (b"data: " + line for line in _LINES.split(data))
    head = [b"event: " + name.encode()] + ([] if position is None else [b"id: %d" % position])
    return b"\n".join([*head, *lines]) + b"\n\n"
