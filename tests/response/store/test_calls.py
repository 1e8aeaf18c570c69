"""Requests on both engines: each moves on once, and the newest comes first."""

from __future__ import annotations

from typing import Any

import msgspec

from kouprey.response.model.calls import Attempt, CallState, Sent
from kouprey.response.store import calls as rows

SENT = Sent(method="GET", url="https://a.example/x", headers=(("X-A", "b"),), content="c", digest="d")


def attempt(number: int, item: str = "item_1") -> Attempt:
    return Attempt(
        id=f"call_{number}", case="case_1", item=item, call=0, state=CallState.SENT, sent=SENT, asked_at=number
    )


def test_they_move_on_once_and_come_back_as_they_were(pair: Any) -> None:
    a, _, _ = pair
    for each in (attempt(1), attempt(2), attempt(3, "item_2")):
        a.store.write(lambda tx, each=each: rows.add_attempt(tx, each))
    done = msgspec.structs.replace(attempt(1), state=CallState.ANSWERED, status=201)

    def move() -> bool:
        return bool(a.store.write(lambda tx: rows.move_attempt(tx, done, CallState.SENT)))

    assert move() and not move()
    with a.store.read() as reader:
        assert rows.list_attempts(reader, ["item_1"]) == [attempt(2), done]
        assert rows.list_attempts(reader, []) == [] and rows.find_attempt(reader, "call_9") is None
        assert rows.find_attempt(reader, "call_1") == done
