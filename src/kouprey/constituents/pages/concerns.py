"""Pages of a constituent: what concerns it, threats, a value, one thing, and what we hold for its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from kouprey.constituents.model import Word
from kouprey.constituents.pages import words
from kouprey.constituents.service import Constituents
from kouprey.exchange.model import Observable
from kouprey.exchange.service.observables import read_observables
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.errors import Damaged, Refused
from kouprey.kernel.words.time import FOREVER, Instant, parse_instant
from kouprey.people.model import HOSTED

LONGEST_VALUE = 2_000
SHOWN = 20
LEAST_BITS = 8
"""Bits of a network below which it holds a good part of the whole Internet."""


def doors(constituents: Constituents) -> list[Door]:
    """Only people of a constituent come in."""
    desk = _Desk(constituents)
    opens: dict[str, Any] = {"roles": (HOSTED,), "hosted": True}
    return [
        page("/yours", desk.inside, **opens),
        page("/yours/threats", desk.threats, **opens),
        page("/yours/search", desk.search, **opens),
        page("/yours/own", desk.own, **opens),
        page("/yours/own", desk.wish, "POST", **opens),
        page("/yours/{stix_id}", desk.one, **opens),
        page("/yours/{stix_id}", desk.say, "POST", **opens),
    ]


class _Desk:
    def __init__(self, constituents: Constituents) -> None:
        self._all = constituents

    def inside(self, request: Request) -> Response:
        who = request.reader
        each, networks = self._all.own(who)
        before = _position(request)
        found = self._all.inside(who, before=before or FOREVER)
        return request.render(
            "constituents/inside.html",
            each=each,
            networks=networks,
            hits=found.hits,
            said=self._all.words_of(who, [hit.stix_id for hit in found.hits]),
            next=f"?before={found.before}" if found.before else "",
            cut=found.cut,
            first=bool(before),
            names_of=self._all.names_of,
            words=words,
        )

    def threats(self, request: Request) -> Response:
        self._all.constituent_of(request.reader)
        before = _position(request)
        found = self._all.threats(request.reader, before=before)
        values = self._values(request, [head.stix_id for head in found.heads])
        advice = {
            stix_id: self._advice(named, own=any(self._all.is_own(request.reader, each) for each in named))
            for stix_id, named in values.items()
        }
        return request.render(
            "constituents/threats.html",
            heads=found.heads,
            values=values,
            advice=advice,
            next=f"?before={found.heads[-1].position}" if found.more and found.heads else "",
            first=bool(before),
            names_of=self._all.names_of,
            words=words,
        )

    def search(self, request: Request) -> Response:
        self._all.constituent_of(request.reader)
        text = request.query_params.get("q", "").strip()[:LONGEST_VALUE]
        meant = read_observables(text)[:3] if text else ()
        views = self._all.look_up(request.reader, meant)
        own = [self._all.is_own(request.reader, view.observable) for view in views]
        return request.render(
            "constituents/search.html",
            text=text,
            meant=meant,
            views=views,
            wider=[[each for each in view.wider if not _says_nothing(each.observable)] for view in views],
            advice=[self._advice([view.observable], own=theirs) for view, theirs in zip(views, own, strict=True)],
            names_of=self._all.names_of,
            words=words,
        )

    def one(self, request: Request) -> Response:
        who, stix_id = request.reader, request.path_params["stix_id"]
        each, _networks = self._all.own(who)
        found = self._all.show(who, stix_id)
        body = self._all.bodies(who, [stix_id]).get(stix_id, {})
        own = self._all.own_values(who, body)
        named = own or self._all.named_by(body)
        levels = [assertion.label.tlp for held in found.newest.bodies for assertion in held.assertions]
        return request.render(
            "constituents/thing.html",
            each=each,
            found=found,
            title=found.newest.served.title or stix_id,
            tlp=max(levels),
            sources=self._all.names_of(a.source.party for held in found.newest.bodies for a in held.assertions),
            own=bool(own),
            named=named[:SHOWN],
            description=_said(body, "description") or _said(body, "content"),
            advice=self._advice(named, own=bool(own)),
            actions=[(_said(a, "name"), _said(a, "description")) for a in self._all.actions(who, stix_id)],
            until=_instant(_said(body, "valid_until")),
            because=[words.why(reason) for reason in self._all.why(who, found)],
            said=self._all.said(who, each.id, stix_id=stix_id)[:SHOWN],
            people={person.id: person.name for person in self._all.persons(each.id)},
            words=words,
        )

    def say(self, request: Request) -> Response:
        stix_id = request.path_params["stix_id"]
        try:
            word = Word(request.field("word"))
        except ValueError:
            raise Damaged("Choose what you want to say.", code="bad-word") from None
        self._all.say(request.reader, stix_id, word, request.field("note", longest=5_000))
        return request.redirect(f"/yours/{stix_id}", _("Thank you. We have been told."))

    def own(self, request: Request) -> Response:
        return self._own(request)

    def wish(self, request: Request) -> Response:
        try:
            self._all.wish(request.reader, request.field("text", longest=5_000))
        except Refused as error:
            return self._own(request, words.told_of(error), 400)
        return request.redirect("/yours/own", _("We have been told, and will look at it."))

    def _own(self, request: Request, error: str = "", status: int = 200) -> Response:
        each, networks = self._all.own(request.reader)
        return request.render(
            "constituents/own.html",
            status,
            each=each,
            networks=networks,
            contacts=self._all.contacts(each.id),
            wishes=self._all.wishes(each.id)[:SHOWN],
            now=self._all.now(),
            error=error,
            words=words,
        )

    def _advice(self, named: list[Observable], *, own: bool) -> str:
        kind = named[0].kind if named else ""
        if own:
            return words.inside_advice(kind)
        return words.SPARED if any(self._all.spared(named)) else words.threat_advice(kind)

    def _values(self, request: Request, ids: list[str]) -> dict[str, list[Observable]]:
        bodies = self._all.bodies(request.reader, ids)
        return {stix_id: self._all.named_by(body)[:3] for stix_id, body in bodies.items()}


def _says_nothing(each: Observable) -> bool:
    """Whether so much lies in a network that lying in it says nothing of an address."""
    return each.kind in ("ipv4-net", "ipv6-net") and int(each.text.rpartition("/")[2]) < LEAST_BITS


def _said(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""


def _instant(text: str) -> Instant:
    """When something ends, 0 where it does not say or cannot be read."""
    try:
        return parse_instant(text) if text else 0
    except ValueError:
        return 0


def _position(request: Request) -> int | None:
    text = request.query_params.get("before", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
