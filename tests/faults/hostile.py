"""A hostile peer: a program with a card we trust and real keys, which asks and answers whatever it likes."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

from federation.conftest import Actor
from inprocess import AppClient
from kouprey.federation.model import EntryHeader, ReasonCode
from kouprey.federation.wire import link
from kouprey.kernel.net.fetch import Answer
from kouprey.kernel.seal.checkpoint import Checkpoint, sign_checkpoint
from kouprey.kernel.seal.httpsig import sign_request
from kouprey.kernel.seal.keys import SigningKey
from kouprey.kernel.seal.notes import SignatureLine
from kouprey.kernel.words.time import SECOND, wall_clock

Twist = Callable[[str, Answer], Answer]


class Mallory(Actor):
    """The peer's own node, real to the last byte, behind a server that changes what it answers."""

    address = ("127.0.0.1", 0)
    twist: Twist = staticmethod(lambda path, answer: answer)  # type: ignore[assignment]  # replaced by each attack
    asked: list[str]

    @property
    def origin(self) -> str:
        return f"http://{self.address[0]}:{self.address[1]}"

    def serve(self) -> None:
        mallory, lock = self, threading.Lock()
        self.asked = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                mallory.asked.append(self.path)
                with lock:
                    plain = mallory.plain(self.command, self.path, dict(self.headers.items()), body)
                told = mallory.twist(self.path, plain)
                if told.status == 0:
                    mallory.drip(self)
                    return
                self.send_response(told.status)
                for name, value in told.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(told.body)))
                self.end_headers()
                try:
                    self.wfile.write(told.body)
                except OSError:
                    self.close_connection = True

            do_GET = do_POST = answer

            def log_message(self, *_: Any) -> None:
                """Nobody reads it."""

        self.server = ThreadingHTTPServer(self.address, Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def drip(self, handler: BaseHTTPRequestHandler) -> None:
        """One byte a second, for as long as somebody listens."""
        try:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
            while True:
                handler.wfile.write(b"x")
                handler.wfile.flush()
                time.sleep(1)
        except OSError:
            handler.close_connection = True

    def plain(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """What an honest node of the same data would say."""
        client = AppClient(self.app, base_url=self.origin)
        answer = client.request(method, self.origin + path, headers=headers, content=body)
        return Answer(answer.status_code, {"content-type": answer.headers.get("content-type", "")}, answer.content, "")

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    # as somebody who asks

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        at: str,
        key: SigningKey | None = None,
        key_id: str = "",
        skew: int = 0,
        change: Callable[[dict[str, str]], dict[str, str]] = dict,
        instead: bytes | None = None,
    ) -> tuple[int, str]:
        """One signed request to the node at `at`, changed after it was signed; status and reason code."""
        url = f"http://{at}{path}"
        name = key_id or f"{self.party}/node"
        headers = sign_request(method, url, {}, body, name, key or self.ring.node, wall_clock() + skew * SECOND)
        return send(at, method, path, change(headers), body if instead is None else instead)


def send(at: str, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str]:
    """Exactly this request; its status, and the reason code of a refusal."""
    connection = http.client.HTTPConnection(at, timeout=60)
    try:
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        text = answer.read()
    finally:
        connection.close()
    if answer.status < 400:
        return answer.status, ""
    code = link.read_problem(text).code
    assert code in set(ReasonCode), f"a refusal without a reason of the list: {answer.status} {text[:200]!r}"
    return answer.status, code


def slow_connections(at: str, count: int) -> list[socket.socket]:
    """Connections that have begun a request and will never end it."""
    host, _, port = at.partition(":")
    opened = []
    for _ in range(count):
        one = socket.create_connection((host, int(port)), timeout=10)
        one.sendall(b"POST /link/v1/hint HTTP/1.1\r\nhost: " + at.encode() + b"\r\ncontent-length: 100\r\n\r\n{")
        opened.append(one)
    return opened


def without(covered: str) -> Callable[[dict[str, str]], dict[str, str]]:
    """The request as signed by somebody who covers less: the parameters say so, and the signature stays."""

    def change(headers: dict[str, str]) -> dict[str, str]:
        made = dict(headers)
        before = made["Signature-Input"]
        inside = before[before.index("(") : before.index(")") + 1]
        made["Signature-Input"] = before.replace(inside, covered)
        return made

    return change


def with_algorithm(name: str) -> Callable[[dict[str, str]], dict[str, str]]:
    """The request, its signature said to be of another algorithm."""
    return lambda headers: {**headers, "Signature-Input": headers["Signature-Input"].replace("ed25519", name)}


# twists: what an answer becomes


def reheaded(change: Callable[[Any], Any]) -> Twist:
    """Headers answers, read and changed."""

    def twist(path: str, answer: Answer) -> Answer:
        if "/headers" not in path or answer.status != 200:
            return answer
        page = link.read_headers_answer(answer.body)
        return replaced(answer, link.render_headers_answer(change(page)))

    return twist


def noted(change: Callable[[bytes], bytes]) -> Twist:
    """The checkpoint in headers answers is another one."""
    return reheaded(lambda page: msgspec.structs.replace(page, checkpoint=change(page.checkpoint)))


def bodied(change: Callable[[list[Any]], list[Any]]) -> Twist:
    """Body frames, read and changed."""

    def twist(path: str, answer: Answer) -> Answer:
        if not path.endswith("/bodies") or answer.status != 200:
            return answer
        frames = change(list(link.read_frames(answer.body)))
        return replaced(answer, b"".join(map(link.render_frame, frames)))

    return twist


def listed(change: Callable[[dict[str, Any]], None]) -> Twist:
    """The list of lanes says something else of each lane."""

    def twist(path: str, answer: Answer) -> Answer:
        if not path.endswith("/lanes") or answer.status != 200:
            return answer
        said = msgspec.json.decode(answer.body)
        for each in said["lanes"]:
            change(each)
        return replaced(answer, msgspec.json.encode(said))

    return twist


def instead(part: str, body: bytes, status: int = 200, **headers: str) -> Twist:
    """Something else altogether where `part` is asked for."""
    return lambda path, answer: Answer(status, headers, body, "") if part in path else answer


def replaced(answer: Answer, body: bytes) -> Answer:
    return Answer(answer.status, answer.headers, body, answer.url)


def many_lines(note: bytes) -> bytes:
    """The note with seventeen more signature lines, each of a key nobody knows."""
    text = note[: note.rindex(b"\n\n") + 1]
    lines = []
    for _ in range(17):
        key = SigningKey.generate()
        made = sign_checkpoint(Checkpoint.parse(text), key)
        lines.append(made[made.rindex(b"\n\n") + 2 :])
    return note + b"".join(lines)


def other_algorithm(note: bytes) -> bytes:
    """The author's line, said to be of signature type 0x06."""
    head, last = note[: note.rindex(b"\n\n") + 2], note[note.rindex(b"\n\n") + 2 :]
    line = SignatureLine.parse(last.rstrip(b"\n"))
    changed = SignatureLine(line.name, bytes([line.hash[0] ^ 6, *line.hash[1:]]), line.signature)
    return head + changed.to_bytes() + (b"" if changed.to_bytes().endswith(b"\n") else b"\n")


def heavy(header: EntryHeader) -> bytes:
    """A header that promises a body of two gigabytes."""
    raw = bytearray(header.to_bytes())
    raw[16:20] = (1 << 31).to_bytes(4, "big")
    return bytes(raw)
