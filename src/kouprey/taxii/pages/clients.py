"""Pages of clients: what each asked, what it was sent, whether it is behind, and what it was refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from kouprey.audit.model import Line, Question
from kouprey.audit.service import Audit
from kouprey.exchange.model import Waiting
from kouprey.exchange.service import Exchange
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, mark, ngettext
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.time import FOREVER, Instant, wall_clock
from kouprey.people.model import Permission, Token, roles_with
from kouprey.people.service import People
from kouprey.taxii.model.clients import Standing, Turned
from kouprey.taxii.rules import sees_figures
from kouprey.taxii.service import Clients
from kouprey.taxii.service.clients import DAY

PATH = "/clients"
SHOWN = 50
"""Clients in the list: those that asked last; whoever is not there is found by the page of their token."""
DAYS = 30
JOURNAL = 25
"""Lines of the journal on the page of a client; the audit has all."""

REMEDIES: Mapping[str, tuple[str, str]] = {
    "unidentified": (
        mark("It came without a valid secret."),
        mark("The secret is wrong, or the token was revoked or has expired. Give it a new secret on its page."),
    ),
    "not-acceptable": (
        mark("It asked for another protocol."),
        mark("Set the client to TAXII 2.1: it must accept application/taxii+json;version=2.1."),
    ),
    "unsupported-media-type": (
        mark("It sent something that is not TAXII."),
        mark("Set the client to send application/taxii+json;version=2.1."),
    ),
    "bad-parameter": (
        mark("A filter or a date in its question is wrong."),
        mark("Correct its filters: types are words like indicator, dates are RFC 3339 in UTC."),
    ),
    "bad-query": (mark("Its question cannot be read."), mark("Encode the filters as an address wants them.")),
    "bad-next": (
        mark("It went on with a page that was not given to it."),
        mark("Let it begin anew, from the last date it holds."),
    ),
    "bad-envelope": (mark("What it gave is no TAXII envelope."), mark("Let it send an envelope with `objects`.")),
    "unknown-collection": (
        mark("It asked for a collection that it may not know of."),
        mark("Compare the id with that of the collection, who reads it, and what the token is bound to."),
    ),
    "unknown-object": (
        mark("It asked for an object that is not there for it."),
        mark("Nothing to mend, unless it should see more: then look at its clearance and the agreement."),
    ),
    "no-such-path": (mark("It asked at a wrong address."), mark("The API root is /taxii2/api/ at this node.")),
    "read-only": (
        mark("It tried to write where it may only read."),
        mark("Give its token the role contributor, and let programs give to the collection."),
    ),
    "role-missing": (mark("Its role does not open this."), mark("Give the token a role that reads.")),
    "not-delegated": (
        mark("It acted for a party without a delegation."),
        mark("Confirm or renew the delegation, or leave the header away."),
    ),
    "too-large": (mark("It sent too much at once."), mark("Let it send fewer objects in one envelope.")),
}
"""Code of an error -> what happened, and the remedy, for whoever looks after the client."""


@dataclass(frozen=True)
class State:
    """How a client fares, in words, and the tone of them."""

    text: str
    tone: str


@dataclass(frozen=True)
class Row:
    """A client in the list; `place` is the collection in which it asked last."""

    token: Token
    last: Standing | None
    state: State
    sent: int
    refused: int


def doors(services: Services) -> list[Door]:
    """The list, and one client."""
    desk, roles = _Desk(services), roles_with(Permission.AUDIT)
    return [page(PATH, desk.all, roles=roles), page(f"{PATH}/{{user}}", desk.show, roles=roles)]


class _Desk:
    """What the pages ask of the services."""

    def __init__(self, services: Services) -> None:
        self._clients = services.get(Clients)
        self._people = services.get(People)
        self._exchange = services.get(Exchange)
        self._audit = services.get(Audit)

    def all(self, request: Request) -> Response:
        sees = sees_figures(request.reader)
        tokens = self._people.list_tokens()
        last: dict[str, Standing] = {}
        for each in self._clients.list_standings(limit=500):
            last.setdefault(each.client, each)
        turned: dict[str, list[Turned]] = {}
        for error in self._clients.list_turned():
            turned.setdefault(error.client, []).append(error)
        tokens.sort(key=lambda token: (-(last[token.user].asked_at if token.user in last else 0), token.user))
        rows = [
            Row(
                token,
                last.get(token.user),
                self._state(token, last.get(token.user), turned.get(token.user, []), sees),
                last[token.user].objects if token.user in last else 0,
                sum(each.times for each in turned.get(token.user, [])),
            )
            for token in tokens[:SHOWN]
        ]
        return request.render(
            "taxii/clients.html",
            rows=rows,
            more=len(tokens) > SHOWN,
            most=SHOWN,
            strangers=turned.get("", []),
            remedy=remedy,
            titles=self._titles(request),
            names=self._names(),
            sees=sees,
            may_token=bool(set(roles_with(Permission.PEOPLE)) & set(request.who.roles)),
        )

    def show(self, request: Request) -> Response:
        sees = sees_figures(request.reader)
        token = self._clients.get_token(request.path_params["user"])
        standings = self._clients.list_standings(client=token.user)
        turned = self._clients.list_turned(token.user, days=DAYS)
        days = self._clients.list_days(token.user, DAYS) if sees else []
        recent = [each for each in turned if each.last_at >= wall_clock() - 7 * DAY]
        state = self._state(token, standings[0] if standings else None, recent, sees)
        return request.render(
            "taxii/client.html",
            token=token,
            state=state,
            places=[(each, self._waiting(token, each) if sees else None) for each in standings],
            turned=turned,
            remedy=remedy,
            days=days,
            sent=sum(each.objects for each in days),
            requests=sum(each.requests for each in days),
            journal=self._journal(request, token) if sees else [],
            words=words,
            titles=self._titles(request),
            names=self._names(),
            sees=sees,
            may_token=bool(set(roles_with(Permission.PEOPLE)) & set(request.who.roles)),
            forever=FOREVER,
        )

    def _journal(self, request: Request, token: Token) -> tuple[Line, ...]:
        return self._audit.read(Question(actor=token.user), by=request.reader.name).lines[:JOURNAL]

    def _waiting(self, token: Token, standing: Standing) -> Waiting | None:
        return self._clients.waiting(token, standing)

    def _state(self, token: Token, last: Standing | None, turned: list[Turned], sees: bool) -> State:
        if not token.active:
            return State(_("revoked"), "idle")
        if token.expires <= wall_clock():
            return State(_("expired"), "warn")
        newest = max((each.last_at for each in turned), default=0)
        if newest and newest > (last.asked_at if last else 0):
            return State(_("refused"), "bad")
        if last is None:
            return State(_("never asked"), "idle")
        waiting = self._clients.waiting(token, last, limit=1) if sees else None
        if waiting is not None and waiting.count and waiting.oldest < wall_clock() - DAY:
            return State(_("behind"), "warn")
        if last.asked_at < wall_clock() - 7 * DAY:
            return State(_("silent"), "warn")
        return (
            State(_("up to date"), "good") if waiting is not None and not waiting.count else State(_("reads"), "good")
        )

    def _titles(self, request: Request) -> dict[str, str]:
        held = self._exchange.list_collections(request.reader, archived=True)
        return {each.id: each.title for each in held}

    def _names(self) -> dict[str, str]:
        return {party.id: party.name for party in self._people.list_parties()}


def remedy(turned: Turned) -> tuple[str, str]:
    """What happened, and what to do about it, in the reader's language."""
    if turned.code in REMEDIES:
        what, then = REMEDIES[turned.code]
        return _(what), _(then)
    if turned.status >= 500:
        return _("This node could not answer."), _("Look at the log of the node, and run the doctor.")
    return _("It was refused (%(code)s).") % {"code": turned.code}, _("The reference of errors says what this means.")


def words(line: Line) -> tuple[str, Instant, Instant]:
    """A line of the audit about a read, in words, with the positions between which it lay (0: none)."""
    detail = line.detail
    if line.action != "exchange.read":
        return "", 0, 0
    what = {"page": _("objects"), "manifest": _("a manifest"), "list": _("a list"), "object": _("one object")}
    count, times = int(detail.get("count", 0)), int(detail.get("times", 1))
    said = ngettext(
        "asked for %(what)s %(times)s time, was sent %(count)s",
        "asked for %(what)s %(times)s times, was sent %(count)s",
        times,
    )
    named = what.get(str(detail.get("what", "")), str(detail.get("what", "")))
    text = said % {"what": named, "times": times, "count": count}
    return text, int(detail.get("first", 0)), int(detail.get("last", 0))
