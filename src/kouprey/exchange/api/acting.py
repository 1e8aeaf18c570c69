"""Endpoints that act on many objects: what would happen, the deed, how far it is, and the way back."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from kouprey.exchange.api.shapes import Held
from kouprey.exchange.api.shown import grounds
from kouprey.exchange.model.acting import Act, ActKind, Item
from kouprey.exchange.model.acting import Deed as Kept
from kouprey.exchange.service import Exchange
from kouprey.exchange.service.acting import MOST, PERMISSIONS
from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reason
from kouprey.kernel.words.errors import Forbidden
from kouprey.people.model import Permission, roles_with

Does = Literal["publish", "collect", "release", "seen", "opinion", "note", "false-positive", "revoke", "hold"]


class NewDeed(Asked, frozen=True, kw_only=True):
    """What is done with each of these objects, and what that needs.

    publish: `agreement` · collect and release: `collection` · opinion: `opinion`, and `text` as the reason · note,
    false-positive and hold: `text` · seen: `text` if you like.
    """

    act: Does
    ids: Annotated[tuple[str, ...], Meta(min_length=1, max_length=MOST)]
    agreement: str = ""
    audience: str = ""
    collection: str = ""
    opinion: Literal["", "strongly-disagree", "disagree", "neutral", "agree", "strongly-agree"] = ""
    text: Annotated[str, Meta(max_length=10_000)] = ""


class Foreseen(Struct, kw_only=True):
    """What would become of each object; `parties` would be given it, or told of it."""

    will: tuple[str, ...]
    wont: tuple[Held, ...]
    pruned: tuple[str, ...]
    parties: tuple[str, ...]
    waits_because: str


class Deed(Struct, kw_only=True):
    """How far a deed is; `left` are objects with which nothing was done, each with its ground, the first 1,000.

    `made` are the objects of ours, or the holds, that came of it. It goes on by itself when a person began it; when a
    program did, it goes on when the program says so. `trouble` says why it stands still.
    """

    id: str
    act: str
    at: Time
    ended: bool
    total: int
    done: int
    made: tuple[str, ...]
    left: tuple[Held, ...]
    may_undo: bool
    undone_by: str
    undoes: str
    trouble: str


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Exchange))
    # What is done decides what one must be allowed to do: each endpoint asks for that itself.
    told: dict[str, Any] = {"group": "Acting on many", "roles": roles_with(Permission.READ), "seconds": 120.0}
    page = "/intelligence/many"
    wrong = {"unknown-agreement": 404, "unknown-collection": 404, "not-curated": 409, "not-cleared": 403}
    return [
        api(
            "POST",
            "/deeds/preview",
            desk.foresee,
            takes=NewDeed,
            gives=Foreseen,
            reads=True,
            fails=wrong,
            does=(f"GET {page}",),
            summary="What would become of each object if something were done with many; nothing happens.",
            **told,
        ),
        api(
            "POST",
            "/deeds",
            desk.begin,
            takes=NewDeed,
            gives=Deed,
            status=201,
            fails={**wrong, "no-text": 400, "bad-opinion": 400, "no-reason": 400, "no-identity": 409},
            does=(f"POST {page}",),
            summary="Do something with many objects; each is settled exactly once, also when the node stops meanwhile.",
            **told,
        ),
        *_begun(desk),
    ]


def _begun(desk: _Desk) -> list[Door]:
    """Endpoints of a deed that has begun."""
    told: dict[str, Any] = {"group": "Acting on many", "roles": roles_with(Permission.READ), "seconds": 120.0}
    page, mine = "/intelligence/many", {"unknown-deed": 404}
    return [
        api(
            "GET",
            "/deeds/{deed}",
            desk.show,
            gives=Deed,
            fails=mine,
            does=(f"GET {page}/{{deed}}", f"GET {page}/{{deed}}/now"),
            summary="How far a deed of yours is.",
            **told,
        ),
        api(
            "POST",
            "/deeds/{deed}/continuation",
            desk.carry_on,
            gives=Deed,
            fails=mine,
            repeatable=True,
            does=(f"POST {page}/{{deed}}/on",),
            summary="Go on with a deed of yours, for example after what hindered it was mended.",
            **told,
        ),
        api(
            "POST",
            "/deeds/{deed}/undo",
            desk.undo,
            gives=Deed,
            status=201,
            fails={**mine, "not-undoable": 409, "undone-already": 409, "deed-goes-on": 409},
            does=(f"POST {page}/{{deed}}/undo",),
            summary="Take a deed of yours back by a further one: membership, holds, and what we said of things.",
            **told,
        ),
    ]


class _Desk:
    """What these endpoints ask of the exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def foresee(self, request: Request, asked: NewDeed) -> Foreseen:
        who = request.reader
        _check_may(request, asked.act)
        made = self._exchange.foresee(who, _act(asked), asked.ids)
        return Foreseen(
            will=made.will,
            wont=tuple(_held(each.stix_id, each.because) for each in made.wont),
            pruned=made.pruned,
            parties=made.parties,
            waits_because=made.waits_because,
        )

    def begin(self, request: Request, asked: NewDeed) -> Deed:
        who = request.reader
        _check_may(request, asked.act)
        return self._told(self._exchange.begin_deed(who, _act(asked), asked.ids, by=who.name, seconds=100.0))

    def show(self, request: Request) -> Deed:
        return self._told(self._get(request))

    def carry_on(self, request: Request) -> Deed:
        who, held = request.reader, self._get(request)
        _check_may(request, held.act.kind)
        return self._told(self._exchange.carry_on(who, held.id, by=who.name, seconds=100.0))

    def undo(self, request: Request) -> Deed:
        who, held = request.reader, self._get(request)
        _check_may(request, held.act.kind)
        return self._told(self._exchange.undo_deed(who, held.id, by=who.name, seconds=100.0))

    def _get(self, request: Request) -> Kept:
        return self._exchange.get_deed(request.path_params["deed"], by=request.reader.name)

    def _told(self, deed: Kept) -> Deed:
        listed = self._exchange.list_deed_items(deed.id, by=deed.by)
        return Deed(
            id=deed.id,
            act=deed.act.kind,
            at=time_of(deed.at),
            ended=deed.ended,
            total=deed.total,
            done=deed.counts.get("done", 0),
            made=tuple(made for item, _ in listed for made in _made(item, deed.act.kind)),
            left=tuple(_held(item.stix_id, (why,) if why else ()) for item, why in listed if item.fate == "left"),
            may_undo=deed.may_undo,
            undone_by=deed.undone,
            undoes=deed.undoes,
            trouble=deed.trouble,
        )


def _act(asked: NewDeed) -> Act:
    return Act(
        kind=asked.act,
        agreement=asked.agreement,
        audience=asked.audience,
        collection=asked.collection,
        opinion=asked.opinion,
        text=asked.text,
    )


def _made(item: Item, kind: ActKind) -> tuple[str, ...]:
    """What came of it that has an id of its own; what moved a version made nothing."""
    return item.made if kind not in ("collect", "release", "publish") and item.fate in ("kept", "done") else ()


def _held(stix_id: str, because: tuple[Reason, ...]) -> Held:
    return Held(id=stix_id, because=grounds(because))


def _check_may(request: Request, kind: ActKind) -> None:
    if not set(roles_with(PERMISSIONS[kind])) & set(request.who.roles):
        raise Forbidden(
            "That is not open to you.",
            f"It needs the permission `{PERMISSIONS[kind]}`.",
            "Ask an administrator of this node.",
            code="role-missing",
        )
