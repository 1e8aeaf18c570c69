"""Endpoints about one item: its body, its release, its custody, and its proof."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

from starlette.responses import Response, StreamingResponse

from kouprey.kernel.web.api import api
from kouprey.kernel.web.attachments import BYTES, attachment
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People
from kouprey.proceedings.api import shapes
from kouprey.proceedings.api.dossiers import GONE, ONE, who_of
from kouprey.proceedings.model import Disclosure, Handed
from kouprey.proceedings.service import Dossiers
from kouprey.proceedings.wire import read_grants
from kouprey.proceedings.wire.paper import draw

ITEM = f"{ONE}/items/{{piece}}"
NOT_THERE = {**GONE, "unknown-item": 404}


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Dossiers), services.get(People))
    told: dict[str, Any] = {"group": "Dossiers", "roles": roles_with(Permission.READ)}
    return [*_reading(desk, told), *_doing(desk, told), *_passing_on(desk, told)]


def _reading(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    return [
        api(
            "GET",
            ITEM,
            desk.one,
            gives=shapes.ItemShown,
            fails=NOT_THERE,
            does=(f"GET {ITEM}",),
            summary="One item; its events stand with the dossier.",
            **told,
        ),
        api(
            "GET",
            f"{ITEM}/body",
            desk.body,
            media=(BYTES,),
            fails={**NOT_THERE, "disposed": 409},
            seconds=600.0,
            does=(f"GET {ITEM}/body",),
            summary="The sealed body as it came.",
            **told,
        ),
        api(
            "GET",
            f"{ITEM}/proof",
            desk.proof,
            takes=shapes.Which,
            media=(BYTES,),
            fails={**NOT_THERE, "unknown-event": 404},
            does=(f"GET {ITEM}/proof.json",),
            summary="The proof of its events, or of one, which tells nothing of others.",
            **told,
        ),
        api(
            "GET",
            f"{ITEM}/custody",
            desk.paper,
            takes=shapes.InLanguage,
            gives=shapes.Paper,
            fails=NOT_THERE,
            does=(f"GET {ITEM}/custody.pdf",),
            summary="Its custody on paper.",
            **told,
        ),
    ]


def _doing(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    return [
        api(
            "POST",
            f"{ITEM}/release",
            desk.release,
            takes=shapes.AskRelease,
            gives=shapes.Released,
            status=201,
            secret=True,
            fails={
                **NOT_THERE,
                "no-purpose": 400,
                "no-basis": 400,
                "no-ground": 400,
                "unknown-key": 404,
                "disposed": 409,
                "cannot-open": 400,
            },
            does=(f"POST {ITEM}/release",),
            summary="Take the seal of the node off its key for you; that is written down first, or nothing leaves.",
            **told,
        ),
        api(
            "POST",
            f"{ITEM}/acts",
            desk.act,
            takes=shapes.ItemAct,
            gives=shapes.ItemShown,
            fails={
                **NOT_THERE,
                "bad-act": 400,
                "not-holder": 409,
                "no-member": 409,
                "not-offered": 409,
                "broken": 400,
                "held": 409,
                "disposed": 409,
            },
            does=(f"POST {ITEM}/acts",),
            summary="State what was done with it, offer or receive it, decide on disclosure, or dispose of it.",
            **told,
        ),
    ]


def _passing_on(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    return [
        api(
            "POST",
            f"{ITEM}/grants",
            desk.grant,
            takes=shapes.More,
            gives=shapes.ItemShown,
            status=201,
            fails={
                **NOT_THERE,
                "bad-item": 400,
                "no-reader": 409,
                "old-key": 409,
                "disposed": 409,
                "granted-already": 409,
            },
            does=(f"POST {ITEM}/grants",),
            summary="Its key for somebody more, sealed on a reader's machine; the body is not touched.",
            **told,
        ),
        api(
            "POST",
            f"{ITEM}/given",
            desk.give,
            takes=shapes.Across,
            gives=shapes.ItemShown,
            status=201,
            fails={
                **NOT_THERE,
                "bad-item": 400,
                "bad-reader": 400,
                "no-purpose": 400,
                "no-basis": 400,
                "no-party": 409,
                "disposed": 409,
                "unknown-agreement": 404,
                "own-key": 409,
                "too-large": 409,
            },
            does=(f"POST {ITEM}/given",),
            summary="Give it to named readers of a partner, under an agreement.",
            **told,
        ),
    ]


class _Desk:
    def __init__(self, dossiers: Dossiers, people: People) -> None:
        self._dossiers = dossiers
        self._people = people

    def one(self, request: Request) -> shapes.ItemShown:
        who, at = who_of(request), request.path_params
        item = self._dossiers.get_item(who, at["dossier"], at["piece"])
        return shapes.item_of(item, self._dossiers.get_dossier(who, at["dossier"]))

    def body(self, request: Request) -> StreamingResponse:
        at = request.path_params
        item, pieces = self._dossiers.read_body(who_of(request), at["dossier"], at["piece"])
        return attachment(f"{item.sha256[:12]}.age", item.size, pieces)

    def proof(self, request: Request, asked: shapes.Which) -> Response:
        who, at = who_of(request), request.path_params
        item = self._dossiers.get_item(who, at["dossier"], at["piece"])
        if asked.event >= 0:
            raw = self._dossiers.proof(who, at["dossier"], positions=(asked.event,))
        else:
            raw = self._dossiers.proof(who, at["dossier"], item=item.id)
        return Response(raw, media_type=BYTES)

    def paper(self, request: Request, asked: shapes.InLanguage) -> shapes.Paper:
        who, at = who_of(request), request.path_params
        item = self._dossiers.get_item(who, at["dossier"], at["piece"])
        kept = self._dossiers.get_dossier(who, at["dossier"])
        names = {each.id: each.name for each in self._people.list_persons()}
        pdf = draw(
            kept,
            item,
            self._dossiers.list_events(who, at["dossier"], item.id),
            self._dossiers.sign(at["dossier"]).note.decode(),
            language=asked.language,
            name=lambda by: names.get(by, by),
            at=self._dossiers.now(),
        )
        return shapes.Paper(pdf=b64encode(pdf).decode())

    def release(self, request: Request, asked: shapes.AskRelease) -> shapes.Released:
        at = request.path_params
        released = self._dossiers.release(
            who_of(request),
            at["dossier"],
            at["piece"],
            purpose=asked.purpose,
            basis=asked.basis,
            emergency=asked.emergency,
            ground=asked.ground,
            key=asked.key,
        )
        return shapes.Released(box=b64encode(released).decode())

    def act(self, request: Request, asked: shapes.ItemAct) -> shapes.ItemShown:
        at, every = request.path_params, self._dossiers
        place = (who_of(request), at["dossier"], at["piece"])
        deeds: dict[str, Callable[[], object]] = {
            "state": lambda: every.state(*place, asked.act, asked.text),
            "offer": lambda: every.offer(*place, asked.person, why=asked.why),
            "receive": lambda: every.receive(*place, asked.sha256),
            "disclose": lambda: every.decide(*place, Disclosure.DISCLOSED, ground=asked.ground),
            "withhold": lambda: every.decide(*place, Disclosure.WITHHELD, ground=asked.ground),
            "dispose": lambda: every.dispose(*place, ground=asked.ground),
        }
        deeds[asked.do]()
        return self.one(request)

    def grant(self, request: Request, asked: shapes.More) -> shapes.ItemShown:
        at = request.path_params
        grants = _grants_in(asked.grants)
        self._dossiers.add_grants(who_of(request), at["dossier"], at["piece"], grants, why=asked.why)
        return self.one(request)

    def give(self, request: Request, asked: shapes.Across) -> shapes.ItemShown:
        at = request.path_params
        self._dossiers.give(
            who_of(request),
            at["dossier"],
            at["piece"],
            agreement=asked.agreement,
            party=asked.party,
            grants=_grants_in(asked.grants),
            purpose=asked.purpose,
            basis=asked.basis,
        )
        return self.one(request)


def _grants_in(text: str) -> tuple[Handed, ...]:
    try:
        raw = b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Damaged("The grants cannot be read.", "They are no base64.", code="bad-item") from None
    return read_grants(raw)
