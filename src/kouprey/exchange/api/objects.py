"""Endpoints about one object: everything said of it, what stands around it, who may see it and why."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from kouprey.exchange.api.shapes import Level, Verdict, Whole, level
from kouprey.exchange.api.shown import grounds, verdict, whole
from kouprey.exchange.rules.differences import diff
from kouprey.exchange.service import Exchange
from kouprey.kernel.web.api import Asked, api
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Unknown
from kouprey.kernel.words.safejson import decode
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People


class Steps(Asked, frozen=True, kw_only=True):
    """How far to walk, and to how many objects."""

    depth: Annotated[int, Meta(ge=1, le=3)] = 1
    limit: Annotated[int, Meta(ge=1, le=200)] = 200


class Near(Struct, kw_only=True):
    """An object near another, in steps."""

    id: str
    type: str
    title: str
    distance: int


class Relation(Struct, kw_only=True):
    """`source` says `word` of `target`; `by` is the relationship that says so, "" for a property."""

    source: str
    word: str
    target: str
    by: str


class Around(Struct, kw_only=True):
    """What stands around an object; `more` when a limit left something out."""

    objects: tuple[Near, ...]
    relations: tuple[Relation, ...]
    more: bool
    same: tuple[str, ...]


class Two(Asked, frozen=True, kw_only=True):
    """Two versions of one object, as they are written in it."""

    older: str
    newer: str


class Change(Struct, kw_only=True):
    """One difference; `before` is null where something was added, `after` where it was removed."""

    place: tuple[str | int, ...]
    kind: str
    before: Any
    after: Any


class Differences(Struct, kw_only=True):
    """How two versions differ."""

    changes: tuple[Change, ...]


class UnderLabel(Struct, kw_only=True):
    """The decision over what one source said."""

    owner: str
    tlp: Level
    kind: str
    verdict: Verdict


class UnderAgreement(Struct, kw_only=True):
    """The decision under one agreement."""

    agreement: str
    title: str
    verdict: Verdict
    labels: tuple[UnderLabel, ...]


class Seen(Struct, kw_only=True):
    """Whether a party may see the newest version, and on which grounds."""

    verdict: Verdict
    agreements: tuple[UnderAgreement, ...]


class Visibility(Struct, kw_only=True):
    """For each party that is known: may it see this, and why."""

    id: str
    parties: tuple[Seen, ...]


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Exchange), services.get(People))
    one, fails = "/objects/{id}", {"unknown-object": 404}
    told: dict[str, Any] = {"group": "Objects", "roles": roles_with(Permission.READ)}
    page = "GET /intelligence/{stix_id}"
    return [
        api(
            "GET",
            one,
            desk.show,
            gives=Whole,
            fails=fails,
            does=(page,),
            summary="An object: versions, bodies as received, sources, conflicts, findings, what is said of it.",
            **told,
        ),
        api(
            "GET",
            f"{one}/neighbours",
            desk.neighbours,
            takes=Steps,
            gives=Around,
            fails=fails,
            does=(page,),
            own=False,
            summary="What an object is related with, step by step.",
            **told,
        ),
        api(
            "GET",
            f"{one}/visibility",
            desk.visibility,
            gives=Visibility,
            fails=fails,
            does=(page, f"{page}/publish"),
            summary="Which party may see an object, with the agreement and the clause that says so.",
            **told,
        ),
        api(
            "GET",
            f"{one}/differences",
            desk.differences,
            takes=Two,
            gives=Differences,
            fails={**fails, "unknown-version": 404},
            does=(f"{page}/compare",),
            summary="How two versions of an object differ.",
            **told,
        ),
    ]


class _Desk:
    """What these endpoints ask of the services."""

    def __init__(self, exchange: Exchange, people: People) -> None:
        self._exchange = exchange
        self._people = people

    def show(self, request: Request) -> Whole:
        found = self._exchange.get_object(request.reader, request.path_params["id"])
        return whole(found, self._exchange.weigh(request.reader, found))

    def neighbours(self, request: Request, asked: Steps) -> Around:
        found = self._exchange.neighbours(
            request.reader, request.path_params["id"], depth=asked.depth, limit=asked.limit
        )
        return Around(
            objects=tuple(
                Near(id=each.stix_id, type=each.type, title=each.title, distance=each.distance) for each in found.nodes
            ),
            relations=tuple(
                Relation(source=each.source, word=each.word, target=each.target, by=each.by) for each in found.relations
            ),
            more=found.more,
            same=found.same,
        )

    def visibility(self, request: Request) -> Visibility:
        stix_id = request.path_params["id"]
        found = self._exchange.get_object(request.reader, stix_id)
        return Visibility(
            id=found.stix_id,
            parties=tuple(
                self._seen(request, found.stix_id, party.id) for party in self._people.list_parties() if not party.home
            ),
        )

    def _seen(self, request: Request, stix_id: str, party: str) -> Seen:
        explained = self._exchange.explain(stix_id, party, who=request.reader)
        return Seen(
            verdict=verdict(party, explained.decision),
            agreements=tuple(
                UnderAgreement(
                    agreement=each.agreement,
                    title=each.title,
                    verdict=verdict(party, each.decision),
                    labels=tuple(
                        UnderLabel(
                            owner=one.label.owner,
                            tlp=level(one.label.tlp),
                            kind=one.label.kind,
                            verdict=Verdict(
                                party=party, allowed=one.decision.allowed, because=grounds(one.decision.because)
                            ),
                        )
                        for one in each.labels
                    ),
                )
                for each in explained.agreements
            ),
        )

    def differences(self, request: Request, asked: Two) -> Differences:
        found = self._exchange.get_object(request.reader, request.path_params["id"])
        versions = {version.version_text: version for version in found.versions}
        older, newer = versions.get(asked.older), versions.get(asked.newer)
        if older is None or newer is None:
            raise Unknown(
                "There are no two such versions.",
                "One of them is not held here, or you may not see it.",
                f"Choose two of {', '.join(map(repr, list(versions)[:20]))}.",
                code="unknown-version",
            )
        changes = diff(decode(older.served.raw), decode(newer.served.raw))
        return Differences(
            changes=tuple(
                Change(place=each.place, kind=each.kind, before=each.before, after=each.after) for each in changes
            )
        )
