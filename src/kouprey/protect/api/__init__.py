"""The REST interface of shields, and the addresses from which devices fetch them."""

from __future__ import annotations

from typing import Any

import msgspec

from kouprey.kernel.web.api import api
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.people.model import Permission, roles_with
from kouprey.protect.api import shapes
from kouprey.protect.api.outlets import doors as outlet_doors
from kouprey.protect.model import Limits, Query
from kouprey.protect.service import Protect

_GROUP = "Shields"
_UNKNOWN = {"unknown-shield": 404}
_RELEASE = {**_UNKNOWN, "unknown-release": 404}
_WISH = {
    "too-strict": 400,
    "above-clearance": 403,
    "bad-query": 400,
    "bad-limit": 400,
    "bad-title": 400,
    "bad-level": 400,
    "unknown-collection": 404,
    "unknown-party": 404,
}


def routes(services: Services) -> list[Door]:
    """The endpoints: what people may do, and what devices fetch."""
    desk = _Desk(services.get(Protect))
    return [
        *_of_shields(desk),
        *_of_releases(desk),
        *_of_decisions(desk),
        *_of_allowances(desk),
        *_of_outlets(desk),
        *outlet_doors(services),
    ]


def _of_shields(desk: _Desk) -> list[Door]:
    reads, changes = _told(Permission.WRITE), _told(Permission.PUBLISH)
    one = "/shields/{shield}"
    return [
        api(
            "GET",
            "/shields",
            desk.list,
            gives=shapes.ShieldList,
            does=("GET /protect",),
            summary="Shields up to your clearance.",
            **reads,
        ),
        api(
            "POST",
            "/shields",
            desk.add,
            takes=shapes.NewShield,
            gives=shapes.ShieldShown,
            status=201,
            fails={**_WISH, "bad-shield-name": 400, "shield-exists": 409},
            does=("POST /protect/new",),
            summary="Make a shield; its first list waits for a person's word.",
            **changes,
        ),
        api(
            "GET",
            one,
            desk.show,
            gives=shapes.ShieldShown,
            fails=_UNKNOWN,
            does=("GET /protect/{shield}",),
            summary="A shield, what is in force and what waits.",
            **reads,
        ),
        api(
            "PUT",
            one,
            desk.change,
            takes=shapes.ChangedShield,
            gives=shapes.ShieldShown,
            fails={**_UNKNOWN, **_WISH},
            does=("POST /protect/{shield}",),
            summary="Change what a shield is made of, when people are asked, or whether it is in use.",
            **changes,
        ),
    ]


def _of_releases(desk: _Desk) -> list[Door]:
    reads = _told(Permission.WRITE)
    one = "/shields/{shield}"
    return [
        api(
            "GET",
            f"{one}/releases",
            desk.releases,
            gives=shapes.Releases,
            fails=_UNKNOWN,
            summary="Releases that are kept.",
            **reads,
        ),
        api(
            "GET",
            f"{one}/entries",
            desk.entries,
            takes=shapes.Sought,
            gives=shapes.Entries,
            fails=_RELEASE,
            does=("GET /protect/{shield}/entries",),
            summary="What a release lists.",
            **reads,
        ),
        api(
            "GET",
            f"{one}/left",
            desk.left,
            takes=shapes.SoughtLeft,
            gives=shapes.LeftList,
            fails=_RELEASE,
            does=("GET /protect/{shield}/left",),
            summary="What was left out of a release, and why.",
            **reads,
        ),
    ]


def _of_decisions(desk: _Desk) -> list[Door]:
    changes = _told(Permission.PUBLISH)
    one = "/shields/{shield}"
    return [
        api(
            "POST",
            f"{one}/compilation",
            desk.compile,
            gives=shapes.ReleaseShown,
            fails=_UNKNOWN,
            repeatable=True,
            does=("POST /protect/{shield}/compile",),
            seconds=300.0,
            summary="Make the list as it would be now: in force at once, or waiting for a person's word.",
            **changes,
        ),
        api(
            "POST",
            f"{one}/approval",
            desk.approve,
            takes=shapes.Serial,
            gives=shapes.ReleaseShown,
            fails={**_UNKNOWN, "not-waiting": 409, "list-changed": 409, "bad-list": 409},
            does=("POST /protect/{shield}/decide",),
            seconds=300.0,
            summary="Release what waits.",
            **changes,
        ),
        api(
            "POST",
            f"{one}/refusal",
            desk.refuse,
            takes=shapes.Reasoned,
            gives=shapes.ReleaseShown,
            fails={**_UNKNOWN, "not-waiting": 409, "bad-reason": 400},
            summary="Say that what waits is not to be released, and why.",
            **changes,
        ),
        api(
            "POST",
            f"{one}/rollback",
            desk.roll_back,
            takes=shapes.Reasoned,
            gives=shapes.ReleaseShown,
            fails={**_RELEASE, "bad-reason": 400, "bad-list": 409},
            does=("POST /protect/{shield}/rollback",),
            seconds=300.0,
            summary="Have an earlier release in force again; nothing comes until it is resumed.",
            **changes,
        ),
        api(
            "POST",
            f"{one}/resumption",
            desk.resume,
            gives=shapes.ReleaseShown,
            fails=_UNKNOWN,
            repeatable=True,
            does=("POST /protect/{shield}/resume",),
            seconds=300.0,
            summary="Let entries come again.",
            **changes,
        ),
    ]


def _of_allowances(desk: _Desk) -> list[Door]:
    return [
        api(
            "GET",
            "/allowances",
            desk.allowances,
            gives=shapes.Allowances,
            does=("GET /protect/allowed",),
            summary="What people decided of single values.",
            **_told(Permission.WRITE),
        ),
        api(
            "POST",
            "/allowances",
            desk.allow,
            takes=shapes.NewAllowance,
            gives=shapes.AllowanceShown,
            status=201,
            fails={"bad-value": 400, "bad-reason": 400},
            does=("POST /protect/allowed",),
            summary="Never list a value, or list it although a public list warns of that.",
            **_told(Permission.PUBLISH),
        ),
        api(
            "POST",
            "/allowances/withdrawal",
            desk.disallow,
            takes=shapes.Named,
            fails={"unknown-allowance": 404},
            does=("POST /protect/allowed/remove",),
            summary="Take a decision back.",
            **_told(Permission.PUBLISH),
        ),
    ]


def _of_outlets(desk: _Desk) -> list[Door]:
    changes = _told(Permission.PUBLISH)
    many = "/shields/{shield}/outlets"
    return [
        api(
            "GET",
            many,
            desk.outlets,
            gives=shapes.OutletList,
            fails=_UNKNOWN,
            summary="Devices that fetch a shield.",
            **_told(Permission.WRITE),
        ),
        api(
            "POST",
            many,
            desk.add_outlet,
            takes=shapes.NewOutlet,
            gives=shapes.OutletMade,
            status=201,
            secret=True,
            fails={**_UNKNOWN, "bad-title": 400},
            does=("POST /protect/{shield}/outlets",),
            summary="Let a device fetch a shield, and nothing else.",
            **changes,
        ),
        api(
            "POST",
            f"{many}/{{outlet}}/end",
            desk.end_outlet,
            fails={**_UNKNOWN, "unknown-outlet": 404},
            does=("POST /protect/{shield}/outlets/{outlet}/end",),
            summary="Let a device fetch nothing any more.",
            **changes,
        ),
    ]


def _told(permission: Permission) -> dict[str, Any]:
    return {"group": _GROUP, "roles": roles_with(permission)}


class _Desk:
    def __init__(self, protect: Protect) -> None:
        self._protect = protect

    def list(self, request: Request) -> shapes.ShieldList:
        return shapes.ShieldList(shields=tuple(map(shapes.show_standing, self._protect.standings(request.reader))))

    def add(self, request: Request, asked: shapes.NewShield) -> shapes.ShieldShown:
        who = request.reader
        query = Query(
            parts=asked.parts,
            collection=asked.collection,
            sources=asked.sources,
            confidence=asked.confidence,
            tlp=_level(asked.tlp) if asked.tlp else min(who.clearance, TLP.AMBER_STRICT),
        )
        limits = Limits(
            growth=asked.growth, canary=asked.canary, life_days=asked.life_days, valid_days=asked.valid_days
        )
        self._protect.add_shield(who, asked.name, asked.title, query, limits, by=who.name)
        return self._shown(who, asked.name)

    def show(self, request: Request) -> shapes.ShieldShown:
        return self._shown(request.reader, _name(request))

    def change(self, request: Request, asked: shapes.ChangedShield) -> shapes.ShieldShown:
        who, name = request.reader, _name(request)
        held = self._protect.get_shield(who, name)
        wish = {key: value for key, value in msgspec.structs.asdict(asked).items() if value is not None}
        level = {"tlp": _level(wish.pop("tlp"))} if "tlp" in wish else {}
        query = {key: wish.pop(key) for key in ("parts", "collection", "sources", "confidence") if key in wish} | level
        limits = {key: wish.pop(key) for key in ("growth", "canary", "life_days", "valid_days") if key in wish}
        self._protect.change_shield(
            who,
            name,
            query=msgspec.structs.replace(held.query, **query) if query else None,
            limits=msgspec.structs.replace(held.limits, **limits) if limits else None,
            by=who.name,
            **wish,
        )
        return self._shown(who, name)

    def releases(self, request: Request) -> shapes.Releases:
        found = self._protect.list_releases(request.reader, _name(request))
        return shapes.Releases(releases=tuple(map(shapes.show_release, found)))

    def entries(self, request: Request, asked: shapes.Sought) -> shapes.Entries:
        serial = self._serial(request, asked.serial)
        found = self._protect.list_entries(request.reader, _name(request), serial, asked.text)
        return shapes.Entries(entries=tuple(map(shapes.show_entry, found.entries)), total=found.total)

    def left(self, request: Request, asked: shapes.SoughtLeft) -> shapes.LeftList:
        serial = self._serial(request, asked.serial)
        found = self._protect.list_left(request.reader, _name(request), serial, asked.text, asked.why)
        return shapes.LeftList(left=tuple(map(shapes.show_left, found.left)), total=found.total, counts=found.counts)

    def compile(self, request: Request) -> shapes.ReleaseShown:
        who = request.reader
        return shapes.show_release(self._protect.compile(who, _name(request), by=who.name))

    def approve(self, request: Request, asked: shapes.Serial) -> shapes.ReleaseShown:
        who = request.reader
        return shapes.show_release(self._protect.approve(who, _name(request), asked.serial, by=who.name))

    def refuse(self, request: Request, asked: shapes.Reasoned) -> shapes.ReleaseShown:
        who = request.reader
        return shapes.show_release(self._protect.refuse(who, _name(request), asked.serial, asked.reason, by=who.name))

    def roll_back(self, request: Request, asked: shapes.Reasoned) -> shapes.ReleaseShown:
        who = request.reader
        made = self._protect.roll_back(who, _name(request), asked.serial, asked.reason, by=who.name)
        return shapes.show_release(made)

    def resume(self, request: Request) -> shapes.ReleaseShown:
        who = request.reader
        return shapes.show_release(self._protect.resume(who, _name(request), by=who.name))

    def allowances(self, request: Request) -> shapes.Allowances:
        found = self._protect.list_allowances(request.reader)
        return shapes.Allowances(allowances=tuple(map(shapes.show_allowance, found)))

    def allow(self, request: Request, asked: shapes.NewAllowance) -> shapes.AllowanceShown:
        who = request.reader
        made = self._protect.allow(who, asked.text, asked.reason, insists=asked.insists, alone=asked.alone, by=who.name)
        return shapes.show_allowance(made)

    def disallow(self, request: Request, asked: shapes.Named) -> None:
        self._protect.disallow(request.reader, asked.text, by=request.reader.name)

    def outlets(self, request: Request) -> shapes.OutletList:
        found = self._protect.list_outlets(request.reader, _name(request))
        return shapes.OutletList(outlets=tuple(map(shapes.show_outlet, found)))

    def add_outlet(self, request: Request, asked: shapes.NewOutlet) -> shapes.OutletMade:
        who = request.reader
        made, secret = self._protect.add_outlet(who, _name(request), asked.title, by=who.name)
        return shapes.OutletMade(outlet=shapes.show_outlet(made), secret=secret)

    def end_outlet(self, request: Request) -> None:
        who = request.reader
        self._protect.end_outlet(who, _name(request), request.path_params["outlet"], by=who.name)

    def _shown(self, who: Reader, name: str) -> shapes.ShieldShown:
        return shapes.show_standing(self._protect.standing(who, name))

    def _serial(self, request: Request, serial: int) -> int:
        return serial or self._protect.newest(request.reader, _name(request)).serial


def _name(request: Request) -> str:
    name: str = request.path_params["shield"]
    return name


def _level(text: str) -> TLP:
    try:
        return parse_tlp(text)
    except ValueError as error:
        raise Damaged("The level cannot be read.", str(error), "Write one of TLP 2.0.", code="bad-level") from None
