"""How a node listens: protocol and limits of the web server, its certificate, and whom it believes about clients."""

from __future__ import annotations

import contextlib
import logging
import resource
import ssl
from collections.abc import Callable
from pathlib import Path
from threading import Event

import uvicorn
from starlette.types import ASGIApp

from kouprey.kernel.web.patience import WAITING, patient
from kouprey.kernel.words.errors import Damaged
from kouprey.node.settings import Settings

_log = logging.getLogger(__name__)

CONNECTIONS = 2 * WAITING
"""Beyond these, requests are answered 503 at once; each needs a file descriptor."""
_LOOK = 10
"""Ticks of 0.1 s between looks at the certificate."""


class Server(uvicorn.Server):
    """Says when it is ready, and whether it ever was; takes a new certificate when its files change.

    `stopping`, if given, is set when it begins to stop: what would never end by itself ends then.
    """

    def __init__(
        self, app: ASGIApp, settings: Settings, ready: Callable[[], None], stopping: Event | None = None
    ) -> None:
        super().__init__(_config(app, settings))
        self._ready = ready
        self._stopping = stopping or Event()
        self._certificate = Certificate(settings)
        self.was_ready = False
        try:
            self.config.load()
        except OSError as error:
            raise Damaged(
                "The setting tls_certificate or tls_key is wrong.",
                str(error),
                f"Name readable files in PEM form, not {settings.tls_certificate!r} and {settings.tls_key!r}.",
                code="bad-setting",
            ) from error

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]  # sockets are passed on
        await super().startup(sockets)  # type: ignore[arg-type]  # uvicorn names sockets more narrowly than we pass them on
        if self.started:
            self.was_ready = True
            self._ready()

    async def shutdown(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]  # sockets are passed on
        self._stopping.set()
        await super().shutdown(sockets)  # type: ignore[arg-type]  # uvicorn names sockets more narrowly than we pass them on

    async def on_tick(self, counter: int) -> bool:
        # On the thread of the loop, which makes all handshakes: nobody else may change a context in use.
        if self.config.ssl is not None and counter % _LOOK == 0:
            self._certificate.renew(self.config.ssl)
        return await super().on_tick(counter)

    def run(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]  # sockets are passed on
        with contextlib.suppress(SystemExit):
            super().run(sockets)  # type: ignore[arg-type]  # uvicorn names sockets more narrowly than we pass them on


class Certificate:
    """The files of the certificate and when they changed last."""

    def __init__(self, settings: Settings) -> None:
        self._files = (settings.tls_certificate, settings.tls_key or None)
        self._state = self._look()

    def renew(self, context: ssl.SSLContext) -> bool:
        """Take files that have changed; what cannot be used is logged, and the old certificate stays. True when taken.

        Connections that stand keep what they began with.
        """
        state = self._look()
        if state == self._state:
            return False
        self._state = state
        try:
            # Tried beside first: a failed attempt would leave the context with half of a pair.
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*self._files)
            context.load_cert_chain(*self._files)
        except OSError as error:
            _log.warning("The changed certificate cannot be used, the one before goes on: %s", error)
            return False
        _log.warning("The changed certificate is in use.")
        return True

    def _look(self) -> list[tuple[int, int, int]]:
        seen = []
        for name in filter(None, self._files):
            with contextlib.suppress(OSError):
                held = Path(name).stat()
                seen.append((held.st_ino, held.st_mtime_ns, held.st_size))
        return seen


def raise_descriptors() -> None:
    """Allow as many open files as connections need, as far as the system lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + 1_000
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=patient(),
        ws="none",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        date_header=True,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=settings.stop_seconds,
        # Never X-Forwarded-Host: under which name a node is known is a setting, not a client's or a proxy's word.
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=settings.proxies,
        ssl_certfile=settings.tls_certificate or None,
        ssl_keyfile=settings.tls_key or None,
    )
