"""Calls to peers: what a refusal may say to us."""

from __future__ import annotations

import threading
from typing import Any

import msgspec
import pytest

from kouprey.federation.service.calls import counted
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


def test_calls_within_are_added_up_for_their_thread_alone(world: Any) -> None:
    a, b, agreement = world.pair()
    b.publish(agreement, [b'{"n":1}'])
    peer = a.federation.links.get_link(b.party)
    with counted() as outer:
        answer = a.federation.links._caller.call(peer, "GET", "/link/v1/lanes")
        with counted() as inner:
            a.federation.links._caller.call(peer, "POST", "/link/v1/hint", b'{"lanes":[]}')
        other = threading.Thread(target=a.federation.links.test, args=(b.party,))
        other.start()
        other.join()
    assert (outer.calls, outer.sent, outer.received) == (1, 0, len(answer.body)) and outer.quickest > 0
    assert (inner.calls, inner.sent, inner.received) == (1, 12, 0)
