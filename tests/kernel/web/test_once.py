"""Idempotency keys while the first request still runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.responses import Response

from kouprey.kernel.storage.migrate import KERNEL, migrate
from kouprey.kernel.storage.sqlite import open_sqlite
from kouprey.kernel.web.identity import Identity
from kouprey.kernel.web.once import Once
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Refused


def test_the_same_request_at_the_same_time_waits_for_the_first(tmp_path: Path) -> None:
    store = open_sqlite(tmp_path / "kouprey.db")
    migrate(store, [KERNEL])
    once, done = Once(store), []
    headers = [(b"idempotency-key", b"k1")]
    request = Request({"type": "http", "method": "POST", "path": "/api/v1/things", "headers": headers})
    request.identity = Identity(name="dara", reader=Reader(party="cert.example", name="dara"))

    def inner() -> Response:
        done.append("inner")
        return Response(b"inner")

    def outer() -> Response:
        with pytest.raises(Refused) as caught:
            once.answer(request, inner, seconds=60)
        assert caught.value.code == "in-progress"
        done.append("outer")
        return Response(b"outer")

    assert once.answer(request, outer, seconds=60).body == b"outer"
    assert once.answer(request, inner, seconds=60).body == b"outer"
    assert done == ["outer"]
    store.close()
