"""A small server that answers as RT's documentation of REST 2.0 says (RT::REST2); a real RT was not run."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "1-14-0123456789abcdef"


class Tracker:
    """Tickets and what happened to them. `mode`: "up", "down" (answers 503), or "lost" (does it, and says nothing)."""

    def __init__(self) -> None:
        self.tickets: dict[int, dict[str, Any]] = {}
        self.history: dict[int, list[dict[str, Any]]] = {}
        self.mode = "up"
        self.bodies: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.port = 0
        self._number, self._transaction, self._clock = 4710, 90_000, 0
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def create(self, given: dict[str, Any]) -> int:
        self._number += 1
        self.tickets[self._number] = {"Status": "new", "Subject": given["Subject"], "Queue": given["Queue"]}
        self.history[self._number] = []
        self.happen(self._number, "Create")
        return self._number

    def happen(self, ticket: int, kind: str, **more: str) -> int:
        """Somebody there did something."""
        self._transaction += 1
        self._clock += 1
        made = {"Type": kind, "Field": "", "OldValue": "", "NewValue": "", "Data": "", "Creator": {"id": "sokha"}}
        self.history[ticket].append({**made, **more, "id": str(self._transaction), "type": "transaction"})
        self.tickets[ticket]["LastUpdated"] = f"2026-11-20T{self._clock // 60:02d}:{self._clock % 60:02d}:00Z"
        return self._transaction

    def set_status(self, ticket: int, status: str) -> None:
        """Somebody there moved it on."""
        before, self.tickets[ticket]["Status"] = self.tickets[ticket]["Status"], status
        self.happen(ticket, "Status", Field="Status", OldValue=before, NewValue=status)

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, Any]:
        parts = urlsplit(target)
        path, query = parts.path.removeprefix("/REST/2.0/"), parse_qs(parts.query)
        given = json.loads(body) if body else {}
        if body:
            self.bodies.append(given)
        if (method, path) == ("POST", "ticket"):
            if not given.get("Queue"):
                return 400, {"message": "Could not create ticket. Queue not set"}
            number = self.create(given)
            return 201, {"_url": f"{self.url}/REST/2.0/ticket/{number}", "type": "ticket", "id": str(number)}
        if (method, path) == ("GET", "tickets"):
            found = re.fullmatch(r"Queue = '([^']+)' AND Subject LIKE '([^']+)'", query["query"][0])
            assert found is not None, query
            hits = [
                {"id": str(number), "type": "ticket", "Subject": each["Subject"]}
                for number, each in self.tickets.items()
                if each["Queue"] == found[1] and found[2] in each["Subject"]
            ]
            return 200, {"count": len(hits), "total": len(hits), "page": 1, "per_page": 20, "items": hits}
        one = re.fullmatch(r"ticket/(\d+)(/comment|/history|)", path)
        if one is None or int(one[1]) not in self.tickets:
            return 404, {"message": "Not Found"}
        number = int(one[1])
        if (method, one[2]) == ("POST", "/comment"):
            if not given.get("Content") or not given.get("ContentType"):
                return 400, {"message": "Content is required"}
            self.happen(number, "Comment", Data=given.get("Subject") or "No Subject")
            return 201, ["Comments added"]
        if (method, one[2]) == ("GET", "/history"):
            return 200, self._page(number, target, query)
        if (method, one[2]) == ("GET", ""):
            return 200, {"id": number, "Type": "ticket", **self.tickets[number]}
        return 405, {"message": "Method Not Allowed"}

    def _page(self, number: int, target: str, query: dict[str, list[str]]) -> dict[str, Any]:
        page, per_page = int(query["page"][0]), min(int(query["per_page"][0]), 3)
        names = {"id", "type", *query["fields"][0].split(",")}
        every = self.history[number]
        items = every[(page - 1) * per_page : page * per_page]
        made: dict[str, Any] = {"count": len(items), "page": page, "per_page": per_page, "total": None}
        made["items"] = [{name: each[name] for name in names if name in each} for each in items]
        if page * per_page < len(every):
            made["next_page"] = f"{self.url}{target}&page={page + 1}"
        return made


@contextmanager
def running() -> Iterator[Tracker]:
    """A tracker that listens on loopback."""
    tracker = Tracker()

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            with tracker.lock:
                tracker.asked.append(f"{self.command} {urlsplit(self.path).path}")
                if tracker.mode == "down":
                    status, told = 503, {"message": "Service Unavailable"}
                elif self.headers.get("authorization") != f"token {TOKEN}":
                    status, told = 401, {"message": "Unauthorized"}
                else:
                    status, told = tracker.answer(self.command, self.path, body)
                if tracker.mode == "lost" and self.command == "POST":
                    self.close_connection = True
                    self.connection.close()
                    return
            raw = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = _do

        def log_message(self, *_: Any) -> None:
            """Nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    tracker.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield tracker
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
