"""The Link API: what opens its doors, what a hostile peer gets, and that the real network behaves the same."""

from __future__ import annotations

import socket
import threading
import time
from io import BytesIO
from typing import Any

import msgspec
import pytest
import uvicorn

from kouprey.federation.model import CARD_MEDIA_TYPE, ReasonCode
from kouprey.federation.wire import link
from kouprey.kernel.net.fetch import Answer, Fetcher
from kouprey.kernel.seal.httpsig import sign_request
from kouprey.kernel.seal.keys import SigningKey
from kouprey.kernel.words.time import SECOND, wall_clock


def contents(count: int, mark: str = "o") -> list[bytes]:
    return [f'{{"mark":"{mark}-{number}"}}'.encode() for number in range(count)]


def ask(
    world: Any,
    asker: Any,
    asked: Any,
    method: str,
    path: str,
    body: bytes = b"",
    *,
    key: SigningKey | None = None,
    key_id: str = "",
    url: str = "",
    skew: int = 0,
) -> Answer:
    """One request, signed as wanted."""
    signed = url or asked.origin + path
    name = key_id or f"{asker.party}/node"
    headers = sign_request(method, signed, {}, body, name, key or asker.ring.node, wall_clock() + skew * SECOND)
    return world.wire.send(method, asked.origin + path, headers, body)


def code(answer: Answer) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer
    problem = msgspec.json.decode(answer.body)
    assert set(problem) <= {"type", "title", "status", "code", "detail", "size"}
    assert problem["code"] in set(ReasonCode)
    return answer.status, problem["code"]


@pytest.fixture
def served(world: Any) -> tuple[Any, Any, Any, str]:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(3))
    return world, a, b, a.own_lanes()[0].tag


def test_the_card_is_public_and_proves_itself(served: Any) -> None:
    world, a, *_ = served
    answer = world.wire.send("GET", f"{a.origin}/link/v1/card", {}, b"")
    assert (answer.status, answer.body) == (200, a.people.home().note)
    assert answer.headers["content-type"] == "application/vnd.kouprey.card"


def test_every_other_door_needs_a_signature(served: Any) -> None:
    world, a, _, tag = served
    doors = [
        ("GET", "/link/v1/lanes"),
        ("GET", f"/link/v1/{tag}/checkpoint"),
        ("GET", f"/link/v1/{tag}/headers?from=0"),
        ("POST", f"/link/v1/{tag}/bodies"),
        ("POST", f"/link/v1/{tag}/receipt"),
        ("POST", "/link/v1/hint"),
        ("POST", "/link/v1/notes"),
        ("POST", "/link/v1/parcel"),
    ]
    for method, path in doors:
        assert code(world.wire.send(method, a.origin + path, {}, b"")) == (401, "unsigned"), path


def test_the_doors_open_to_a_peer(served: Any) -> None:
    world, a, b, tag = served
    lanes = link.read_lanes(ask(world, b, a, "GET", "/link/v1/lanes").body).lanes
    assert [(lane.tag, lane.size, lane.author) for lane in lanes] == [(tag, 4, a.party)]
    page = link.read_headers_answer(ask(world, b, a, "GET", f"/link/v1/{tag}/headers?from=1").body)
    assert (page.start, len(page.headers), len(page.frontier)) == (1, 3, 1)
    request = link.render_json(link.BodiesRequest(ranges=((0, 2), (3, 4))))  # type: ignore[arg-type]  # as JSON
    frames = list(link.read_frames(ask(world, b, a, "POST", f"/link/v1/{tag}/bodies", request).body))
    assert [frame.index for frame in frames] == [0, 1, 3]
    assert ask(world, b, a, "GET", f"/link/v1/{tag}/checkpoint").body.startswith(b"kouprey/1/")
    assert ask(world, b, a, "POST", "/link/v1/hint", b'{"lanes":[]}').status == 202


def test_signatures_that_do_not_hold(served: Any) -> None:
    world, a, b, _ = served
    path = "/link/v1/lanes"
    stranger = SigningKey.generate()
    assert code(ask(world, b, a, "GET", path, key=stranger)) == (400, "bad-signature")
    assert code(ask(world, b, a, "GET", path, key_id="stranger.example/node", key=stranger)) == (401, "unknown-key")
    assert code(ask(world, b, a, "GET", path, key_id=f"{b.party}/receipt", key=b.ring.receipt)) == (401, "unknown-key")
    assert code(ask(world, b, a, "GET", path, key=b.ring.receipt)) == (400, "bad-signature")
    assert code(ask(world, a, a, "GET", path)) == (401, "unknown-key")
    assert code(ask(world, b, a, "GET", path, url=a.origin + "/link/v1/card")) == (400, "bad-signature")
    assert code(ask(world, b, a, "GET", path, url="http://other.example" + path)) == (400, "bad-signature")
    assert code(ask(world, b, a, "GET", path + "?a=1", url=a.origin + path)) == (400, "bad-signature")
    assert code(ask(world, b, a, "GET", path, skew=-301)) == (400, "clock-skew")
    assert code(ask(world, b, a, "GET", path, skew=302)) == (400, "clock-skew")
    headers = sign_request(
        "POST", f"{a.origin}/link/v1/hint", {}, b'{"lanes":[]}', f"{b.party}/node", b.ring.node, wall_clock()
    )
    swapped = world.wire.send("POST", f"{a.origin}/link/v1/hint", headers, b'{"lanes":[ ]}')
    assert code(swapped) == (400, "bad-signature")


def test_a_replayed_request_is_refused_and_the_nonces_are_forgotten(served: Any) -> None:
    world, a, b, _ = served
    url = f"{a.origin}/link/v1/lanes"
    headers = sign_request("GET", url, {}, b"", f"{b.party}/node", b.ring.node, wall_clock())
    assert world.wire.send("GET", url, headers, b"").status == 200
    assert code(world.wire.send("GET", url, headers, b"")) == (400, "replayed")
    a.store.write(lambda tx: tx.execute("UPDATE request_nonce SET forget_after = 1"))
    ask(world, b, a, "GET", "/link/v1/lanes")
    with a.store.read() as reader:
        assert reader.value("SELECT count(*) FROM request_nonce") == 1


def test_a_foreign_host_is_refused(served: Any) -> None:
    world, a, b, _ = served
    url = f"{a.origin}/link/v1/lanes"
    headers = sign_request("GET", url, {}, b"", f"{b.party}/node", b.ring.node, wall_clock())
    assert world.wire.send("GET", url, {**headers, "host": "evil.example"}, b"").status == 403


def test_what_cannot_be_read_is_a_refusal_and_never_a_fault(served: Any) -> None:
    world, a, b, tag = served
    wrong = [
        ("GET", "/link/v1/" + "0" * 32 + "/checkpoint", b"", (404, "unknown-lane")),
        ("GET", "/link/v1/nonsense/checkpoint", b"", (400, "bad-request")),
        ("GET", f"/link/v1/{tag}/headers", b"", (400, "bad-range")),
        ("GET", f"/link/v1/{tag}/headers?from=-1", b"", (400, "bad-range")),
        ("GET", f"/link/v1/{tag}/headers?from=1&from=2", b"", (400, "bad-range")),
        ("GET", f"/link/v1/{tag}/headers?from=99999999999999999999", b"", (400, "bad-range")),
        ("GET", f"/link/v1/{tag}/headers?from=5", b"", (409, "bad-range")),
        ("GET", f"/link/v1/{tag}/headers?from=2&to=2", b"", (409, "bad-range")),
        ("POST", f"/link/v1/{tag}/bodies", b'{"ranges":[[0,99]]}', (409, "bad-range")),
        ("POST", f"/link/v1/{tag}/bodies", b'{"ranges":[[2,1]]}', (400, "bad-range")),
        ("POST", f"/link/v1/{tag}/bodies", b"\xff{", (400, "bad-request")),
        ("POST", f"/link/v1/{tag}/receipt", b'{"note":"x"}', (400, "bad-note")),
        ("POST", "/link/v1/hint", b"[]", (400, "bad-request")),
        ("POST", "/link/v1/notes", b"\0\0\0\1x", (400, "bad-note")),
        ("POST", "/link/v1/notes", b"\0\0\0", (400, "truncated")),
        ("POST", "/link/v1/notes", link.render_papers([link.Paper(CARD_MEDIA_TYPE, b"garbage")]), (409, "bad-note")),
        ("POST", "/link/v1/parcel", b"age-encryption.org/v1\n", (400, "cannot-open")),
        ("POST", "/link/v1/hint", b" " * (5 << 20), (413, "too-large")),
    ]  # fmt: skip
    for method, path, body, expected in wrong:
        assert code(ask(world, b, a, method, path, body)) == expected, (path, body[:30])


def test_a_stranger_to_the_lane_learns_nothing(served: Any) -> None:
    world, a, b, tag = served
    c = world.actor("neighbour.example")
    world.acquaint(a, c)
    assert link.read_lanes(ask(world, c, a, "GET", "/link/v1/lanes").body).lanes == ()
    real = ask(world, c, a, "GET", f"/link/v1/{tag}/headers?from=0")
    none = ask(world, c, a, "GET", f"/link/v1/{'0' * 32}/headers?from=0")
    assert real.body == none.body and real.status == none.status == 404
    b.sync(a)
    with b.store.read() as reader:
        receipt = reader.value("SELECT receipt FROM lane_receipt")
    assert code(ask(world, c, a, "POST", f"/link/v1/{tag}/receipt", receipt)) == (404, "unknown-lane")
    world.acquaint(b, c)
    # A replica is for its author, who may have lost it, and its headers for its other readers; c is neither.
    for asker, known in ((a, True), (c, False)):
        for path in ("headers?from=0", "checkpoint"):
            assert (ask(world, asker, b, "GET", f"/link/v1/{tag}/{path}").status == 200) is known
    assert b'"lanes":[]' in ask(world, c, b, "GET", "/link/v1/held").body
    assert tag.encode() in ask(world, a, b, "GET", "/link/v1/held").body
    assert b'"heads":[]' in ask(world, c, b, "GET", "/link/v1/heads").body
    # Papers of an agreement are for its parties; a neighbour gets the card that it has already.
    agreement = next(iter(a.agreements.standings())).encode()
    for asker, known in ((b, True), (c, False)):
        assert (agreement in ask(world, asker, a, "GET", "/link/v1/papers").body) is known
    assert code(ask(world, c, b, "POST", f"/link/v1/{tag}/evidence", b"{}"))[0] == 400


def test_a_paused_link_answers_nothing_and_loses_nothing(served: Any) -> None:
    world, a, b, tag = served
    a.federation.links.pause(b.party, paused=True, by="test")
    for path in ("/link/v1/lanes", f"/link/v1/{tag}/headers?from=0"):
        assert code(ask(world, b, a, "GET", path)) == (403, "suspended")
    a.federation.links.pause(b.party, paused=False, by="test")
    assert b.sync(a) == 4


def test_a_suspended_agreement_is_not_served(served: Any) -> None:
    world, a, b, tag = served
    (standing,) = a.agreements.standings().values()
    a.agreements.suspend(standing.agreement, suspended=True, by="test")
    assert link.read_lanes(ask(world, b, a, "GET", "/link/v1/lanes").body).lanes == ()
    for method, path, body in (
        ("GET", f"/link/v1/{tag}/checkpoint", b""),
        ("GET", f"/link/v1/{tag}/headers?from=0", b""),
        ("POST", f"/link/v1/{tag}/bodies", b'{"ranges":[[0,1]]}'),
    ):
        assert code(ask(world, b, a, method, path, body)) == (403, "suspended")


def test_before_the_barrier_only_the_authors_own_checkpoint_is_answered(served: Any) -> None:
    world, a, b, tag = served
    b.sync(a)
    a.lanes.ready = b.lanes.ready = False
    assert code(ask(world, b, a, "GET", "/link/v1/lanes")) == (503, "busy")
    assert code(ask(world, b, a, "GET", f"/link/v1/{tag}/headers?from=0")) == (503, "busy")
    assert ask(world, a, b, "GET", f"/link/v1/{tag}/checkpoint").status == 200


def test_a_parcel_can_be_uploaded(served: Any) -> None:
    world, a, b, _ = served
    parcel = BytesIO()
    a.federation.parcels.make(b.party, parcel, by="test")
    answer = ask(world, a, b, "POST", "/link/v1/parcel", parcel.getvalue())
    assert (answer.status, msgspec.json.decode(answer.body)) == (202, {"entries": 4, "receipts": 0, "problems": 0})
    assert b.got == contents(3)


def test_two_nodes_over_http_with_workers_and_hints(world: Any) -> None:
    a, b, agreement = world.pair()
    for actor in (a, b):
        actor.lanes.appended.append(actor.hint)
        actor.federation.links._caller._fetchers = {True: Fetcher(allow_private=True), False: Fetcher()}
    from kouprey.federation import api
    from kouprey.kernel.web.app import build_app

    def listen(actor: Any, port: int) -> None:
        from kouprey.kernel.web.site import Site

        site = Site(
            node_id="t", party=actor.party, party_name="", version="0", origins=(f"http://127.0.0.1:{port}",),
            sign=lambda data: data[:32].ljust(32),
        )  # fmt: skip
        actor.app = build_app(site, api.routes(actor.services))

    ports = []
    with socket.socket() as one, socket.socket() as two:
        for each in (one, two):
            each.bind(("127.0.0.1", 0))
            ports.append(each.getsockname()[1])
    for actor, port, other in ((a, ports[0], b), (b, ports[1], a)):
        listen(actor, port)
        other.federation.links.add(actor.party, f"http://127.0.0.1:{port}", allow_private=True, by="test")
    servers = [
        uvicorn.Server(uvicorn.Config(actor.app, host="127.0.0.1", port=port, log_level="warning"))
        for actor, port in ((a, ports[0]), (b, ports[1]))
    ]
    threads = [threading.Thread(target=server.run, daemon=True) for server in servers]
    for thread in threads:
        thread.start()
    try:
        wait_for(lambda: all(server.started for server in servers))
        a.federation.links._interval = b.federation.links._interval = 60.0
        a.federation.links.start()
        b.federation.links.start()
        wait_for(lambda: all(x.federation.links.list_links()[0].last_ok for x in (a, b)))
        begun = time.monotonic()
        a.publish(agreement, [*contents(1200), b"y" * 1_000_000])
        wait_for(lambda: len(b.got) == 1201)
        wait_for(lambda: a.federation.ledger.waiting() == 0)
        assert time.monotonic() - begun < 20, "a hint should have brought it long before the next turn"
    finally:
        for actor in (a, b):
            actor.federation.links.stop()
        for server in servers:
            server.should_exit = True
        for thread in threads:
            thread.join(timeout=10)


def wait_for(holds: Any, seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)
