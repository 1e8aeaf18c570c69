"""Idle connections, endless heads, stalled readers and smuggled requests against a real server.

Honest requests go through meanwhile.
"""

from __future__ import annotations

import contextlib
import re
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


def answers(port: int, sent: bytes) -> list[bytes]:
    """The status of each answer until the server closes or rests."""
    with connected(port, sent) as connection:
        connection.settimeout(3)
        said = b""
        with contextlib.suppress(TimeoutError):
            while part := answer(connection):
                said += part
    return re.findall(rb"HTTP/1\.1 ([0-9]{3})", said)


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
    with serving(drain_seconds=1.5) as port, connected(port, wanted) as stalled, connected(port, wanted) as slow:
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


NEXT = b"GET /large HTTP/1.1\r\nHost: cert.example\r\n\r\n"
"""What is hidden in another request."""
LENGTH = b"Content-Length: %d\r\n" % len(NEXT)
CHUNKED = b"Transfer-Encoding: chunked\r\n"
END = b"0\r\n\r\n"
SMUGGLED = {
    "both, the chunks end first": (b"Content-Length: %d\r\n" % len(END + NEXT) + CHUNKED, END + NEXT),
    "both, the length ends first": (CHUNKED + b"Content-Length: 4\r\n", b"%x\r\n%b\r\n" % (len(NEXT), NEXT) + END),
    "two lengths": (b"Content-Length: 0\r\n" + LENGTH, NEXT),
    "a length twice": (LENGTH * 2, NEXT),
    "a list of lengths": (b"Content-Length: 0, %d\r\n" % len(NEXT), NEXT),
    "plus": (b"Content-Length: +%d\r\n" % len(NEXT), NEXT),
    "minus": (b"Content-Length: -1\r\n", NEXT),
    "hexadecimal": (b"Content-Length: 0x%x\r\n" % len(NEXT), NEXT),
    "no number": (b"Content-Length: \r\n", NEXT),
    "beyond 64 bits": (b"Content-Length: 18446744073709551617\r\n", NEXT),
    "blank before the colon": (b"Content-Length : %d\r\n" % len(NEXT), NEXT),
    "folded length": (b"X: a\r\n " + LENGTH, NEXT),
    "folded coding": (b"Transfer-Encoding:\r\n chunked\r\n", END + NEXT),
    "unknown coding": (b"Transfer-Encoding: xchunked\r\n", END + NEXT),
    "no coding": (b"Transfer-Encoding: identity\r\n", NEXT),
    "chunked first": (b"Transfer-Encoding: chunked, identity\r\n", END + NEXT),
    "a coding within": (b"Transfer-Encoding: gzip, chunked\r\n", END + NEXT),
    "two codings": (CHUNKED + b"Transfer-Encoding: identity\r\n", END + NEXT),
    "a coding behind a control": (b"Transfer-Encoding: \x0bchunked\r\nContent-Length: 0\r\n", END + NEXT),
    "a bare line feed": (b"X: a\n" + CHUNKED + b"Content-Length: 0\r\n", END + NEXT),
    "a bare carriage return": (b"X: a\r" + CHUNKED, NEXT),
    "a null": (b"X: a\0b\r\n", NEXT),
    "a null in a name": (b"X\0: a\r\n", NEXT),
    "a chunk in another notation": (CHUNKED, b"0x0\r\n\r\n" + NEXT),
    "a chunk beyond 64 bits": (CHUNKED, b"10000000000000000\r\n\r\n" + NEXT),
    "a chunk of less than nothing": (CHUNKED, b"-1\r\n\r\n" + NEXT),
    "a chunk without its end": (CHUNKED, b"1\r\naX" + END + NEXT),
    "a chunk ended otherwise": (CHUNKED, b"0\n\n" + NEXT),
    "an extension with a line feed": (CHUNKED, b"1;a\nb\r\na\r\n" + END + NEXT),
    "a second host": (b"Host: evil.example\r\n", NEXT),
}


@pytest.fixture(scope="module")
def open_port() -> Iterator[int]:
    with serving() as port:
        yield port


@pytest.mark.parametrize("case", SMUGGLED)
def test_a_request_that_can_be_read_in_two_ways_is_refused(open_port: int, case: str) -> None:
    fields, body = SMUGGLED[case]
    assert answers(open_port, b"POST / HTTP/1.1\r\nHost: cert.example\r\n" + fields + b"\r\n" + body) == [b"400"]


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\n\r\n" + NEXT,
        ASK.replace(b"\r\n", b"\n") + b"\n" + NEXT,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.9\r\nHost: cert.example\r\n\r\n" + NEXT,
        b"GET / x HTTP/1.1\r\nHost: cert.example\r\n\r\n" + NEXT,
    ],
    ids=["no host", "line feeds", "HTTP/2", "version", "blank in the path"],
)
def test_what_is_no_request_of_this_protocol_is_refused(open_port: int, sent: bytes) -> None:
    assert answers(open_port, sent) == [b"400"]


def test_bodies_in_chunks_with_further_fields_and_what_follows_are_taken(open_port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: cert.example\r\nTransfer-Encoding: Chunked\r\n\r\n"
    further = b"Host: evil.example\r\n"
    asked = head + b"1\r\na\r\n0\r\n" + further + b"\r\n" + ASK + b"Connection: close\r\n\r\n"
    assert answers(open_port, asked) == [b"200", b"200"]
    assert answers(open_port, b"GET / HTTP/1.0\r\n\r\n") == [b"200"], "HTTP/1.0 knew no host"
