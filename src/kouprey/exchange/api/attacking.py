"""Endpoints of the matrix: what stands where among the ways of attack, and a layer for the ATT&CK Navigator."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from starlette.responses import Response

from kouprey.exchange.api.shapes import wrong
from kouprey.exchange.model.placing import Cell, Wish
from kouprey.exchange.service import Exchange
from kouprey.exchange.wire.catalogues import domain_of, layer_of
from kouprey.kernel.web.api import LIMIT, Asked, CursorText, Limit, Time, api, next_page, place_of, tagged, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with

Month = Annotated[str, Meta(pattern=r"^(20[0-9]{2}-(0[1-9]|1[0-2]))?$")]
"""A month in UTC, `2026-11`; "" for any."""


class Sought(Asked, frozen=True, kw_only=True):
    """A kill chain, and what is counted: types of what is placed, sources, first and last month of coming in."""

    chain: str = ""
    kind: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    since: Month = ""
    until: Month = ""


class At(Sought, frozen=True, kw_only=True):
    """A place of the matrix: a technique by its number or STIX id (`at`), or a phase."""

    at: str = ""
    phase: str = ""
    limit: Limit = LIMIT
    cursor: CursorText = ""


class Technique(Struct, kw_only=True):
    """A technique: `own` objects point at it, `count` with those of its sub-techniques."""

    number: str
    name: str
    ids: tuple[str, ...]
    own: int
    count: int
    below: tuple[Technique, ...]


class Phase(Struct, kw_only=True):
    """A column: `count` objects name the phase alone. Phase "" holds what is named and described nowhere."""

    phase: str
    name: str
    id: str
    count: int
    techniques: tuple[Technique, ...]


class Attack(Struct, kw_only=True):
    """One kill chain as far as you may see; `chains`, `kinds` and `sources` are what can be asked for."""

    chain: str
    chains: tuple[str, ...]
    kinds: tuple[str, ...]
    sources: tuple[str, ...]
    phases: tuple[Phase, ...]


class Pointing(Struct, kw_only=True):
    """An object that points at a place of the matrix."""

    id: str
    type: str
    title: str
    received_at: Time


class Pointed(Struct, kw_only=True):
    """A page of them, the latest first."""

    objects: tuple[Pointing, ...]
    next: str


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Exchange))
    told: dict[str, Any] = {"group": "Techniques", "roles": roles_with(Permission.READ), "own": False}
    return [
        api(
            "GET",
            "/attack",
            desk.matrix,
            takes=Sought,
            gives=Attack,
            does=("GET /attack",),
            summary="How many objects that you may see point at each phase and technique of a kill chain.",
            **told,
        ),
        api(
            "GET",
            "/attack/objects",
            desk.objects,
            takes=At,
            gives=Pointed,
            does=("GET /attack",),
            fails={"unknown-place": 404, "bad-cursor": 400},
            summary="The objects that point at a technique or a phase, the latest first.",
            **told,
        ),
        api(
            "GET",
            "/attack/layer",
            desk.layer,
            takes=Sought,
            media=("application/json",),
            summary="The same as a layer for the ATT&CK Navigator: the number of objects is the score.",
            **told,
        ),
    ]


class _Desk:
    """What these endpoints ask of the exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def matrix(self, request: Request, asked: Sought) -> Attack:
        found = self._exchange.matrix(request.reader, chain=asked.chain, wish=_wish(asked))
        return Attack(
            chain=found.chain,
            chains=found.chains,
            kinds=found.kinds,
            sources=found.sources,
            phases=tuple(
                Phase(
                    phase=each.phase,
                    name=each.name,
                    id=each.stix_id,
                    count=each.count,
                    techniques=tuple(map(_technique, each.cells)),
                )
                for each in found.columns
            ),
        )

    def objects(self, request: Request, asked: At) -> Pointed:
        found = self._exchange.list_placed(
            request.reader,
            chain=asked.chain,
            phase=asked.phase,
            number=asked.at,
            wish=_wish(asked),
            before=place_of(request, asked, int) or 0,
            limit=asked.limit,
        )
        return Pointed(
            objects=tuple(
                Pointing(id=each.stix_id, type=each.type, title=each.title, received_at=time_of(each.at))
                for each in found.objects
            ),
            next=next_page(request, asked, found.objects[-1].body) if found.more else "",
        )

    def layer(self, request: Request, asked: Sought) -> Response:
        found = self._exchange.matrix(request.reader, chain=asked.chain, wish=_wish(asked))
        if not domain_of(found.chain):
            raise wrong("chain", "The Navigator shows kill chains of MITRE ATT&CK only.", "Ask for mitre-attack.")
        chosen = msgspec.to_builtins(asked)
        layer = layer_of(
            found,
            f"{request.site.party_name} ({found.chain})",
            "How many objects point at each technique, as far as the reader of this layer may see.",
            [f"{name}: {value}" for name, value in chosen.items() if value],
        )
        response = Response(msgspec.json.encode(layer), media_type="application/json")
        response.headers["Content-Disposition"] = 'attachment; filename="attack-layer.json"'
        return tagged(request, response)


def _wish(asked: Sought) -> Wish:
    return Wish(kinds=asked.kind, sources=asked.source, since=_month(asked.since), until=_month(asked.until))


def _month(text: str) -> int:
    return int(text.replace("-", "")) if text else 0


def _technique(cell: Cell) -> Technique:
    return Technique(
        number=cell.number,
        name=cell.name,
        ids=cell.stix_ids,
        own=cell.own,
        count=cell.count,
        below=tuple(map(_technique, cell.below)),
    )
