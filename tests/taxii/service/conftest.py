"""Another TAXII server over real HTTP, which can have each fault that was seen in the field."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from kouprey.kernel.words.time import Instant, format_instant, parse_instant

MEDIA_TYPE = "application/taxii+json;version=2.1"
COLLECTION = "365fed99-08fa-4fdb-a6fd-8a9b8a3c2d11"
DAY = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z, when the first objects were filed there."""


class Upstream(ThreadingHTTPServer):
    """Holds (date, object) in the order in which they were filed. `faults` are words; the tests say what they do."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.held: list[tuple[Instant, Any]] = []
        self.faults: set[str] = set()
        self.asked: list[dict[str, str]] = []
        self.authorizations: set[str] = set()
        self.page_max = 1_000
        self.refuse: list[tuple[int, dict[str, str]]] = []
        self.digits = 6

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/api/"

    def file(self, *things: Any, at: Instant | None = None) -> None:
        """Objects filed now: one microsecond after the other, or all at one date."""
        for thing in things:
            last = max((date for date, _ in self.held), default=DAY)
            self.held.append((last + 1 if at is None else at, thing))

    def date(self, instant: Instant) -> str:
        text = format_instant(instant)
        return text if self.digits == 6 else f"{text[:20]}{text[20:26][: self.digits]}Z".replace(".Z", "Z")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Upstream
    objects: ClassVar[str] = f"/api/collections/{COLLECTION}/objects/"

    def do_GET(self) -> None:
        here = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(here.query).items()}
        upstream = self.server
        upstream.authorizations.add(self.headers.get("Authorization", ""))
        if upstream.refuse:
            status, headers = upstream.refuse.pop(0)
            self._answer(status, {"title": "Not now", "description": "Come again."}, headers)
        elif here.path == "/taxii2/":
            self._answer(200, {"title": "Up", "default": upstream.url, "api_roots": ["/other/", upstream.url]})
        elif here.path.endswith("/collections/"):
            listed = [{"id": COLLECTION, "title": "Main", "can_read": True, "can_write": False}]
            self._answer(200, {"collections": listed if here.path == "/api/collections/" else []})
        elif here.path == "/api/":
            self._answer(200, {"title": "root", "versions": [MEDIA_TYPE], "max_content_length": 1})
        elif here.path == self.objects:
            upstream.asked.append(query)
            self._page(query)
        else:
            self._answer(404, {"title": "No such collection"})

    def _page(self, query: dict[str, str]) -> None:
        upstream, faults = self.server, self.server.faults
        rows = list(upstream.held)
        if "unsorted" in faults:
            rows.reverse()
        elif "filed" not in faults:
            rows.sort(key=lambda row: row[0])
        if types := query.get("match[type]"):
            rows = [row for row in rows if row[1].get("type") in types.split(",")]
        after = parse_instant(query["added_after"]) if "added_after" in query else -1
        begin = 0
        if "next" in query:
            if "forgets" in faults and query["next"] != "0":
                faults.discard("forgets")
                self._answer(400, {"title": "Unknown next"})
                return
            after_text, _, number = query["next"].partition("/")
            after, begin = int(after_text), int(number)
        rows = [row for row in rows if row[0] > after]
        limit = min(int(query.get("limit", "1000")), upstream.page_max)
        page, more = rows[begin : begin + limit], len(rows) > begin + limit
        body: dict[str, Any] = {"more": more}
        if "empty more" in faults:
            body, page = {"more": True, "next": f"{len(upstream.asked)}/0"}, []
        elif page or "objects" in faults:
            body["objects"] = [thing for _, thing in page]
        if more and "no next" not in faults and "empty more" not in faults:
            body["next"] = "-1/0" if "circle" in faults else f"{after}/{begin + limit}"
        headers = {}
        if page and "no dates" not in faults:
            first, last = (page[0][0], page[-1][0]) if "one date" not in faults else (page[0][0],) * 2
            headers = {
                "X-TAXII-Date-Added-First": upstream.date(first),
                "X-TAXII-Date-Added-Last": upstream.date(last),
            }
        if "word" in faults:
            body["more"] = str(more).lower()
        self._answer(200, body, headers)

    def _answer(self, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
        faults = self.server.faults
        body = b"" if value is None else json.dumps(value).encode()
        sent = {"Content-Type": MEDIA_TYPE, **(headers or {})}
        if "json type" in faults:
            sent["Content-Type"] = "application/json; charset=utf-8"
        if "2.0" in faults:
            sent["Content-Type"] = "application/vnd.oasis.taxii+json; version=2.0"
        if "gzip" in faults:
            body, sent["Content-Encoding"] = gzip.compress(body), "gzip"
        if "bomb" in faults:
            body, sent["Content-Encoding"] = gzip.compress(b" " * (200 << 20), 9), "gzip"
        if "broken" in faults:
            body = body[: len(body) // 2]
        self.send_response(status)
        for name, text in {**sent, "Content-Length": str(len(body))}.items():
            self.send_header(name, text)
        self.end_headers()
        if "cut" in faults:
            faults.discard("cut")
            body = body[: len(body) // 2]
            self.close_connection = True
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing is said of it."""


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    server = Upstream()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def collection() -> str:
    return COLLECTION


@pytest.fixture
def things(house: Any) -> Callable[[int, int], list[Any]]:
    """Objects by number, from the first up to the last."""
    return lambda first, last: [house.thing(number) for number in range(first, last)]
