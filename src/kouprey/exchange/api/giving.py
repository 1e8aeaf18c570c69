"""Endpoints that give to partners: publishing under an agreement, and what was given."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from kouprey.exchange.api.shapes import Report
from kouprey.exchange.api.shown import report
from kouprey.exchange.service import Exchange
from kouprey.kernel.web.api import Asked, api
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Refused
from kouprey.people.model import Permission, roles_with


class Given(Asked, frozen=True, kw_only=True):
    """Objects for all other parties of an agreement: by `ids`, or those of types and with words, or everything.

    `audience`: a group of the agreement (clause 19) that alone is to have them.

    `emergency`: why a duty officer sends at once what else would wait to be released.
    """

    agreement: str
    ids: Annotated[tuple[str, ...], Meta(max_length=10_000)] = ()
    type: tuple[str, ...] = ()
    q: str = ""
    everything: bool = False
    audience: Annotated[str, Meta(max_length=200)] = ""
    emergency: Annotated[str, Meta(max_length=1_000)] = ""


def doors(services: Services) -> list[Door]:
    """The endpoint."""
    desk = _Desk(services.get(Exchange))
    return [
        api(
            "POST",
            "/publications",
            desk.publish,
            takes=Given,
            gives=Report,
            group="Giving",
            roles=roles_with(Permission.PUBLISH),
            repeatable=True,
            seconds=120.0,
            fails={"not-given": 409, "unknown-agreement": 404, "unknown-audience": 404, "not-on-duty": 403},
            does=("POST /intelligence/{stix_id}/publish",),
            summary="Give objects to the other parties of an agreement; each is decided for each party,"
            " and what may not go is told with its clause.",
        )
    ]


class _Desk:
    """What this endpoint asks of the exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def publish(self, request: Request, asked: Given) -> Report:
        who = request.reader
        made = report(
            self._exchange.publish(
                asked.agreement,
                asked.ids,
                types=asked.type,
                text=asked.q,
                everything=asked.everything,
                by=who.name,
                who=who,
                emergency=asked.emergency.strip(),
                audience=asked.audience,
            )
        )
        if made.refused and not (made.queued or made.already or made.waiting):
            first = made.refused[0]
            detail: dict[str, Any] = {"refused": msgspec.to_builtins(made.refused)}
            detail["because"] = msgspec.to_builtins(first.because)
            raise Refused(
                "Nothing of it was given.",
                first.because[0].text if first.because else "",
                "GET /objects/{id}/visibility says for each party what forbids it.",
                code="not-given",
                detail=detail,
            )
        return made
