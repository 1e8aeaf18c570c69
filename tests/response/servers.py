"""A real server on this machine that steps of playbooks call: it keeps what came, and answers what it is told to."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Server:
    """`came` are method, path, headers (small letters) and body of each; `slow` seconds go by before it answers."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.came: list[tuple[str, str, dict[str, str], bytes]] = []
        self.status = 201
        self.headers: dict[str, str] = {"content-type": "application/json"}
        self.body: bytes | None = b'{"ticket": 7}'
        self.slow = 0.0

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def base(self) -> str:
        return f"http://{self.host}"


@contextmanager
def serving() -> Iterator[Server]:
    """One that is closed at the end."""
    made: list[Server] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            server = made[0]
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            heads = {name.lower(): value for name, value in self.headers.items()}
            server.came.append((self.command, self.path, heads, body))
            time.sleep(server.slow)
            echo = " ".join(f"{name}={value}" for name, value in heads.items()).encode()
            told = echo if server.body is None else server.body
            self.send_response(server.status)
            for name, value in server.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        do_GET = do_POST = do_PUT = do_DELETE = answer  # names of the library

        def log_message(self, *_: Any) -> None:
            """Nothing is told."""

    served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.handle_error = lambda *_: None  # type: ignore[method-assign]  # whoever hangs up is part of the test
    made.append(Server(served.server_address[1]))
    threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield made[0]
    finally:
        served.shutdown()
        served.server_close()
