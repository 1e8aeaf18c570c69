"""What endpoints of proceedings take and give."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from kouprey.kernel.web.api import Asked, Time, time_of
from kouprey.proceedings.model import Event, Hold, Item, Kept, Release
from kouprey.proceedings.rules import LONGEST

Text = Annotated[str, Meta(max_length=LONGEST)]
Name = Annotated[str, Meta(max_length=200)]


class NewDossier(Asked, frozen=True, kw_only=True):
    """Why it is opened; this stands in its ledger in the clear."""

    why: Text


class DossierAct(Asked, frozen=True, kw_only=True):
    """One act on a dossier. `do` says which; the other fields are those it needs, times in RFC 3339."""

    do: Literal["add-member", "remove-member", "hold", "lift-hold", "file-basis"]
    person: Name = ""
    part: Literal["custodian", "reader"] = "reader"
    item: Name = ""
    hold: Name = ""
    release: Name = ""
    why: Text = ""
    scope: Text = ""
    basis: Text = ""
    review: Name = ""


class ItemAct(Asked, frozen=True, kw_only=True):
    """One act on an item. `do` says which; the other fields are those it needs."""

    do: Literal["state", "offer", "receive", "disclose", "withhold", "dispose"]
    act: Name = ""
    text: Text = ""
    person: Name = ""
    why: Text = ""
    sha256: Name = ""
    ground: Text = ""


class HandedIn(Asked, frozen=True, kw_only=True):
    """Beside a sealed file: the item it is a redaction of, and the time at which it is disposed of, "" for neither."""

    derived: Name = ""
    keep_until: Name = ""


class AskRelease(Asked, frozen=True, kw_only=True):
    """For what and on which basis; in an emergency a ground instead. `key` chooses among keys of one's own."""

    purpose: Name
    basis: Text = ""
    emergency: bool = False
    ground: Text = ""
    key: Name = ""


class More(Asked, frozen=True, kw_only=True):
    """Grants, as `kouprey dossier grant` writes them (base64), and why."""

    grants: str
    why: Text


class Across(Asked, frozen=True, kw_only=True):
    """To whom, under which agreement; grants as `kouprey dossier grant` writes them for that node (base64)."""

    agreement: Name
    party: Name
    grants: str
    purpose: Name
    basis: Text


class Which(Asked, frozen=True, kw_only=True):
    """The position of one event, -1 for all of the item."""

    event: int = -1


class InLanguage(Asked, frozen=True, kw_only=True):
    """The language of the paper."""

    language: Literal["en", "km"] = "en"


class KeySet(Asked, frozen=True, kw_only=True):
    """An age recipient."""

    key: Name


class OneKey(Struct, kw_only=True):
    """A key of one's own; `until` is "" for the one to seal to."""

    key: str
    words: str
    since: Time
    until: Time


class Keys(Struct, kw_only=True):
    """One's own keys, the newest first."""

    keys: tuple[OneKey, ...]


class Head(Struct, kw_only=True):
    """A dossier in a list; `lacking` counts releases without a basis."""

    id: str
    name: str
    party: str
    part: str
    opened: Time
    items: int
    lacking: int


class Heads(Struct, kw_only=True):
    """Dossiers one belongs to."""

    dossiers: tuple[Head, ...]


class MemberShown(Struct, kw_only=True):
    """Who belongs or belonged to a dossier; `key` is the one to seal to."""

    person: str
    part: str
    since: Time
    until: Time
    key: str


class ItemShown(Struct, kw_only=True):
    """An item; `sha256` and `size` are those of the sealed body."""

    id: str
    number: int
    kind: str
    sha256: str
    size: int
    since: Time
    derived: str
    party: str
    holder: str
    offered: str
    disclosure: str
    ground: str
    keep_until: Time
    disposed: Time
    held: bool


class ReleaseShown(Struct, kw_only=True):
    """A release; without a basis it has a ground, and a time by which the basis is due."""

    id: str
    item: str
    person: str
    key: str
    at: Time
    purpose: str
    basis: str
    ground: str
    due: Time


class HoldShown(Struct, kw_only=True):
    """A legal hold; `item` is "" where it covers all of the dossier."""

    id: str
    item: str
    by: str
    at: Time
    why: str
    scope: str
    review: Time
    lifted: Time


class EventShown(Struct, kw_only=True):
    """An event of the ledger."""

    position: int
    act: str
    item: str
    by: str
    at: Time
    detail: dict[str, Any]


class DossierShown(Struct, kw_only=True):
    """A dossier. `through` is the key of this node, to which the keys of items are sealed."""

    id: str
    name: str
    party: str
    part: str
    through: str
    members: tuple[MemberShown, ...]
    items: tuple[ItemShown, ...]
    releases: tuple[ReleaseShown, ...]
    holds: tuple[HoldShown, ...]
    events: tuple[EventShown, ...]


class Done(Struct, kw_only=True):
    """What an act came to: `fetched` are the items that whoever was removed had fetched before."""

    fetched: tuple[str, ...] = ()


class Released(Struct, kw_only=True):
    """The key of the item in base64, as its reader alone can open it."""

    box: str


class Paper(Struct, kw_only=True):
    """A PDF (base64)."""

    pdf: str


def head_of(kept: Kept) -> Head:
    """A dossier in a list."""
    return Head(
        id=kept.dossier.id,
        name=kept.dossier.name,
        party=kept.dossier.party,
        part=str(kept.own.part),
        opened=time_of(kept.dossier.at),
        items=len(kept.items),
        lacking=len(kept.lacking),
    )


def item_of(item: Item, kept: Kept) -> ItemShown:
    """An item as its members see it."""
    return ItemShown(
        id=item.id,
        number=item.number,
        kind=str(item.kind),
        sha256=item.sha256,
        size=item.size,
        since=time_of(item.at),
        derived=item.derived,
        party=item.party,
        holder=item.holder,
        offered=item.offered,
        disclosure=str(item.disclosure),
        ground=item.ground,
        keep_until=time_of(item.keep_until),
        disposed=time_of(item.disposed_at),
        held=bool(kept.held(item.id)),
    )


def release_of(each: Release) -> ReleaseShown:
    """A release as its members see it."""
    return ReleaseShown(
        id=each.id,
        item=each.item,
        person=each.person,
        key=each.key,
        at=time_of(each.at),
        purpose=str(each.purpose),
        basis=each.basis,
        ground=each.ground,
        due=time_of(each.due),
    )


def hold_of(each: Hold) -> HoldShown:
    """A hold as its members see it."""
    return HoldShown(
        id=each.id,
        item=each.item,
        by=each.by,
        at=time_of(each.at),
        why=each.why,
        scope=each.scope,
        review=time_of(each.review),
        lifted=time_of(each.lifted_at),
    )


def event_of(each: Event) -> EventShown:
    """An event as its members see it."""
    return EventShown(
        position=each.position, act=each.act, item=each.item, by=each.by, at=time_of(each.at), detail=each.detail
    )
