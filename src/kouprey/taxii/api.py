"""The TAXII 2.1 door: discovery, collections, objects, manifest and versions, for reading."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote

from starlette.responses import Response

from kouprey.exchange.model import Collection
from kouprey.exchange.service import Exchange
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.seal.keys import hmac_sha256
from kouprey.kernel.web.door import Door, machine
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Forbidden, KoupreyError, Unidentified, Unknown
from kouprey.kernel.words.limits import Limits
from kouprey.kernel.words.time import format_instant
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People
from kouprey.taxii.model import Query, View
from kouprey.taxii.service import Taxii
from kouprey.taxii.wire import resources
from kouprey.taxii.wire.negotiation import MEDIA_TYPE, check_accept, knows, takes_gzip
from kouprey.taxii.wire.query import read_query

_WORTH_COMPRESSING = 1024
_BASIC = 'Basic realm="kouprey", charset="UTF-8"'

COLLECTION = "/taxii2/api/collections/{collection}/"
OBJECT = COLLECTION + "objects/{object}/"


def routes(services: Services) -> list[Door]:
    """The doors of the view."""
    limits = services.get(Limits)
    key = services.get(Keyring).cookie
    taxii = Taxii(services.get(Exchange), lambda data: hmac_sha256(key, data), limits.page)
    desk = Desk(taxii, services.get(People).home().name, limits.body)
    return [
        _door("/taxii2/", desk.discovery),
        _door("/taxii2/api/", desk.api_root),
        _door("/taxii2/api/collections/", desk.collections),
        _door(COLLECTION, desk.collection),
        _door(COLLECTION + "objects/", desk.objects),
        _door(COLLECTION + "manifest/", desk.manifest),
        _door(OBJECT, desk.object),
        _door(OBJECT + "versions/", desk.versions),
        _door(COLLECTION + "objects/", desk.refuse_writing, "POST", stream=True),
        _door(OBJECT, desk.refuse_writing, "DELETE", stream=True),
        _door("/taxii2", desk.elsewhere),
        _door("/taxii2/{rest:path}", desk.elsewhere),
    ]


def _door(path: str, endpoint: Callable[[Request], Response], *methods: str, stream: bool = False) -> Door:
    def negotiated(request: Request) -> Response:
        check_accept(",".join(request.headers.getlist("accept")))
        return endpoint(request)

    return machine(path, negotiated, *methods, show=show, scoped=True, stream=stream, roles=roles_with(Permission.READ))


@dataclass(frozen=True)
class Desk:
    """The endpoints. `title` names us; `body_max` is the most bytes a request may bring."""

    taxii: Taxii
    title: str
    body_max: int

    def discovery(self, request: Request) -> Response:
        """Section 4.1."""
        return answer(request, resources.discovery(self.title))

    def api_root(self, request: Request) -> Response:
        """Section 4.2."""
        return answer(request, resources.api_root(self.title, self.body_max))

    def collections(self, request: Request) -> Response:
        """Section 5.1."""
        return answer(request, resources.collections(self.taxii.list_collections(request.reader, request.who.scope)))

    def collection(self, request: Request) -> Response:
        """Section 5.2."""
        return answer(request, resources.collection(self._collection(request)))

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

    def refuse_writing(self, request: Request) -> Response:
        """Sections 5.5 and 5.7, with `can_write` false; a collection that is hidden stays hidden."""
        raise Forbidden(
            "Nothing can be written here.",
            f"The collection {self._collection(request).name} is for reading only.",
            "Give it to the operators of this node, who import it.",
            code="read-only",
        )

    def elsewhere(self, request: Request) -> Response:
        """Section 3.1 wants a slash at the end; any other path leads nowhere."""
        path = request.url.path
        if path.endswith("/"):
            raise Unknown(
                "There is nothing here.",
                "No resource of TAXII 2.1 has this path.",
                "Begin with /taxii2/ and follow what it says.",
                code="no-such-path",
            )
        query = request.scope["query_string"].decode("latin-1")
        to = quote(request.scope["path"] + "/") + ("?" + quote(query, safe="%&=[],:+-._~/") if query else "")
        return Response(b"{}", 308, {"Location": to}, MEDIA_TYPE)

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
        "Vary": "Accept, Accept-Encoding, Authorization",
    }
    if knows(request.headers.get("if-none-match", ""), etag):
        return Response(None, 304, headers, MEDIA_TYPE)
    if len(body) >= _WORTH_COMPRESSING and takes_gzip(request.headers.get("accept-encoding", "")):
        body = gzip.compress(body, 1, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(body, 200, headers, MEDIA_TYPE)


def show(told: KoupreyError, request: Request) -> Response:
    """An error as section 3.6 wants it, in the one media type."""
    headers = {"WWW-Authenticate": _BASIC} if isinstance(told, Unidentified) else None
    return Response(resources.error(told, request.id), told.http_status, headers, MEDIA_TYPE)


def _query(request: Request) -> Query:
    return read_query(request.scope["query_string"])
