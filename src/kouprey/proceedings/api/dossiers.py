"""Endpoints about dossiers: one's own, who belongs to them, holds, and the key that things are sealed to."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from starlette.responses import Response

from kouprey.kernel.web.api import api, time_of
from kouprey.kernel.web.attachments import BYTES
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import Instant, parse_instant
from kouprey.people.model import Permission, roles_with
from kouprey.proceedings.api import shapes
from kouprey.proceedings.model import Kept, Part
from kouprey.proceedings.service import Dossiers
from kouprey.proceedings.wire import LARGEST

PATH = "/dossiers"
ONE = f"{PATH}/{{dossier}}"
GONE = {"unknown-dossier": 404, "not-custodian": 403, "no-text": 400, "too-long": 400}


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Dossiers))
    told: dict[str, Any] = {"group": "Dossiers", "roles": roles_with(Permission.READ)}
    return [*_own(desk, told), *_one(desk, told), *_held(desk, told)]


def _own(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    return [
        api(
            "GET",
            PATH,
            desk.list,
            gives=shapes.Heads,
            does=(f"GET {PATH}",),
            summary="Dossiers you belong to; nobody is told of others.",
            **told,
        ),
        api(
            "POST",
            PATH,
            desk.open,
            takes=shapes.NewDossier,
            gives=shapes.Head,
            status=201,
            fails={"role-missing": 403, "not-a-person": 403, "no-text": 400, "too-long": 400},
            does=(f"POST {PATH}",),
            summary="Open a dossier, as its custodian; for the legal role.",
            **told,
        ),
        api(
            "GET",
            f"{PATH}/key",
            desk.keys,
            gives=shapes.Keys,
            fails={"not-a-person": 403},
            does=(f"GET {PATH}/key",),
            summary="Your own public keys.",
            **told,
        ),
        api(
            "POST",
            f"{PATH}/key",
            desk.set_key,
            takes=shapes.KeySet,
            gives=shapes.Keys,
            status=201,
            fails={"not-a-person": 403, "bad-key": 400, "known-key": 409},
            does=(f"POST {PATH}/key",),
            summary="The key to seal to for you from now on; the one before stays for what was sealed to it.",
            **told,
        ),
    ]


def _one(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    return [
        api(
            "GET",
            ONE,
            desk.get,
            gives=shapes.DossierShown,
            fails={"unknown-dossier": 404},
            does=(f"GET {ONE}",),
            summary="A dossier you belong to, with all that stands in it.",
            **told,
        ),
        api(
            "POST",
            f"{ONE}/acts",
            desk.act,
            takes=shapes.DossierAct,
            gives=shapes.Done,
            fails={
                **GONE,
                "unknown-person": 404,
                "bad-person": 409,
                "member-already": 409,
                "no-member": 404,
                "last-custodian": 409,
                "bad-review": 400,
                "unknown-hold": 404,
                "unknown-item": 404,
                "disposed": 409,
                "unknown-release": 404,
                "has-basis": 409,
                "bad-time": 400,
            },
            does=(f"POST {ONE}/acts",),
            summary="Name or remove somebody, place or lift a hold, or file the basis of an emergency.",
            **told,
        ),
    ]


def _held(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    return [
        api(
            "POST",
            f"{ONE}/items",
            desk.add,
            takes=shapes.HandedIn,
            brings=(BYTES,),
            gives=shapes.ItemShown,
            status=201,
            fails={
                **GONE,
                "bad-item": 400,
                "broken": 400,
                "unsafe-json": 400,
                "no-reader": 409,
                "old-key": 409,
                "unknown-item": 404,
                "bad-time": 400,
            },
            cap=LARGEST,
            seconds=600.0,
            does=(f"POST {ONE}/items",),
            summary="Hand in a file that `kouprey dossier seal` wrote.",
            **told,
        ),
        api(
            "GET",
            f"{ONE}/ledger",
            desk.ledger,
            media=(BYTES,),
            fails={"unknown-dossier": 404},
            does=(f"GET {ONE}/ledger.json",),
            summary="The whole ledger with its checkpoints, for `verify_custody.py`.",
            **told,
        ),
    ]


def who_of(request: Request) -> Reader:
    """Who asks, with the roles they have."""
    return Dossiers.speaker(request.reader, request.who.roles)


def read_time(text: str) -> Instant:
    """A time of a request, 0 for none; Damaged (`bad-time`) for what is no time."""
    try:
        return parse_instant(text) if text else 0
    except ValueError as error:
        raise Damaged("There is no such time.", str(error), "Write it in RFC 3339.", code="bad-time") from None


class _Desk:
    def __init__(self, dossiers: Dossiers) -> None:
        self._dossiers = dossiers

    def list(self, request: Request) -> shapes.Heads:
        who = who_of(request)
        kept = [self._dossiers.get_dossier(who, each.id) for each in self._dossiers.list_dossiers(who)]
        return shapes.Heads(dossiers=tuple(map(shapes.head_of, kept)))

    def open(self, request: Request, asked: shapes.NewDossier) -> shapes.Head:
        who = who_of(request)
        made = self._dossiers.open_dossier(who, why=asked.why)
        return shapes.head_of(self._dossiers.get_dossier(who, made.id))

    def keys(self, request: Request) -> shapes.Keys:
        return shapes.Keys(
            keys=tuple(
                shapes.OneKey(
                    key=each.key,
                    words=self._dossiers.voice_of(each.key),
                    since=time_of(each.since),
                    until=time_of(each.until),
                )
                for each in self._dossiers.list_keys(who_of(request))
            )
        )

    def set_key(self, request: Request, asked: shapes.KeySet) -> shapes.Keys:
        self._dossiers.set_key(who_of(request), asked.key)
        return self.keys(request)

    def get(self, request: Request) -> shapes.DossierShown:
        who = who_of(request)
        kept = self._dossiers.get_dossier(who, request.path_params["dossier"])
        return shapes.DossierShown(
            id=kept.dossier.id,
            name=kept.dossier.name,
            party=kept.dossier.party,
            part=str(kept.own.part),
            through=self._dossiers.through(),
            members=self._members(kept),
            items=tuple(shapes.item_of(each, kept) for each in kept.items),
            releases=tuple(map(shapes.release_of, kept.releases)),
            holds=tuple(map(shapes.hold_of, kept.holds)),
            events=tuple(map(shapes.event_of, self._dossiers.list_events(who, kept.dossier.id))),
        )

    def _members(self, kept: Kept) -> tuple[shapes.MemberShown, ...]:
        keys = self._dossiers.keys_of({each.person for each in kept.members})
        return tuple(
            shapes.MemberShown(
                person=each.person,
                part=str(each.part),
                since=time_of(each.at),
                until=time_of(each.until),
                key="" if each.until else keys.get(each.person, ""),
            )
            for each in kept.members
        )

    def act(self, request: Request, asked: shapes.DossierAct) -> shapes.Done:
        who, dossier = who_of(request), request.path_params["dossier"]
        every = self._dossiers
        deeds: dict[str, Callable[[], object]] = {
            "add-member": lambda: every.add_member(who, dossier, asked.person, Part(asked.part), why=asked.why),
            "remove-member": lambda: every.remove_member(who, dossier, asked.person, why=asked.why),
            "hold": lambda: every.hold(
                who, dossier, item=asked.item, why=asked.why, scope=asked.scope, review=read_time(asked.review)
            ),
            "lift-hold": lambda: every.lift_hold(who, dossier, asked.hold, why=asked.why),
            "file-basis": lambda: every.file_basis(who, dossier, asked.release, asked.basis),
        }
        done = deeds[asked.do]()
        return shapes.Done(fetched=done if isinstance(done, tuple) else ())

    def add(self, request: Request, asked: shapes.HandedIn) -> shapes.ItemShown:
        who, dossier = who_of(request), request.path_params["dossier"]
        keep_until = read_time(asked.keep_until)
        made = self._dossiers.add_item(
            who, dossier, BytesIO(request.content), derived=asked.derived, keep_until=keep_until
        )
        return shapes.item_of(made, self._dossiers.get_dossier(who, dossier))

    def ledger(self, request: Request) -> Response:
        raw = self._dossiers.ledger(who_of(request), request.path_params["dossier"])
        return Response(raw, media_type=BYTES)
