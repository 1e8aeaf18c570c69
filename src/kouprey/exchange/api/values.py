"""Endpoints about values: one with everything known of it, or very many at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from starlette.responses import Response, StreamingResponse

from kouprey.exchange.api.shapes import Known, Level, Worth, level, wrong
from kouprey.exchange.api.shown import known, worth
from kouprey.exchange.model import ObservableView
from kouprey.exchange.service import Exchange
from kouprey.exchange.service.observables import MOST_LOOKED_UP, read_observables
from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import MIB, Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with

_AT_ONCE = 2_000
"""Values looked up for one piece of the stream."""


class Value(Asked, frozen=True, kw_only=True):
    """A value, which may be defanged; `kind` when it must not be guessed (ipv4-addr, domain-name, sha256, ...)."""

    value: Annotated[str, Meta(min_length=1, max_length=4_000)]
    kind: str = ""


class Values(Asked, frozen=True, kw_only=True):
    """Values to look up."""

    values: Annotated[tuple[str, ...], Meta(max_length=MOST_LOOKED_UP)]
    kind: str = ""


class Named(Struct, kw_only=True):
    """An object that names a value: its newest version that does so."""

    id: str
    type: str
    title: str
    version: str
    received_at: Time
    revoked: bool
    tlp: Level
    sources: tuple[str, ...]
    times_seen: int


class Meaning(Struct, kw_only=True):
    """A value as one of the things it may be: how rare it is, who names it, and what lies near it."""

    kind: str
    value: str
    versions: int
    more: bool
    sources: tuple[str, ...]
    worth: Worth | None
    objects: tuple[Named, ...]
    wider: tuple[Known, ...]
    within: tuple[Known, ...]
    more_within: bool
    related: tuple[Known, ...]


class Meanings(Struct, kw_only=True):
    """Everything a value may be, likeliest first; that nothing names it is an answer too."""

    meanings: tuple[Meaning, ...]


class Hit(Struct, kw_only=True):
    """One line of a batch: a value as it was sent, and what it is known as. What is not known has no line."""

    asked: str
    known: tuple[Known, ...]


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Exchange))
    told: dict[str, Any] = {"group": "Values", "roles": roles_with(Permission.READ), "own": False}
    return [
        api(
            "GET",
            "/values",
            desk.show,
            takes=Value,
            gives=Meanings,
            fails={"bad-observable": 400},
            does=("GET /observables/{kind}",),
            summary="Everything known of a value.",
            **told,
        ),
        api(
            "POST",
            "/values/lookup",
            desk.look_up,
            takes=Values,
            gives=Hit,
            media=("application/x-ndjson",),
            reads=True,
            cap=32 * MIB,
            seconds=120.0,
            fails={"too-many-values": 413},
            summary=f"Look up to {MOST_LOOKED_UP:,} values up at once; one line for each that is known, as they come.",
            **told,
        ),
    ]


class _Desk:
    """What these endpoints ask of the exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def show(self, request: Request, asked: Value) -> Meanings:
        meant = read_observables(asked.value, asked.kind)
        if not meant:
            raise wrong("value", "It has no form that is known, or not that of its kind.", "Send one value.")
        views = (self._exchange.get_observable(request.reader, each.kind, each.text) for each in meant)
        return Meanings(meanings=tuple(self._meaning(request, view) for view in views))

    def _meaning(self, request: Request, view: ObservableView) -> Meaning:
        weighed = self._exchange.weigh_observable(request.reader, view)
        return Meaning(
            kind=view.observable.kind,
            value=view.observable.text,
            versions=view.versions,
            more=view.more,
            sources=view.sources,
            worth=worth(weighed.assessment) if weighed else None,
            objects=tuple(
                Named(
                    id=each.stix_id,
                    type=each.type,
                    title=each.title,
                    version=each.version_text,
                    received_at=time_of(each.received_at),
                    revoked=each.revoked,
                    tlp=level(each.tlp),
                    sources=each.sources,
                    times_seen=each.times_seen,
                )
                for each in view.occurrences
            ),
            wider=known(view.wider),
            within=known(view.within),
            more_within=view.more_within,
            related=known(view.related),
        )

    def look_up(self, request: Request, asked: Values) -> Response:
        who, values = request.reader, tuple(dict.fromkeys(asked.values))

        def lines() -> Iterator[bytes]:
            for begin in range(0, len(values), _AT_ONCE):
                found = self._exchange.look_up(who, values[begin : begin + _AT_ONCE], kind=asked.kind)
                if found:
                    hits = (Hit(asked=text, known=known(several)) for text, several in found.items())
                    yield b"".join(msgspec.json.encode(hit) + b"\n" for hit in hits)

        return StreamingResponse(lines(), media_type="application/x-ndjson")
