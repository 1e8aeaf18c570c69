"""Endpoints about sources: how far what each gave may be passed on."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from kouprey.exchange.model.rights import Passing, SourceRight
from kouprey.exchange.service import Exchange
from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with


class RightSaid(Asked, frozen=True, kw_only=True):
    """The right of a source, by its `source` key or name: "agreement", "inside", or "attribution" with `credit`."""

    source: Annotated[str, Meta(min_length=1, max_length=200)]
    right: Passing
    credit: str = ""
    because: Annotated[str, Meta(max_length=1_000)] = ""


class RightTold(Struct, kw_only=True):
    """A source with its right; `set_at` is "" where nobody has said anything."""

    source: str
    kind: str
    name: str
    right: str
    credit: str
    because: str
    set_by: str
    set_at: Time


class RightsTold(Struct, kw_only=True):
    """The sources of what you see."""

    sources: tuple[RightTold, ...]


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    exchange = services.get(Exchange)
    told: dict[str, Any] = {"group": "Publishing rules", "roles": roles_with(Permission.PUBLISH)}

    def rights(request: Request) -> RightsTold:
        return RightsTold(sources=tuple(map(_told, exchange.list_source_rights(request.reader))))

    def say(request: Request, asked: RightSaid) -> RightTold:
        who = request.reader
        return _told(
            exchange.set_source_right(
                who, asked.source, asked.right, credit=asked.credit, because=asked.because, by=who.name
            )
        )

    return [
        api(
            "GET",
            "/source-rights",
            rights,
            gives=RightsTold,
            does=("GET /rights",),
            summary="Sources of what you see, and how far each lets it be passed on.",
            **told,
        ),
        api(
            "POST",
            "/source-rights",
            say,
            takes=RightSaid,
            gives=RightTold,
            repeatable=True,
            fails={"unknown-source": 404, "no-credit": 400},
            does=("POST /rights",),
            summary="Say how far what a source gave may be passed on; publishing heeds it at once.",
            **told,
        ),
    ]


def _told(each: SourceRight) -> RightTold:
    return RightTold(
        source=each.key,
        kind=str(each.kind),
        name=each.name,
        right=each.passing,
        credit=each.credit,
        because=each.because,
        set_by=each.set_by,
        set_at=time_of(each.set_at),
    )
