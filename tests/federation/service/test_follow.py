"""Following a lane: page by page, in bounded memory, never in a circle."""

from __future__ import annotations

import threading
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from kouprey.federation.model import LaneClass
from kouprey.federation.service import dialogue, follow
from kouprey.federation.wire import link
from kouprey.kernel.net.fetch import Answer
from kouprey.kernel.words.errors import KoupreyError, Unreachable
from kouprey.node.actors import wait_until


def contents(count: int, mark: str = "o") -> list[bytes]:
    return [f'{{"mark":"{mark}-{number}"}}'.encode() for number in range(count)]


def checkpoints(actor: Any) -> dict[tuple[str, int], bytes]:
    with actor.store.read() as reader:
        found = reader.all("SELECT origin, c.size, root FROM lane_checkpoint AS c JOIN lane ON lane.id = lane_id")
    return {(row[0], row[1]): row[2] for row in found}


def test_both_ways_and_a_second_page(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    for batch in range(3):
        a.publish(agreement, contents(700, f"a{batch}"))
    b.publish(agreement, contents(5, "b"))
    b.sync(a)
    a.sync(b)
    assert len(b.got) == 2100 and b.got == [each for batch in range(3) for each in contents(700, f"a{batch}")]
    assert a.got == contents(5, "b")


def test_batches_and_pages_are_bounded_in_bytes(world: Any) -> None:
    a, b, agreement = world.pair()
    big = [bytes([65 + number]) * 900_000 for number in range(24)]
    a.publish(agreement, big)
    sizes = sorted(size for _, size in checkpoints(a))
    assert len(sizes) >= 3 and max(y - x for x, y in pairwise(sizes)) <= 10
    largest = []
    plain = b.federation.admission.admit

    def admit(offer: Any, *, via: str) -> Any:
        largest.append(sum(len(frame.body) for frame in offer.bodies.values()))
        return plain(offer, via=via)

    b.federation.admission.admit = admit
    b.sync(a)
    assert b.got == big and max(largest) <= 26 << 20


class Line:
    """A line that carries so many bytes a second, with a clock of its own; `sizes` of the answers with bodies."""

    def __init__(self, world: Any, monkeypatch: pytest.MonkeyPatch, pace: float) -> None:
        self.pace = pace
        self.now = 0.0
        self.sizes: list[int] = []
        monkeypatch.setattr(follow, "monotonic", lambda: self.now)
        world.wire.twist = self._carry

    def _carry(self, url: str, answer: Answer) -> Answer:
        self.now += 0.1 + len(answer.body) / self.pace
        if url.endswith("/bodies"):
            self.sizes.append(len(answer.body))
        return answer


def test_so_much_is_asked_for_as_the_line_carries_in_two_seconds(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, [bytes([65 + number % 26]) * 1_000 for number in range(400)])
    line = Line(world, monkeypatch, pace=20_000.0)
    b.sync(a)
    settled = line.sizes[2:-1]
    assert len(b.got) == 400 and settled and all(30_000 <= size <= 40_000 for size in settled)
    a.publish(agreement, [bytes([65 + number % 26]) * 1_000 for number in range(400)])
    line.pace = 5_000.0
    line.sizes.clear()
    b.sync(a)
    assert all(follow.ASK_LEAST // 2 <= size <= 10_000 for size in line.sizes[1:-1]), "also when it becomes poorer"


def test_a_small_answer_that_comes_quickly_says_nothing_of_the_line(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b, agreement = world.pair()
    line = Line(world, monkeypatch, pace=8_000.0)
    for number in range(10):
        a.publish(agreement, contents(1, f"urgent {number}"), lane_class=LaneClass.PRIORITY)
        b.sync(a)
    a.publish(agreement, [bytes([65 + number % 26]) * 1_000 for number in range(100)])
    b.sync(a)
    assert len(b.got) == 110 and max(line.sizes) <= follow.ASK_FIRST


def test_what_is_urgent_is_looked_for_beside_an_answer_that_takes_long(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialogue, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(follow, "PATIENT_SECONDS", 0.01)
    a, b, agreement = world.pair()
    a.publish(agreement, [b"x" * 900_000])
    urgent: list[bytes] = []
    plain = world.wire.request

    def request(method: str, url: str, *rest: Any, **more: Any) -> Answer:
        answer: Answer = plain(method, url, *rest, **more)
        if len(answer.body) > 900_000:
            a.publish(agreement, contents(1, "urgent"), lane_class=LaneClass.PRIORITY)
            wait_until("what is urgent has come before it", lambda: b.got)
            urgent.extend(b.got)
        return answer

    world.wire.request = request
    b.sync(a)
    assert urgent == contents(1, "urgent") and len(b.got) == 2


def test_a_line_that_is_full_of_an_answer_does_not_end_the_exchange(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialogue, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(follow, "PATIENT_SECONDS", 0.01)
    a, b, agreement = world.pair()
    a.publish(agreement, [b"x" * 900_000])
    full, refused = threading.Event(), threading.Event()
    plain = world.wire.request

    def request(method: str, url: str, *rest: Any, **more: Any) -> Answer:
        if full.is_set():
            refused.set()
            raise Unreachable("Nothing came in time.", code="timeout")
        answer: Answer = plain(method, url, *rest, **more)
        if len(answer.body) > 900_000:
            full.set()
            assert refused.wait(30)
            full.clear()
        return answer

    world.wire.request = request
    b.sync(a)
    assert len(b.got) == 1


def test_one_large_body_is_given_the_time_that_a_poor_line_needs(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, [b"x" * 1_000_000])
    given: list[float] = []
    plain = world.wire.request

    def request(method: str, url: str, *rest: Any, deadline: float | None = None, **more: Any) -> Answer:
        if url.endswith("/bodies"):
            given.append(deadline or 0.0)
        answer: Answer = plain(method, url, *rest, deadline=deadline, **more)
        return answer

    world.wire.request = request
    b.sync(a)
    assert len(b.got) == 1 and max(given) > 200.0 and min(given) == follow.LONGEST_SECONDS


def test_a_peer_that_makes_no_progress_is_left_alone(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2))
    b.sync(a)
    a.publish(agreement, contents(2, "more"))
    with a.store.read() as reader:
        old = reader.value("SELECT note FROM lane_checkpoint WHERE size = 3")

    def twist(url: str, answer: Answer) -> Answer:
        if "/headers" not in url:
            return answer
        page = link.read_headers_answer(answer.body)
        stale = msgspec.structs.replace(page, checkpoint=old)
        return msgspec.structs.replace(answer, body=link.render_headers_answer(stale))

    world.wire.twist = twist
    world.wire.calls.clear()
    assert b.sync(a) == 0 and len(world.wire.calls) < 10


@pytest.mark.parametrize("path", ["lanes", "headers", "bodies"])
@pytest.mark.parametrize("body", [b"", b"\0" * 100, b"{}", b"[" * 5000, b"\xff" * 20, b"KH01" + b"\xff" * 16])
def test_garbage_from_a_peer_is_a_refusal(world: Any, path: str, body: bytes) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2))
    world.wire.twist = lambda url, answer: msgspec.structs.replace(answer, body=body) if path in url else answer
    with pytest.raises(KoupreyError):
        b.sync(a)
    assert b.got == [] and b.federation.links.get_link(a.party).error
    world.wire.twist = lambda url, answer: answer
    assert b.sync(a) == 3
