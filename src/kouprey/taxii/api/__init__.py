"""The TAXII 2.1 door: discovery, collections, objects, manifest, versions and status."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote

from starlette.responses import Response
from zstandard import ZstdCompressor

from kouprey.exchange.model import Collection
from kouprey.exchange.service import read_only
from kouprey.kernel.web.door import Door, machine
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
from kouprey.taxii.service import Taxii
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
    desk = Desk(services.get(Taxii), services.get(People).home().name, body_max)
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
    doors = [_door(path, by_method, body_max) for path, by_method in resource.items()]
    # Section 3.1 wants a slash at the end; whoever forgot it is told the way.
    slashless = [_door(path[:-1], dict.fromkeys(by_method, to_slash), body_max) for path, by_method in resource.items()]
    return [*doors, *slashless, _door("/taxii2/{rest:path}", {"GET": nowhere}, body_max)]


def _door(path: str, by_method: Mapping[str, Endpoint], body_max: int) -> Door:
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
    """The endpoints. `title` names us; `body_max` is the most bytes an envelope may have."""

    taxii: Taxii
    title: str
    body_max: int

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
        view = self.taxii.read(request.reader, self._collection(request), _query(request), bodies=False)
        return answer(request, resources.manifest(view), view)

    def objects(self, request: Request) -> Response:
        """Section 5.4."""
        view = self.taxii.read(request.reader, self._collection(request), _query(request))
        return answer(request, resources.envelope(view), view)

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
            raise read_only(where)
        check_content_type(request.headers.get("content-type", ""))
        return Response(self.taxii.add(request.reader, where, request.content), 202, media_type=MEDIA_TYPE)

    def take_out(self, request: Request) -> Response:
        """Section 5.7."""
        where = self._collection(request)
        if not self._may_write(request, where):
            raise read_only(where)
        self.taxii.take_out(request.reader, where, request.path_params["object"], _query(request).match)
        return Response(b"{}", 200, media_type=MEDIA_TYPE)

    def status(self, request: Request) -> Response:
        """Section 4.3."""
        return answer(request, self.taxii.get_status(request.reader, request.path_params["status"]))

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


def show(told: KoupreyError, request: Request) -> Response:
    """An error as section 3.6 wants it, in the one media type."""
    headers = {"WWW-Authenticate": _BASIC} if isinstance(told, Unidentified) else None
    return Response(resources.error(told, request.id), told.http_status, headers, MEDIA_TYPE)


def _query(request: Request) -> Query:
    return read_query(request.scope["query_string"])
