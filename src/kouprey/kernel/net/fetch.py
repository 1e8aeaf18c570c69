"""The only way out of a node: one request to one checked and pinned address, within a size and a time."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from ipaddress import ip_address
from time import monotonic
from typing import Any
from urllib.parse import quote, urlsplit

import httpcore
import msgspec

from kouprey.kernel.net.addresses import refusal
from kouprey.kernel.net.pinned import Overdue, PinnedBackend, Resolver, resolve_by_system
from kouprey.kernel.words.errors import Damaged, Unreachable

MIB = 1024 * 1024

_REMEDY = {
    "dns": "Check the spelling of the name and this machine's DNS.",
    "refused": "Check that the other machine is running and that no firewall stands between.",
    "timeout": "Try again later; if it lasts, check the line between the two machines.",
    "private-address": "If the other machine really is on a private network, allow it with --allow-private.",
    "too-large": "Ask for less at a time, or raise the limit.",
    "tls": "Check the certificate of the other machine and this machine's clock.",
    "proxy": "Check link_proxy, and ask whoever runs the proxy to allow that address.",
    "broken": "Check that the address and port belong to the service you mean.",
}


class Answer(msgspec.Struct, frozen=True):
    """What came back. `headers` have lower-case names; repeated ones are joined by a comma. `body` is as sent."""

    status: int
    headers: dict[str, str]
    body: bytes
    url: str


class _Place(msgspec.Struct, frozen=True):
    scheme: str
    host: str
    port: int
    target: str


def read_url(url: str) -> _Place:
    """Take an http or https URL apart, once, so that what was checked is what is called; raises Damaged."""
    if not url or len(url) > 8192 or any(ord(letter) <= 32 or ord(letter) == 127 for letter in url):
        raise _bad_url(url, "It is empty, too long or contains spaces or control characters.")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except (ValueError, UnicodeError) as error:
        raise _bad_url(url, f"It cannot be read: {error}.") from error
    if parts.scheme not in ("http", "https"):
        raise _bad_url(url, "Only http and https are called.")
    if "@" in parts.netloc or "\\" in parts.netloc:
        raise _bad_url(url, "It carries a user name or password, which would end in logs.")
    if not host or port == 0:
        raise _bad_url(url, "It names no machine.")
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    if parts.query:
        target += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return _Place(parts.scheme, host, port or (443 if parts.scheme == "https" else 80), target)


def _bad_url(url: str, why: str) -> Damaged:
    return Damaged(f"{url[:120]!r} is not an address we call.", why, "Write it as https://name/path.", code="bad-url")


class Way(msgspec.Struct, frozen=True):
    """How calls leave: through an HTTP `proxy` (http://HOST:PORT, "" = straight), with a client `certificate` and its
    `key` (files in PEM form, "" = none) for whoever asks for one.
    """

    proxy: str = ""
    certificate: str = ""
    key: str = ""

    def tls(self) -> ssl.SSLContext:
        """The trust of this machine, with the certificate; Damaged when that cannot be read."""
        context = default_tls()
        if self.certificate:
            try:
                context.load_cert_chain(self.certificate, self.key or None)
            except (OSError, ssl.SSLError) as error:
                raise Damaged(
                    "The client certificate of this node cannot be read.",
                    f"{self.certificate}: {error}.",
                    "Look at link_certificate and link_key: both in PEM form, readable by the node.",
                    code="bad-certificate",
                ) from error
        return context


class Fetcher:
    """Calls other machines. One instance per policy, shared by threads; keeps connections for reuse.

    `allow_private`: also addresses outside the public internet. `timeout`, `connect`: seconds for the whole request
    and for reaching the machine. `cap`: bytes of a body. `resolver` gives the addresses of a name and is asked once
    for each connection. Redirects are answers like others: following one is a decision of the caller.

    `way`: with a proxy it is the proxy that looks names up, and that must keep to the public internet; only an address
    written as a number is still checked here.
    """

    def __init__(
        self,
        allow_private: bool = False,
        timeout: float = 15.0,
        connect: float = 5.0,
        cap: int = 64 * MIB,
        *,
        resolver: Resolver = resolve_by_system,
        tls: Callable[[], ssl.SSLContext] | None = None,
        way: Way = Way(),
    ) -> None:
        self.timeout = timeout
        self.cap = cap
        # The operator named the proxy, which usually is inside: it is no partner that leads us astray.
        self._backend = PinnedBackend(resolver, allow_private=allow_private or bool(way.proxy), connect=connect)
        self._allow_private = allow_private
        self._way = way
        self._tls = tls or way.tls
        self._pools: dict[str, httpcore.ConnectionPool] = {}
        self._lock = threading.Lock()

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        cap: int | None = None,
        deadline: float | None = None,
    ) -> Answer:
        """Send one request and read its whole answer.

        `cap` is in bytes; `deadline` in seconds from now, for everything together. Raises Unreachable with one of
        dns, refused, timeout, private-address, too-large, tls, proxy, broken; Damaged for a bad URL or header.
        """
        place = read_url(url)
        limit = self.cap if cap is None else cap
        send = {"accept-encoding": "identity", "user-agent": "kouprey"}
        send |= {name.lower(): value for name, value in (headers or {}).items()}
        where = f"{place.scheme}://{place.host}:{place.port}"
        if self._way.proxy and (why := _forbidden(place.host, self._allow_private)):
            raise _unreachable(where, "private-address", why)
        target = httpcore.URL(
            scheme=place.scheme.encode(), host=place.host.encode(), port=place.port, target=place.target.encode()
        )
        seconds = self.timeout if deadline is None else deadline
        wait = {"timeout": {"pool": seconds}}
        with _explained(where), self._backend.within(monotonic() + seconds):
            pool = self._pool(place.scheme)
            with pool.stream(method, target, headers=_encoded(send), content=body or None, extensions=wait) as response:
                return Answer(response.status, _decoded(response.headers), _read(response, limit, where), url)

    def _pool(self, scheme: str) -> httpcore.ConnectionPool:
        with self._lock:
            if scheme not in self._pools:
                how: dict[str, Any] = {
                    "ssl_context": self._tls() if scheme == "https" else None,
                    "max_connections": 64,
                    "keepalive_expiry": 10.0,
                    "network_backend": self._backend,
                }
                proxy = self._way.proxy
                self._pools[scheme] = httpcore.HTTPProxy(proxy, **how) if proxy else httpcore.ConnectionPool(**how)
            return self._pools[scheme]

    def close(self) -> None:
        """Close the kept connections."""
        with self._lock:
            for pool in self._pools.values():
                pool.close()
            self._pools.clear()


def _forbidden(host: str, allow_private: bool) -> str:
    """Why an address written as a number may not be called, "" for a name."""
    try:
        ip_address(host)
    except ValueError:
        return ""
    return refusal(host, allow_private=allow_private)


def default_tls() -> ssl.SSLContext:
    """The trust of this machine's administrator; where there is none, the Mozilla list that httpcore brings."""
    context = ssl.create_default_context()
    return context if context.cert_store_stats()["x509_ca"] else httpcore.default_ssl_context()


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    try:
        return [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers.items()]
    except UnicodeEncodeError as error:
        raise Damaged("A request header cannot be sent.", "It is not plain text.", code="bad-header") from error


def _decoded(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    read: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        read[name] = f"{read[name]}, {value}" if name in read else value
    return read


def _read(response: httpcore.Response, limit: int, where: str) -> bytes:
    announced = next((value for name, value in response.headers if name.lower() == b"content-length"), b"")
    if announced.isdigit() and int(announced) > limit:
        raise _too_large(where, limit)
    parts: list[bytes] = []
    size = 0
    for part in response.iter_stream():
        size += len(part)
        if size > limit:
            raise _too_large(where, limit)
        parts.append(part)
    return b"".join(parts)


def _too_large(where: str, limit: int) -> Unreachable:
    return _unreachable(where, "too-large", f"It answers with more than the {limit:,} bytes we take.")


def _unreachable(where: str, code: str, why: str) -> Unreachable:
    return Unreachable(f"{where} could not be reached.", why, _REMEDY[code], code=code, detail={"url": where})


@contextmanager
def _explained(where: str) -> Iterator[None]:
    """Turn every failure of the layers below into one of our reasons."""
    try:
        yield
    except Unreachable as error:
        if error.detail:
            raise
        raise _unreachable(where, error.code, error.what) from error
    except (httpcore.TimeoutException, Overdue) as error:
        raise _unreachable(where, "timeout", "It did not answer in the time we give it.") from error
    except httpcore.ProxyError as error:
        raise _unreachable(where, "proxy", f"The proxy does not let us through: {error}.") from error
    except httpcore.LocalProtocolError as error:
        raise Damaged("The request cannot be sent.", str(error), code="bad-header") from error
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
        code, why = _reason(error)
        raise _unreachable(where, code, why) from error


def _reason(error: Exception) -> tuple[str, str]:
    inner: Any = error
    while inner is not None:
        if isinstance(inner, ssl.SSLCertVerificationError):
            return "tls", f"Its certificate does not hold: {inner.verify_message}."
        if isinstance(inner, ssl.SSLError):
            return "tls", f"No protected connection could be agreed: {inner.reason or 'the other side hung up'}."
        if isinstance(inner, ConnectionRefusedError):
            return "refused", "Nothing listens at that address and port."
        if isinstance(inner, socket.gaierror):
            return "dns", "Its name is not known."
        inner = inner.__cause__ or inner.__context__
    if isinstance(error, httpcore.ConnectError):
        return "refused", f"No connection: {error}."
    return "broken", f"The answer broke off or is not HTTP: {error}."
