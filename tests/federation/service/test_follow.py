"""Following a lane: page by page, in bounded memory, never in a circle."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import msgspec
import pytest

from kouprey.federation.service import follow
from kouprey.federation.wire import link
from kouprey.kernel.net.fetch import Answer
from kouprey.kernel.words.errors import KoupreyError


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


def test_less_is_asked_for_where_an_answer_is_slow_and_more_where_it_is_quick(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, [bytes([65 + number]) * 10_000 for number in range(40)])
    now = [0.0]
    monkeypatch.setattr(follow, "monotonic", lambda: now[0])
    sizes: list[int] = []
    took = iter([8.0, 8.0, 4.0, 1.0, 1.0, 1.0] + [1.0] * 40)

    def twist(url: str, answer: Answer) -> Answer:
        if url.endswith("/bodies"):
            sizes.append(len(answer.body))
            now[0] += next(took)
        return answer

    world.wire.twist = twist
    b.sync(a)
    assert len(b.got) == 40
    # The genesis and so many bodies as fit into 64, 32, 32, 32, 64 KiB, ...
    assert [size // 10_000 for size in sizes[:5]] == [6, 3, 3, 3, 6] and max(sizes) <= follow.ASK_MOST


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
