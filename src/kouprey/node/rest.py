"""The REST interface as a whole: its OpenAPI document, its reference, and which endpoint stands for which page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

import msgspec
from markupsafe import Markup
from starlette.responses import Response

from kouprey.kernel.web.api import PREFIX, tagged
from kouprey.kernel.web.door import Door, machine, page
from kouprey.kernel.web.openapi import Endpoint, document, endpoints, fields_of
from kouprey.kernel.web.request import Request
from kouprey.people.model import permission_behind

BROWSER = "only a browser needs it: signing in, and the cookies of a session"
FORM = "shows an empty form; the endpoint of what it sends is enough"
LIVE = "a part of a page that is fetched again and again; /api/v1/stream says what is new"
OWN = "a person's own password, codes and passkeys are set by that person, in a browser"
STORY = "the demonstration"
PUBLIC = "is for everybody, and needs no token"
STEPS = "the list that leads the first administrator; what its steps do has endpoints of its own"

WITHOUT: Mapping[str, str] = {
    "GET /agreements/{agreement}/{version}/agreement.pdf": "a paper for people; the document itself has an endpoint",
    "GET /partners/keys/ceremonies.pdf": "a paper for people; GET /api/v1/keys tells what is filled in on it",
    "GET /yours/own": "what is held of a constituent, for its people to look at",
    "GET /yours/search": "GET /api/v1/values tells the same to the same token",
    "GET /yours/threats": "GET /api/v1/objects and /lists/ tell the same to the same token",
    "GET /yours/{stix_id}": "GET /api/v1/objects/{stix_id} tells the same to the same token",
    "GET /constituents/table": FORM,
    "POST /constituents/{constituent}/contacts/{contact}/test": "somebody has to look whether the mail came",
    "GET /digest/{contact}/{proof}": "is for whoever got a mail, who has no token",
    "POST /digest/{contact}/{proof}": "is for whoever got a mail, who has no token",
    "GET /digest/{contact}/{proof}/now": "is for whoever got a mail, who has no token",
    "GET /reply/{secret}": "is for whoever got a link, who has no token",
    "POST /reply/{secret}": "is for whoever got a link, who has no token",
    "GET /report": "is for whoever has no token; POST /api/v1/reports is for programs",
    "POST /report": "is for whoever has no token; POST /api/v1/reports is for programs",
    "GET /report/{secret}": "is for whoever got a link, who has no token",
    "POST /report/{secret}": "is for whoever got a link, who has no token",
    "GET /evidence/{statement}": "is for everybody, who has no token; GET /api/v1/readiness/statements lists them",
    "GET /evidence/{statement}/note": "is for everybody, who has no token",
    **dict.fromkeys(
        (
            f"GET /statements{of}{what}"
            for of in ("", "/mirror/{publisher}")
            for what in (
                "",
                *("/feed.atom", "/feed.json", "/chain.json", "/publisher.card", "/export.zip", "/{said}"),
                *(f"/{{said}}/{file}" for file in ("signed.json", "cap.xml", "text.txt", "card.pdf")),
            )
        ),
        PUBLIC,
    ),
    "GET /s/{said}": PUBLIC,
    "GET /programmes/new": FORM,
    "GET /programmes/{programme}/new": FORM,
    "GET /programmes/activities/{activity}/edit": FORM,
    **dict.fromkeys(
        (
            *("GET /verify", "GET /badges/status/1", "GET /badges/{badge}", "GET /badges/{badge}/badge.json"),
            *("GET /attend", "GET /attend/{room}", "POST /attend", "GET /.well-known/did.json"),
        ),
        PUBLIC,
    ),
    "GET /keys": "shows the keys of pages",
    "GET /live": LIVE,
    "GET /design": "shows the components of pages",
    "POST /look": BROWSER,
    "GET /api": "is the page about this interface",
    "GET /sign-in": BROWSER,
    "POST /sign-in": BROWSER,
    "GET /sign-in/{secret}": BROWSER,
    "POST /sign-in/{secret}": BROWSER,
    "POST /sign-in/password": BROWSER,
    "POST /sign-in/code": BROWSER,
    "POST /sign-in/passkey": BROWSER,
    "POST /sign-out": BROWSER,
    "GET /sign-in/openid": BROWSER,
    "GET /sign-in/openid/return": BROWSER,
    "GET /me": OWN,
    "POST /me/password": OWN,
    "POST /me/openid": OWN,
    "POST /me/openid/unlink": OWN,
    "POST /me/sign-out-elsewhere": OWN,
    "POST /me/authenticator": OWN,
    "POST /me/authenticator/confirm": OWN,
    "POST /me/authenticator/off": OWN,
    "POST /me/passkeys": OWN,
    "POST /me/passkeys/{passkey}/forget": OWN,
    "GET /agreements/new": FORM,
    "GET /intelligence/import": FORM,
    "GET /intelligence/new": "chooses between forms",
    "GET /intelligence/new/{form}": FORM,
    "GET /intelligence/{stix_id}/edit": FORM,
    "GET /intelligence/imports/{import}/now": LIVE,
    "GET /intelligence/text": FORM,
    "GET /intelligence/table": FORM,
    "GET /misp/import": FORM,
    "GET /intelligence/{stix_id}/erase": FORM,
    "GET /partners/trust": FORM,
    "GET /partners/{party}/parcel": FORM,
    "GET /partners/live": LIVE,
    "GET /overview/now": LIVE,
    "GET /people/roles": "explains the roles, as docs/reference/roles.md does",
    "GET /setup": STEPS,
    "POST /setup/step": STEPS,
    "POST /setup/away": STEPS,
    "POST /setup/sample": "invented intelligence for a first look; a program imports what it means",
    "GET /story": STORY,
    "POST /story": STORY,
    "GET /story/now": STORY,
    "GET /story/bar": STORY,
    "GET /story/at": STORY,
    "GET /story/step/{step}": STORY,
    "POST /story/step/{step}": STORY,
    "GET /story/hand/{chapter}": STORY,
    "POST /story/hand/{chapter}": STORY,
    "GET /story/material/{name}": STORY,
    "POST /story/proof": STORY,
    "POST /story/again": STORY,
}
"""Actions of pages that need no endpoint, each with its reason."""

MISSING: frozenset[str] = frozenset()
"""Actions of pages whose endpoint is still missing: none."""

_INTRODUCTION = """\
Every address begins with `/api/v1`. A program sends `Authorization: Bearer SECRET` with the secret of its token (or
Basic with the token's name); the [roles](roles.md) that open an endpoint are those of its permission, and what is seen
follows from the one decision, as everywhere. A page's script may use the cookie of its session: for GET as it is, for
anything else with the token of forms in `X-CSRF-Token`.

A token to which that was [delegated](../how-to/let-people-in.md#act-for-another-party) names the party it acts for in
`X-Acting-For`; it then sees what a reader of that party sees. The header is never passed over: without a delegation in
force the answer is 403 `not-delegated`.

Bodies are JSON and read strictly: an unknown field, a doubled key or a wrong type is refused, and `field` in the
answer says where. Failures are `application/problem+json` (RFC 9457) with a stable `code`, `detail` (why) and `remedy`;
the codes are in [errors](errors.md). Lists come in pages: `next` of one is the `cursor` of the following; it is signed,
and holds for the same reader and question only. A GET has an `ETag`. A deed may carry `Idempotency-Key`: sent again
within 24 hours under the same key it does nothing twice and is answered as before (`Idempotency-Replayed: true`); the
same key with another request is refused with 422. The OpenAPI 3.1 document is at `/api/v1/openapi.json`.
"""


class Action(NamedTuple):
    """What a page can do: the endpoints that stand for it, or why there is none."""

    name: str
    by: tuple[str, ...]
    why: str = ""


_Row = tuple[Endpoint, list[tuple[str, str, str]], str]
"""An endpoint, its fields, and the permission it needs."""


def described(doors: list[Door], server: str) -> list[Door]:
    """The doors that tell of the others: the document for programs, the page for people. Open to everybody."""

    @cache
    def written() -> bytes:
        return msgspec.json.encode(document(doors, server=server), enc_hook=str)

    @cache
    def groups() -> dict[str, list[_Row]]:
        made: dict[str, list[_Row]] = {}
        for each in endpoints(doors):
            row = (each, fields_of(each.contract.takes), str(permission_behind(each.door.roles) or ""))
            made.setdefault(each.contract.group, []).append(row)
        return made

    listed: dict[str, Markup] = {}

    def openapi(request: Request) -> Response:
        return tagged(request, Response(written(), media_type="application/json"))

    def readable(request: Request) -> Response:
        # Long, and the same for everybody who reads it in one language.
        if request.language not in listed:
            request.site.pages.speak(request)
            part = request.site.pages.environment.get_template("api_endpoints.html")
            listed[request.language] = Markup(part.render(groups=groups()))
        return request.render("api.html", prefix=PREFIX, listed=listed[request.language])

    return [
        machine(f"{PREFIX}/openapi.json", openapi, open=True, name="openapi"),
        page("/api", readable, open=True, name="api"),
    ]


def list_actions(doors: Iterable[Door]) -> list[Action]:
    """Every action of every page, by name."""
    doors = list(doors)
    by: dict[str, list[str]] = {}
    for each in endpoints(doors):
        for name in each.contract.does:
            by.setdefault(name, []).append(f"{each.method} {each.path}")
    actions = {f"{method} {door.path}" for door in doors if door.kind == "page" for method in door.methods}
    return [Action(name, tuple(by.get(name, ())), WITHOUT.get(name, "")) for name in sorted(actions, key=_by_path)]


def _by_path(name: str) -> tuple[str, str]:
    method, _, path = name.partition(" ")
    return path, method


def reference(doors: Iterable[Door], note: str) -> str:
    """The reference page; `note` says that it is generated."""
    doors = list(doors)
    return "\n".join(["# REST interface\n", note, _INTRODUCTION, *_sections(doors), *_actions(doors)])


def _sections(doors: list[Door]) -> Iterator[str]:
    group = ""
    for each in endpoints(doors):
        contract = each.contract
        if contract.group != group:
            group = contract.group
            yield f"## {group}\n"
        yield f"### {each.method} {each.path}\n"
        needs = permission_behind(each.door.roles)
        who = f"Needs `{needs}`." + ("" if each.door.own else " Tokens of partners may use it too.")
        yield f"{contract.summary} {who}\n"
        fields = fields_of(contract.takes)
        if fields:
            rows = (f"| `{name}` | {kind} | {absent.replace('|', '/')} |" for name, kind, absent in fields)
            yield "\n".join(["| field | type | when absent |", "|---|---|---|", *rows, ""])
        if contract.brings:
            yield f"Body: {', '.join(f'`{kind}`' for kind in contract.brings)}; the fields are in the address.\n"
        if contract.form:
            yield "The fields may also come as a form.\n"
        gives = f"{contract.status}"
        if contract.status != 204:
            gives += " " + ", ".join(f"`{kind}`" for kind in contract.media)
        codes = ", ".join(f"`{code}` ({status})" for code, status in sorted(contract.fails.items()))
        yield f"Answers {gives}." + (f" Fails with {codes}." if codes else "") + "\n"


def _actions(doors: list[Door]) -> Iterator[str]:
    yield "## What pages can do\n"
    rows = ["| page | endpoint |", "|---|---|"]
    for action in list_actions(doors):
        told = ", ".join(f"`{name}`" for name in action.by) or action.why
        rows.append(f"| `{action.name}` | {told or 'none yet'} |")
    yield "\n".join([*rows, ""])
