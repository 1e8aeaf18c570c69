"""Idempotency keys: a request that is sent again under the same key does nothing twice.

In three steps, each durable: the key is claimed, the deed is done, the answer is kept. A request that fails without
having done anything gives its key back. When the machine stops between deed and answer, the key stays claimed; sent
again, a door that is harmless to repeat does it again, and any other says that it does not know (`unknown-outcome`).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from starlette.responses import Response

from kouprey.kernel.storage import answers
from kouprey.kernel.storage.answers import Claimed
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.errors import Damaged, KoupreyError, Refused
from kouprey.kernel.words.time import SECOND, Clock, wall_clock

HEADER = "Idempotency-Key"

_KEY = re.compile(r"[\x21-\x7e]{1,200}", re.ASCII)
_log = logging.getLogger("kouprey.web")


class Differs(Refused):
    """The key was used for another request."""

    code = "key-reused"
    http_status = 422


@dataclass(frozen=True)
class Once:
    """Keeps the answers of one node."""

    store: Store
    clock: Clock = wall_clock

    def answer(
        self,
        request: Request,
        call: Callable[[], Response],
        *,
        seconds: float,
        repeatable: bool = False,
        secret: bool = False,
    ) -> Response:
        """What `call` answers, or answered when the request first came; `call` must end within `seconds`.

        `repeatable`: doing it twice is harmless. `secret`: the answer holds what must not be kept.
        """
        name, reader, digest = _key(request), _reader(request), _digest(request)
        now = self.clock()
        until = now + int(seconds * SECOND)
        before = self.store.write(lambda tx: answers.claim(tx, reader, name, digest, now=now, until=until))
        if before is not None:
            if before.digest != digest:
                raise _differs(name)
            if before.status:
                return _again(before)
            _check_ended(before, now, repeatable)
            if not self.store.write(lambda tx: answers.take_over(tx, reader, name, now=now, until=until)):
                raise _in_progress(seconds)
        try:
            response = call()
        except KoupreyError:
            # What we explain was not done, or is harmless to repeat; of a bug nobody knows how far it came.
            self.store.write(lambda tx: answers.release(tx, reader, name))
            raise
        body = None if secret else bytes(response.body)
        kept = response.status_code, response.media_type or ""
        try:
            self.store.write(lambda tx: answers.keep(tx, reader, name, status=kept[0], media_type=kept[1], body=body))
        except KoupreyError as error:
            # The deed is done and told; only sending it again will not be answered.
            _log.warning("request %s: its answer was not kept: %s", request.id, error, extra={"request": request.id})
        return response


def _key(request: Request) -> str:
    name = request.headers.get(HEADER, "")
    if _KEY.fullmatch(name) is None:
        raise Damaged(
            f"The header {HEADER} cannot be used.",
            "It has 1 to 200 visible ASCII characters.",
            "Send a fresh UUID with each deed, and the same one when you try again.",
            code="bad-key",
        )
    return name


def _reader(request: Request) -> str:
    return f"{request.reader.party} {request.reader.name or request.who.name}"


def _digest(request: Request) -> bytes:
    """What makes it the same request: method, address and body."""
    query: bytes = request.scope.get("query_string", b"")
    head = f"{request.method} {request.scope['path']}\n".encode() + query + b"\n"
    return sha256(head + sha256(request.content).digest()).digest()


def _again(before: Claimed) -> Response:
    if before.body is None:
        raise Refused(
            "This was done already.",
            "Its answer holds a secret and was not kept.",
            "Look at what was made; what is lost has to be made anew, under another key.",
            code="answer-not-kept",
        )
    headers = {"Idempotency-Replayed": "true"}
    return Response(before.body, before.status, headers, before.media_type or None)


def _check_ended(before: Claimed, now: int, repeatable: bool) -> None:
    if before.held_until > now:
        raise _in_progress((before.held_until - now) / SECOND)
    if not repeatable:
        raise Refused(
            "Whether this was done is not known.",
            "The node stopped while it was being done, before the answer was kept.",
            "Look whether it was done; if not, send it under another key.",
            code="unknown-outcome",
        )


def _in_progress(seconds: float) -> Refused:
    return Refused(
        "This is being done just now.",
        "A request with the same key has come and has not ended.",
        f"Ask again with the same key, at the latest in {seconds:.0f} seconds.",
        code="in-progress",
    )


def _differs(name: str) -> Differs:
    return Differs(
        "This key was used for something else.",
        f"Under {name[:60]!r} another request came within the last 24 hours.",
        "Send a fresh key with each deed, and the same one only when the very same is tried again.",
    )
