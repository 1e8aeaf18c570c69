"""A client of an application in this process: no socket, one loop for all that it asks.

Starlette's own starts a loop and a thread for each request, which takes several times as long as most answers do.
"""

from __future__ import annotations

import asyncio
import threading
from functools import cache
from typing import Any

import httpx

PEER = ("testclient", 50_000)
"""Where requests seem to come from."""


class AppClient(httpx.Client):
    """As `httpx.Client`, asking `app`; what it raises is raised here, unless `raise_server_exceptions` is off."""

    __test__ = False

    def __init__(
        self, app: Any, *, raise_server_exceptions: bool = True, client: tuple[str, int] = PEER, **more: Any
    ) -> None:
        transport = _Transport(httpx.ASGITransport(app, raise_app_exceptions=raise_server_exceptions, client=client))
        headers = {"User-Agent": "testclient", **(more.pop("headers", None) or {})}
        defaults: dict[str, Any] = {"base_url": "http://testserver", "follow_redirects": True}
        super().__init__(transport=transport, headers=headers, **{**defaults, **more})
        self.app = app


class _Transport(httpx.BaseTransport):
    """Answers whole: what an application streams is there when it has ended."""

    def __init__(self, through: httpx.ASGITransport) -> None:
        self._through = through

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        return asyncio.run_coroutine_threadsafe(self._answer(request), _loop()).result()

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = await self._through.handle_async_request(request)
        assert isinstance(answer.stream, httpx.AsyncByteStream)
        body = b"".join([part async for part in answer.stream])
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(body))


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """In a thread of its own, so that it runs beside whatever loop a test is in."""
    loop = asyncio.new_event_loop()
    # A task that never ends is what worker threads belong to: without one, each request would start its own.
    threading.Thread(target=loop.run_until_complete, args=[_forever()], name="applications", daemon=True).start()
    return loop


async def _forever() -> None:
    await asyncio.Event().wait()
