"""The TAXII 2.1 door: discovery, collections, objects, manifest, versions and status."""

from __future__ import annotations

import gzip
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from urllib.parse import quote

from starlette.responses import Response
from zstandard import ZstdCompressor

from kouprey.exchange.model import Collection
from kouprey.kernel.web.door import Door, machine
from kouprey.kernel.web.errors import Show
from kouprey.kernel.web.etag import knows
from kouprey.kernel.web.identity import ACTING_FOR
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import KoupreyError, Unidentified, Unknown
from kouprey.kernel.words.limits import Limits
from kouprey.kernel.words.time import format_instant
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People
from kouprey.taxii.model import Query, View
from kouprey.taxii.service import Clients, Taxii
from kouprey.taxii.service.clients import ClientLog
from kouprey.taxii.wire import resources
from kouprey.taxii.wire.negotiation import MEDIA_TYPE, check_accept, check_content_type, choose_coding
from kouprey.taxii.wire.query import read_query

Endpoint = Callable[[Request], Response]

_WORTH_COMPRESSING = 1024
_BASIC = 'Basic realm="kouprey", charset="UTF-8"'
_ENVELOPE_MAX = 8 << 20
"""Bytes of an envelope: it is kept in one transaction, and while that runs no other is."""
_WRITERS = frozenset(roles_with(Permission.WRITE))

API = resources.API_ROOT
COLLECTION = API + "collections/{collection}/"
OBJECT = COLLECTION + "objects/{object}/"


def routes(services: Services) -> list[Door]:
    """The doors of TAXII."""
    body_max = min(services.get(Limits).body, _ENVELOPE_MAX)
    log = services.get(Clients).log
    desk = Desk(services.get(Taxii), services.get(People).home().name, body_max, log)

    def show(told: KoupreyError, request: Request) -> Response:
        if not request.csrf:
            log.refused(user_of(request), told)
        return shown(told, request)

    resource: dict[str, dict[str, Endpoint]] = {
        "/taxii2/": {"GET": desk.discovery},
        API: {"GET": desk.api_root},
        API + "status/{status}/": {"GET": desk.status},
        API + "collections/": {"GET": desk.collections},
        COLLECTION: {"GET": desk.collection},
        COLLECTION + "manifest/": {"GET": desk.manifest},
        COLLECTION + "objects/": {"GET": desk.objects, "POST": desk.add},
        OBJECT: {"GET": desk.object, "DELETE": desk.take_out},
        OBJECT + "versions/": {"GET": desk.versions},
    }
    door = partial(_door, body_max=body_max, show=show)
    doors = [door(path, by_method) for path, by_method in resource.items()]
    # Section 3.1 wants a slash at the end; whoever forgot it is told the way.
    slashless = [door(path[:-1], dict.fromkeys(by_method, to_slash)) for path, by_method in resource.items()]
    return [*doors, *slashless, door("/taxii2/{rest:path}", {"GET": nowhere})]


def _door(path: str, by_method: Mapping[str, Endpoint], *, body_max: int, show: Show) -> Door:
    def negotiated(request: Request) -> Response:
        check_accept(",".join(request.headers.getlist("accept")))
        if request.method == "OPTIONS":
            return Response(b"{}", 200, {"Allow": ", ".join(sorted({*by_method, "HEAD", "OPTIONS"}))}, MEDIA_TYPE)
        return by_method["GET" if request.method == "HEAD" else request.method](request)

    methods = (*by_method, "OPTIONS")
    readers = roles_with(Permission.READ)
    return machine(path, negotiated, *methods, show=show, scoped=True, cap=body_max, roles=readers)


@dataclass(frozen=True)
class Desk:
    """The endpoints. `title` names us; `body_max` is the most bytes an envelope has; `log` hears who asked what."""

    taxii: Taxii
    title: str
    body_max: int
    log: ClientLog

    def discovery(self, request: Request) -> Response:
        """Section 4.1."""
        host, origins = request.headers.get("host", ""), request.site.origins
        # Some clients cannot use a root without its origin; which of ours a client came by is known from its host.
        origin = next((each for each in origins if each.partition("//")[2] == host), origins[0])
        return answer(request, resources.discovery(self.title, origin))

    def api_root(self, request: Request) -> Response:
        """Section 4.2."""
        return answer(request, resources.api_root(self.title, self.body_max))

    def collections(self, request: Request) -> Response:
        """Section 5.1."""
        found = self.taxii.list_collections(request.reader, request.who.scope)
        return answer(request, resources.collections([(each, self._may_write(request, each)) for each in found]))

    def collection(self, request: Request) -> Response:
        """Section 5.2."""
        where = self._collection(request)
        return answer(request, resources.collection(where, self._may_write(request, where)))

    def manifest(self, request: Request) -> Response:
        """Section 5.3."""
        where, query = self._collection(request), _query(request)
        view = self.taxii.read(request.reader, where, query, bodies=False)
        return self._given(request, where, query, view, resources.manifest(view))

    def objects(self, request: Request) -> Response:
        """Section 5.4."""
        where, query = self._collection(request), _query(request)
        view = self.taxii.read(request.reader, where, query)
        return self._given(request, where, query, view, resources.envelope(view))

    def object(self, request: Request) -> Response:
        """Section 5.6."""
        where, stix_id = self._collection(request), request.path_params["object"]
        view = self.taxii.read_object(request.reader, where, stix_id, _query(request))
        return answer(request, resources.envelope(view), view)

    def versions(self, request: Request) -> Response:
        """Section 5.8."""
        where, stix_id = self._collection(request), request.path_params["object"]
        view = self.taxii.list_versions(request.reader, where, stix_id, _query(request))
        return answer(request, resources.versions(view), view)

    def add(self, request: Request) -> Response:
        """Section 5.5."""
        where = self._collection(request)
        if not self._may_write(request, where):
            raise self.taxii.read_only(request.reader, where)
        check_content_type(request.headers.get("content-type", ""))
        return Response(self.taxii.add(request.reader, where, request.content), 202, media_type=MEDIA_TYPE)

    def take_out(self, request: Request) -> Response:
        """Section 5.7."""
        where = self._collection(request)
        if not self._may_write(request, where):
            raise self.taxii.read_only(request.reader, where)
        self.taxii.take_out(request.reader, where, request.path_params["object"], _query(request).match)
        return Response(b"{}", 200, media_type=MEDIA_TYPE)

    def status(self, request: Request) -> Response:
        """Section 4.3."""
        return answer(request, self.taxii.get_status(request.reader, request.path_params["status"]))

    def _given(self, request: Request, where: Collection, query: Query, view: View, body: bytes) -> Response:
        """The page, and a note of it; a person's browser is no client."""
        response = answer(request, body, view)
        if not request.csrf:
            sent = 0 if response.status_code == 304 else len(view.rows)
            self.log.note(request.reader, where.id, query, view, sent=sent)
        return response

    def _may_write(self, request: Request, where: Collection) -> bool:
        """A person's session, which a browser sends by itself, never writes here: only a token does."""
        who = request.who
        return not who.csrf and not _WRITERS.isdisjoint(who.roles) and self.taxii.may_write(who.reader, where)

    def _collection(self, request: Request) -> Collection:
        return self.taxii.get_collection(request.path_params["collection"], request.reader, request.who.scope)


def answer(request: Request, body: bytes, view: View | None = None) -> Response:
    """A resource, or 304 to a client that holds this very answer; `view` adds the dates of a page."""
    dates = {}
    if view is not None:
        dates["X-TAXII-Date-Added-First"] = format_instant(view.first)
        dates["X-TAXII-Date-Added-Last"] = format_instant(view.last)
    # Weak, because the same answer travels plain and compressed.
    etag = f'W/"{sha256(repr(dates).encode() + body).hexdigest()[:32]}"'
    headers = dates | {
        "ETag": etag,
        "Cache-Control": "private, no-cache",
        "Vary": f"Accept, Accept-Encoding, Authorization, {ACTING_FOR}",
    }
    if knows(request.headers.get("if-none-match", ""), etag):
        return Response(None, 304, headers, MEDIA_TYPE)
    if len(body) >= _WORTH_COMPRESSING and (coding := choose_coding(request.headers.get("accept-encoding", ""))):
        body = _compress(body, coding)
        headers["Content-Encoding"] = coding
    return Response(body, 200, headers, MEDIA_TYPE)


def _compress(body: bytes, coding: str) -> bytes:
    return ZstdCompressor(1).compress(body) if coding == "zstd" else gzip.compress(body, 1, mtime=0)


def to_slash(request: Request) -> Response:
    """The same address with a slash at its end."""
    query = request.scope["query_string"].decode("latin-1")
    to = quote(request.scope["path"] + "/") + ("?" + quote(query, safe="%&=[],:+-._~/") if query else "")
    return Response(b"{}", 308, {"Location": to}, MEDIA_TYPE)


def nowhere(request: Request) -> Response:
    """Any other path."""
    raise Unknown(
        "There is nothing here.",
        "No resource of TAXII 2.1 has this path.",
        "Begin with /taxii2/ and follow what it says.",
        code="no-such-path",
    )


def user_of(request: Request) -> str:
    """Who asks, or says that it does (Basic), "" when nobody can tell."""
    if request.identity is not None:
        return request.identity.name
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return b64decode(rest.strip(), validate=True).decode("utf-8").partition(":")[0]
    except ValueError:
        return ""


def shown(told: KoupreyError, request: Request) -> Response:
    """An error as section 3.6 wants it, in the one media type."""
    headers = {"WWW-Authenticate": _BASIC} if isinstance(told, Unidentified) else None
    return Response(resources.error(told, request.id), told.http_status, headers, MEDIA_TYPE)


def _query(request: Request) -> Query:
    return read_query(request.scope["query_string"])
