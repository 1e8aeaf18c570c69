"""Doors of the REST interface: typed in, typed out, told as problem+json, and done once under a key."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Protocol, TypeVar

import msgspec
from msgspec import Meta, Struct
from starlette.responses import Response

from kouprey.kernel.web.asked import read_form, read_json
from kouprey.kernel.web.cursor import read_cursor, write_cursor
from kouprey.kernel.web.door import MIB, Contract, Door
from kouprey.kernel.web.errors import json_answer
from kouprey.kernel.web.etag import knows, weak_tag
from kouprey.kernel.web.identity import ACTING_FOR
from kouprey.kernel.web.once import HEADER
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.session import SAFE_METHODS
from kouprey.kernel.words.errors import Damaged, Unsupported
from kouprey.kernel.words.time import format_instant

PREFIX = "/api/v1"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
LIMIT = 100
"""Rows of a page when the reader does not say."""
PAGE_MAX = 1000

T = TypeVar("T")

Time = Annotated[str, Meta(extra_json_schema={"anyOf": [{"format": "date-time"}, {"const": ""}]})]
"""RFC 3339, in UTC; "" for never."""


class Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every endpoint takes is derived from: fields that are not known are refused, not passed over."""


Limit = Annotated[int, Meta(ge=1, le=PAGE_MAX)]
CursorText = Annotated[str, Meta(max_length=2000)]


class Paged(Asked, frozen=True, kw_only=True):
    """A question whose answer comes in pages; a `cursor` is the `next` of the page before.

    A question that extends another one says the same two fields itself: a Struct has one base.
    """

    limit: Limit = LIMIT
    cursor: CursorText = ""


class InPages(Protocol):
    """What a question in pages has."""

    @property
    def limit(self) -> int:
        """Rows of a page."""
        ...

    @property
    def cursor(self) -> str:
        """The `next` of the page before, or ""."""
        ...


def api(
    method: str,
    path: str,
    answer: Callable[..., Any],
    *,
    summary: str,
    group: str,
    roles: tuple[str, ...],
    takes: type[Struct] | None = None,
    gives: Any = None,
    media: tuple[str, ...] = (JSON,),
    brings: tuple[str, ...] = (),
    form: bool = False,
    status: int | None = None,
    fails: Mapping[str, int] | None = None,
    does: tuple[str, ...] = (),
    reads: bool = False,
    repeatable: bool = False,
    secret: bool = False,
    own: bool = True,
    scoped: bool = False,
    cap: int = MIB,
    seconds: float | None = 30.0,
) -> Door:
    """One endpoint below /api/v1. `answer(request)`, or `answer(request, asked)` when it `takes` something.

    It returns a value of the type `gives`, None for no content, or a response of its own (streams). `reads`: a POST
    that changes nothing, because its question is too long for an address. `own=False`: also for tokens of partners.
    The rest as in `Contract` and `Door`.
    """
    if takes is not None and not takes.__struct_config__.forbid_unknown_fields:
        raise TypeError(f"{takes.__name__} would pass over what it does not know")
    contract = Contract(
        summary=summary,
        group=group,
        takes=takes,
        gives=gives,
        media=media,
        brings=brings,
        form=form,
        status=status or (200 if gives is not None or media != (JSON,) else 204),
        fails=dict(fails or {}),
        does=does,
        effect=method not in SAFE_METHODS and not reads,
        repeatable=repeatable,
        secret=secret,
    )
    return Door(
        path=PREFIX + path,
        endpoint=_endpoint(contract, answer, seconds),
        methods=(method,),
        kind="machine",
        roles=roles,
        cap=cap,
        seconds=seconds,
        scoped=scoped,
        own=own,
        contract=contract,
    )


def _endpoint(contract: Contract, answer: Callable[..., Any], seconds: float | None) -> Callable[[Request], Any]:
    def arguments(request: Request) -> tuple[Any, ...]:
        return (request,) if contract.takes is None else (request, _read(contract, contract.takes, request))

    async def awaited(request: Request) -> Response:
        response: Response = await answer(*arguments(request))
        return response

    def endpoint(request: Request) -> Response:
        given = arguments(request)

        def call() -> Response:
            return _response(contract, request, answer(*given))

        if not contract.effect or HEADER not in request.headers:
            return call()
        if request.site.once is None:
            raise Damaged(f"{HEADER} cannot be used here.", "This node keeps no answers.", code="bad-key")
        # A thread that is overdue ends by itself; this is how long it is waited for.
        return request.site.once.answer(
            request, call, seconds=2 * (seconds or 0), repeatable=contract.repeatable, secret=contract.secret
        )

    return awaited if inspect.iscoroutinefunction(answer) else endpoint


def _read(contract: Contract, takes: type[Struct], request: Request) -> Struct:
    query: bytes = request.scope.get("query_string", b"")
    if request.method in ("GET", "HEAD", "DELETE"):
        return read_form(takes, query)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if contract.brings:
        _check_kind(kind, contract.brings)
        return read_form(takes, query)
    taken = (JSON, FORM) if contract.form else (JSON,)
    if request.content or kind:
        _check_kind(kind, taken)
    return read_form(takes, request.content) if kind == FORM else read_json(takes, request.content)


def _check_kind(kind: str, taken: tuple[str, ...]) -> None:
    if kind not in taken:
        raise Unsupported(
            "The body is of a kind that is not taken here.",
            f"The request says it brings {kind[:100]!r}." if kind else "The request does not say what it brings.",
            f"Send the header Content-Type: {' or '.join(taken)}.",
            detail={"accepts": list(taken)},
        )


def _response(contract: Contract, request: Request, value: Any) -> Response:
    if isinstance(value, Response):
        return value
    if value is None:
        return Response(status_code=204)
    response = json_answer(value, contract.status)
    return tagged(request, response) if request.method in ("GET", "HEAD") else response


def tagged(request: Request, response: Response) -> Response:
    """The answer with its entity tag, or 304 to a client that holds it already."""
    etag = weak_tag(bytes(response.body))
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": f"Authorization, Cookie, {ACTING_FOR}"}
    if knows(request.headers.get("if-none-match", ""), etag):
        return Response(None, 304, headers)
    response.headers.update(headers)
    return response


def next_page(request: Request, asked: InPages, place: object) -> str:
    """The `next` of a page whose reader goes on at `place`."""
    return write_cursor(place, bound=_bound(request, asked), sign=request.site.sign)


def place_of(request: Request, asked: InPages, kind: type[T]) -> T | None:
    """Where the page begins, as `next_page` was told; None at the beginning. Damaged for a cursor of others."""
    if not asked.cursor:
        return None
    return read_cursor(asked.cursor, kind, bound=_bound(request, asked), sign=request.site.sign)


def _bound(request: Request, asked: InPages) -> bytes:
    """Reader, address and question; how many rows a page has may change on the way."""
    question = {**msgspec.to_builtins(asked), "cursor": "", "limit": LIMIT}
    reader = request.reader
    return msgspec.json.encode([reader.party, reader.name, request.scope["path"], question])


def time_of(instant: int) -> str:
    """An instant as `Time`."""
    return format_instant(instant) if instant else ""


def path_fields(path: str) -> list[str]:
    """The names in the braces of a path."""
    return re.findall(r"\{(\w+)(?::\w+)?\}", path)
