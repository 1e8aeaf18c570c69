"""Calls to peers: what a refusal may say to us."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kouprey.kernel.words.errors import KoupreyError


def test_a_refusal_full_of_tricks_is_cut_and_cleaned(world: Any) -> None:
    a, b, _ = world.pair()
    said = msgspec.json.encode({"title": "\x1b[2J\0" + "x" * 9000, "status": 400, "code": "rm -rf", "detail": "\n\n"})
    world.wire.twist = lambda url, answer: msgspec.structs.replace(answer, status=400, body=said)
    with pytest.raises(KoupreyError) as refused:
        b.sync(a)
    assert refused.value.code == "bad-request" and len(refused.value.what) < 400
    error = b.federation.links.get_link(a.party).error
    assert "\x1b" not in error and "\0" not in error
