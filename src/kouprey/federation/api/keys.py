"""The REST interface of keys: what is public about ours and those of partners, and which were revoked."""

from __future__ import annotations

from msgspec import Struct

from kouprey.federation.service import Federation
from kouprey.federation.service import ceremonies as model
from kouprey.kernel.web.api import Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with


class Key(Struct, kw_only=True):
    """A key on our card: `kind` is root, node, receipt or age, `words` its fingerprint.

    `since` is when a card first named it; `leaving` that another takes its place.
    """

    kind: str
    key: str
    words: tuple[str, ...]
    since: Time
    leaving: bool


class Cut(Struct, kw_only=True):
    """Up to which size a revoked key counts in the lane with this tag."""

    tag: str
    size: int


class Revoked(Struct, kw_only=True):
    """A key (`kind` node or receipt) that was revoked; in lanes that `cuts` does not name it never counted."""

    kind: str
    key: str
    words: tuple[str, ...]
    issued: Time
    cuts: tuple[Cut, ...]


class PartnerKeys(Struct, kw_only=True):
    """The keys of a partner: words of its root key, `earlier` of those before it; `card_issued` as its card says.

    `heard` tells that our newest papers were brought to it; what a parcel brought nobody tells us.
    """

    id: str
    words: tuple[str, ...]
    earlier: tuple[tuple[str, ...], ...]
    card_issued: Time
    trusted_at: Time
    revoked: tuple[Revoked, ...]
    heard: bool


class Keys(Struct, kw_only=True):
    """What is known of keys, never a secret. `root_key`: whether ours lies on this machine.

    `replacing` is node, receipt or root while a replacement awaits its end, else "".
    """

    root_key: bool
    replacing: str
    keys: tuple[Key, ...]
    revoked: tuple[Revoked, ...]
    partners: tuple[PartnerKeys, ...]


def routes(services: Services) -> list[Door]:
    """The endpoint."""
    ceremonies = services.get(Federation).ceremonies

    def look(_: Request) -> Keys:
        return _keys(ceremonies.look())

    return [
        api(
            "GET",
            "/keys",
            look,
            gives=Keys,
            does=("GET /partners/keys",),
            summary="Our keys, those we revoked, those of partners, and which partner has heard of our newest card.",
            group="Partners",
            roles=roles_with(Permission.LINK),
        )
    ]


def _keys(held: model.Keys) -> Keys:
    return Keys(
        root_key=held.root_here,
        replacing=held.replacing or "",
        keys=tuple(
            Key(kind=each.kind, key=each.key, words=each.words, since=time_of(each.since), leaving=each.leaving)
            for each in held.own
        ),
        revoked=tuple(map(_revoked, held.revoked)),
        partners=tuple(
            PartnerKeys(
                id=each.party,
                words=each.words,
                earlier=each.earlier,
                card_issued=time_of(each.issued),
                trusted_at=time_of(each.trusted_at),
                revoked=tuple(map(_revoked, each.revoked)),
                heard=each.heard,
            )
            for each in held.partners
        ),
    )


def _revoked(each: model.Revoked) -> Revoked:
    return Revoked(
        kind=each.kind,
        key=each.key,
        words=each.words,
        issued=time_of(each.issued),
        cuts=tuple(Cut(tag=cut.tag, size=cut.size) for cut in each.cuts),
    )
