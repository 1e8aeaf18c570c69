"""The REST interface of MISP: take events in, with what is lost on the way."""

from __future__ import annotations

from io import BytesIO
from typing import Annotated

from msgspec import Meta, Struct

from kouprey.kernel.web.api import JSON, Asked, api
from kouprey.kernel.web.door import MIB, Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.misp.model import Loss, Refusal, Report
from kouprey.misp.service import Listeners, Misp
from kouprey.people.model import Permission, roles_with

MOST = 200
"""Losses and refusals that are named; all are counted."""


class How(Asked, frozen=True, kw_only=True):
    """What the source is called, the level of what carries no marking, and a collection it joins besides the main."""

    name: Annotated[str, Meta(min_length=1, max_length=200)] = "api"
    tlp: str = ""
    collection: str = ""


class Imported(Struct, kw_only=True):
    """What the events came to, and the first losses and refusals."""

    report: Report
    losses: tuple[Loss, ...]
    refusals: tuple[Refusal, ...]


def routes(services: Services) -> list[Door]:
    """The endpoint."""
    misp = services.get(Misp)

    def take(request: Request, asked: How) -> Imported:
        losses: list[Loss] = []
        refusals: list[Refusal] = []
        report = misp.import_stream(
            BytesIO(request.content),
            name=asked.name,
            tlp=_level(asked.tlp),
            collection=asked.collection,
            by=request.reader.name,
            listeners=Listeners(
                on_loss=lambda each: losses.append(each) if len(losses) < MOST else None,
                on_refusal=lambda each: refusals.append(each) if len(refusals) < MOST else None,
            ),
        )
        return Imported(report=report, losses=tuple(losses), refusals=tuple(refusals))

    return [
        api(
            "POST",
            "/misp/events",
            take,
            takes=How,
            brings=(JSON,),
            gives=Imported,
            group="Taking in",
            roles=roles_with(Permission.WRITE),
            fails={"unknown-collection": 404},
            does=("POST /misp/import",),
            cap=100 * MIB,
            seconds=600.0,
            repeatable=True,
            summary="Take in MISP events as MISP exports them; what STIX does not carry is told.",
        )
    ]


def _level(text: str) -> TLP | None:
    try:
        return parse_tlp(text) if text else None
    except ValueError as error:
        raise Damaged(
            "The field 'tlp' is wrong.",
            f"{error}.",
            "Write amber, for example.",
            code="bad-field",
            detail={"field": "tlp"},
        ) from None
