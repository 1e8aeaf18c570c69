"""Session cookies, CSRF tokens and the check that a form was sent from our own pages."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from secrets import compare_digest
from urllib.parse import urlsplit

import msgspec
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import Response

from kouprey.kernel.web.language import mark
from kouprey.kernel.words.errors import Forbidden

Sign = Callable[[bytes], bytes]
"""A keyed hash: the same bytes give the same value on this node, and nobody else can compute it."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Undo(msgspec.Struct, frozen=True):
    """What takes back what was just done: a form of ours to send, with these fields."""

    path: str
    fields: dict[str, str] = {}


class Notice(msgspec.Struct, frozen=True):
    """A sentence shown once on the next page; `kind` is good, info, warn or bad. With `undo` it offers that too."""

    text: str
    kind: str = "good"
    undo: Undo | None = None


class Sessions:
    """Cookie mechanics of one node. The cookie carries an opaque secret; its meaning is the caller's.

    Cookie names carry the node id, because cookies of one host are shared by all ports and so by demo nodes.
    """

    def __init__(self, node_id: str, sign: Sign, *, secure: bool) -> None:
        self._sign = sign
        self._secure = secure
        # __Host- forbids that another name of the same site plants a cookie (RFC 6265bis, 4.1.3.2).
        self._prefix = f"{'__Host-' if secure else ''}kouprey-{node_id}"

    @property
    def cookie(self) -> str:
        """The name of the session's cookie."""
        return self._prefix

    def read(self, connection: HTTPConnection) -> str:
        """The secret of the session cookie, or ""."""
        return connection.cookies.get(self._prefix, "")[:200]

    def start(self, response: Response, secret: str, seconds: int) -> None:
        """Give the browser a session. Always a fresh secret after signing in, so that none can be planted."""
        self._set(response, self._prefix, secret, seconds)

    def end(self, response: Response) -> None:
        """Take the session cookie back."""
        self._set(response, self._prefix, "", 0)

    def csrf(self, secret: str) -> str:
        """The token every form of this session carries; "" without a session."""
        if not secret:
            return ""
        return urlsafe_b64encode(self._sign(b"kouprey-csrf/1\n" + secret.encode())[:32]).rstrip(b"=").decode()

    def get(self, connection: HTTPConnection, name: str) -> str:
        """A small preference kept in the browser (`language`, `theme`), or ""."""
        return connection.cookies.get(f"{self._prefix}-{name}", "")[:40]

    def keep(self, response: Response, name: str, value: str, seconds: int = 31_536_000) -> None:
        """Keep a small preference in the browser."""
        self._set(response, f"{self._prefix}-{name}", value, seconds)

    def leave_notice(self, response: Response, notice: Notice) -> None:
        """Carry a notice over a redirect, signed, so that no other site can put words into our pages."""
        body = msgspec.json.encode(notice)
        mark = self._sign(b"kouprey-notice/1\n" + body)[:16]
        self._set(response, f"{self._prefix}-notice", urlsafe_b64encode(mark + body).decode(), 60)

    def take_notice(self, connection: HTTPConnection) -> Notice | None:
        """The notice left before a redirect; what does not hold is nothing."""
        try:
            raw = urlsafe_b64decode(connection.cookies.get(f"{self._prefix}-notice", ""))
            if len(raw) < 17 or not compare_digest(raw[:16], self._sign(b"kouprey-notice/1\n" + raw[16:])[:16]):
                return None
            return msgspec.json.decode(raw[16:], type=Notice)
        except (ValueError, msgspec.DecodeError):
            return None

    def drop_notice(self, response: Response) -> None:
        """It was shown."""
        self._set(response, f"{self._prefix}-notice", "", 0)

    def _set(self, response: Response, name: str, value: str, seconds: int) -> None:
        response.set_cookie(name, value, max_age=seconds, path="/", secure=self._secure, httponly=True, samesite="lax")


def check_origin(method: str, headers: Headers, origins: tuple[str, ...]) -> None:
    """Refuse a form that another site made the browser send; raises Forbidden.

    Browsers say where a form comes from in Origin and, over protected connections, in Sec-Fetch-Site; a request that
    says neither is not from a browser's form and has to use the machine endpoints.
    """
    if method in SAFE_METHODS:
        return
    origin = headers.get("origin")
    site = headers.get("sec-fetch-site")
    own = origin is None or origin in origins
    if (origin is None and site is None) or not own or site not in (None, "same-origin"):
        raise Forbidden(
            mark("The form was not accepted."),
            mark("It was not sent from a page of this node."),
            mark("Open the page here and send it again."),
            code="foreign-form",
        )


def check_csrf(expected: str, given: str) -> None:
    """Refuse a form without the token of its session; raises Forbidden."""
    if not expected or not compare_digest(expected.encode(), given.encode()):
        raise Forbidden(
            mark("The form was not accepted."),
            mark("It belongs to a session that has ended."),
            mark("Open the page again and repeat what you did."),
            code="stale-form",
        )


def check_host(headers: Headers, origins: tuple[str, ...]) -> None:
    """Refuse a Host that is none of our origins (DNS rebinding, poisoned links); raises Forbidden."""
    host = headers.get("host", "").lower()
    if host not in {urlsplit(origin).netloc for origin in origins}:
        raise Forbidden(
            mark("This node is not known by that name."),
            f"It was asked as {host[:100]!r}.",
            mark("Use the address it was started with (serve --url)."),
            code="wrong-host",
        )
