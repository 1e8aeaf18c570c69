"""Idle connections, endless heads and stalled readers against a real server; honest requests go through meanwhile."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from kouprey.kernel.web.patience import patient

ASK = b"GET / HTTP/1.1\r\nHost: cert.example\r\n"
LARGE = b"x" * (8 << 20)


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body"):
        pass
    body = LARGE if scope["path"] == "/large" else b"well"
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": body})


@contextlib.contextmanager
def serving(**limits: float) -> Iterator[int]:
    config = uvicorn.Config(app, port=0, http=patient(**limits), lifespan="off", log_config=None, log_level="critical")
    config.timeout_keep_alive = 1
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(timeout=10)


@contextlib.contextmanager
def connected(port: int, sent: bytes = b"") -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(sent)
        yield connection


def answer(connection: socket.socket) -> bytes:
    """What comes, up to 64 KiB; b"" when the other side has closed."""
    try:
        return connection.recv(65_536)
    except ConnectionError:
        return b""


def ask(port: int) -> bytes:
    with connected(port, ASK + b"Connection: close\r\n\r\n") as connection:
        return answer(connection).split(b"\r\n")[0]


@pytest.mark.parametrize("sent", [b"", b"\r\n", b"GET / HT", ASK, ASK + b"\r\n" + b"GET /again HTTP/1.1\r\n"])
def test_who_does_not_say_what_he_wants_is_closed(sent: bytes) -> None:
    with serving(head_seconds=0.2) as port, connected(port, sent) as connection:
        while answer(connection):
            pass
        assert ask(port) == b"HTTP/1.1 200 OK"


@pytest.mark.parametrize("sent", [b"\r\n", b"G", ASK])
def test_nor_may_he_begin_again_and_not_end(sent: bytes) -> None:
    with serving(head_seconds=0.2) as port, connected(port, ASK + b"\r\n") as connection:
        assert answer(connection).startswith(b"HTTP/1.1 200")
        connection.sendall(sent)
        assert answer(connection) == b""


def test_a_body_may_take_its_time() -> None:
    with serving(head_seconds=0.2) as port:
        head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n"
        with connected(port, head) as connection:
            time.sleep(0.5)
            connection.sendall(b"abc")
            assert answer(connection).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /" + b"a" * 5_000,
        ASK + b"X: " + b"a" * 5_000,
        ASK + b"".join(b"X%d: a\r\n" % number for number in range(2_000)) + b"\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"X: abcdefgh\r\n" * 2_000 + b"\r\n",
    ],
    ids=["line", "field", "fields", "trailers"],
)
def test_a_head_without_end_is_refused(sent: bytes) -> None:
    with serving(head_bytes=4_096) as port:
        with connected(port, sent) as connection:
            assert answer(connection).startswith(b"HTTP/1.1 400")
        assert ask(port) == b"HTTP/1.1 200 OK"


def test_those_who_wait_longest_make_room() -> None:
    with serving(most_waiting=20, head_seconds=60) as port, contextlib.ExitStack() as stack:
        idle = [stack.enter_context(connected(port)) for _ in range(60)]
        assert ask(port) == b"HTTP/1.1 200 OK"
        assert answer(idle[0]) == b"", "the first has been closed"
        idle[-1].sendall(ASK + b"\r\n")
        assert answer(idle[-1]).startswith(b"HTTP/1.1 200"), "the last has not"


def test_a_reader_that_stalls_is_cut_and_a_slow_one_is_not() -> None:
    wanted = ASK.replace(b"/ ", b"/large ") + b"\r\n"
    with serving(drain_seconds=0.3) as port, connected(port, wanted) as stalled, connected(port, wanted) as slow:
        seen = 0
        while seen < len(LARGE):
            part = slow.recv(1 << 18)
            assert part, "it was reading all the time"
            seen += len(part)
            time.sleep(0.05)
        seen = 0
        while part := answer(stalled):
            seen += len(part)
        assert seen < len(LARGE)
