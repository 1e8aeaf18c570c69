"""The REST interface of shields, and the addresses from which devices fetch them."""

from __future__ import annotations

from typing import Any

from kouprey.kernel.web.api import api
from kouprey.kernel.web.door import Door
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with
from kouprey.protect.api import shapes
from kouprey.protect.api.desk import Desk
from kouprey.protect.api.outlets import doors as outlet_doors
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
    desk = Desk(services.get(Protect))
    return [
        *_of_shields(desk),
        *_of_releases(desk),
        *_of_decisions(desk),
        *_of_allowances(desk),
        *_of_outlets(desk),
        *outlet_doors(services),
    ]


def _of_shields(desk: Desk) -> list[Door]:
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


def _of_releases(desk: Desk) -> list[Door]:
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


def _of_decisions(desk: Desk) -> list[Door]:
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
        *_of_ways_back(desk),
    ]


def _of_ways_back(desk: Desk) -> list[Door]:
    changes = _told(Permission.PUBLISH)
    one = "/shields/{shield}"
    return [
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


def _of_allowances(desk: Desk) -> list[Door]:
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


def _of_outlets(desk: Desk) -> list[Door]:
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
