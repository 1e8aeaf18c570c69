"""A client of Kouprey's REST interface in one file: copy it or import it. It needs Python 3.11 and nothing else.

from kouprey_client import Kouprey

node = Kouprey("https://cert.example", secret)
node.sight("203.0.113.9")
for event in node.stream():
    print(event["id"])
"""

from __future__ import annotations

import json
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Iterable, Iterator
from http.client import HTTPException, HTTPResponse
from typing import Any


class Problem(Exception):
    """What the node says went wrong (RFC 9457): `status`, the stable `code`, and everything else in `told`."""

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(" ".join(str(told.get(name, "")) for name in ("title", "detail", "remedy")).strip())
        self.told = told
        self.status = int(told.get("status", 0))
        self.code = str(told.get("code", ""))


class Kouprey:
    """One node, as the token with this secret sees it.

    A deed carries a fresh key, and is sent again under the same one, at most `tries` times, when the node does not
    answer or says that it cannot just now: it is done once.
    """

    def __init__(
        self, url: str, secret: str, *, timeout: float = 60.0, tries: int = 3, context: ssl.SSLContext | None = None
    ) -> None:
        self._base = url.rstrip("/") + "/api/v1"
        self._secret = secret
        self._timeout = timeout
        self._tries = tries
        self._context = context

    def get(self, path: str, **query: Any) -> Any:
        """The answer of a GET; None where there is nothing."""
        return self._json("GET", path, query)

    def post(self, path: str, sent: Any = None, **query: Any) -> Any:
        """Do something."""
        return self._json("POST", path, query, json.dumps({} if sent is None else sent).encode())

    def patch(self, path: str, sent: Any) -> Any:
        """Change something."""
        return self._json("PATCH", path, {}, json.dumps(sent).encode())

    def delete(self, path: str, **query: Any) -> Any:
        """Remove something."""
        return self._json("DELETE", path, query)

    def search(self, words: str = "", **query: Any) -> Iterator[dict[str, Any]]:
        """Every object that fits, page by page: `type`, `tlp`, `source`, `collection`, `since`, `in_force`, ..."""
        cursor = ""
        while True:
            page = self.get("/objects", q=words, cursor=cursor, limit=1000, **query)
            yield from page["objects"]
            cursor = page["next"]
            if not cursor:
                return

    def look_up(self, values: Iterable[str]) -> Iterator[dict[str, Any]]:
        """Those of up to 100,000 values that are known, as they come."""
        body = json.dumps({"values": list(values)}).encode()
        with self._open("POST", "/values/lookup", {}, body) as answer:
            yield from map(json.loads, answer)

    def sight(self, value: str, **said: Any) -> Any:
        """Say that a value was seen: `count`, `first_seen`, `last_seen`, `note`."""
        return self.post("/sightings", {"value": value, **said})

    def add(self, objects: Iterable[dict[str, Any]], collection: str = "") -> Any:
        """Give objects; what became of each."""
        lines = "\n".join(json.dumps(each) for each in objects).encode()
        return self._json("POST", "/objects", {"collection": collection}, lines, "application/x-ndjson")

    def export(self, form: str = "ndjson", **query: Any) -> Iterator[bytes]:
        """The lines of everything that fits: `stix`, `ndjson`, `csv` or `values`."""
        with self._open("GET", "/export", {"format": form, **query}) as answer:
            yield from answer

    def stream(
        self, last: str = "", *, seen: Callable[[str], None] = lambda _: None, **query: Any
    ) -> Iterator[dict[str, Any]]:
        """What is new, for ever: the data of each event, from behind the event with the id `last` on.

        `seen` gets the id of an event after you have come back for the next one: keep it, and give it as `last` when
        you begin again, and nothing is missed. Ends with a Problem when the node says that coming back is no use.
        """
        pause = 1.0
        while True:
            try:
                with self._open("GET", "/stream", query, last=last, timeout=60.0) as answer:
                    for event in _events(answer):
                        pause = 1.0
                        told = json.loads(event.get("data", "null"))
                        if event.get("event") == "end" and not told["again"]:
                            raise Problem({"title": "The stream ended.", "status": 403, **told})
                        if event.get("event") == "object":
                            yield told
                        last = event.get("id", last)
                        seen(last)
            except (OSError, HTTPException) as error:
                if isinstance(error, urllib.error.HTTPError):
                    raise
            except Problem as problem:
                if problem.status not in (429, 503):
                    raise
            time.sleep(pause)
            pause = min(2 * pause, 60.0)

    def _json(self, method: str, path: str, query: dict[str, Any], body: bytes | None = None, kind: str = "") -> Any:
        with self._open(method, path, query, body, kind) as answer:
            raw = answer.read()
        return json.loads(raw) if raw else None

    def _open(
        self,
        method: str,
        path: str,
        query: dict[str, Any],
        body: bytes | None = None,
        kind: str = "",
        *,
        last: str = "",
        timeout: float = 0.0,
    ) -> HTTPResponse:
        told = urllib.parse.urlencode({name: _text(value) for name, value in query.items() if value}, doseq=True)
        request = urllib.request.Request(self._base + path + ("?" + told if told else ""), body, method=method)
        request.add_header("Authorization", f"Bearer {self._secret}")
        if body is not None:
            request.add_header("Content-Type", kind or "application/json")
        if method != "GET":
            request.add_header("Idempotency-Key", str(uuid.uuid4()))
        if last:
            request.add_header("Last-Event-ID", last)
        for tried in range(1, self._tries + 1):
            try:
                answer: HTTPResponse = urllib.request.urlopen(
                    request, timeout=timeout or self._timeout, context=self._context
                )
                return answer
            except urllib.error.HTTPError as error:
                problem = _problem(error)
                if tried == self._tries or not (problem.status == 503 or problem.code == "in-progress"):
                    raise problem from None
            except OSError:
                if tried == self._tries:
                    raise
            time.sleep(2.0**tried / 2)
        raise AssertionError("unreachable")


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return value


def _problem(error: urllib.error.HTTPError) -> Problem:
    with error:
        raw = error.read()
    try:
        told = json.loads(raw)
    except ValueError:
        told = None
    return Problem(told if isinstance(told, dict) else {"title": str(error), "status": error.code})


def _events(answer: Iterable[bytes]) -> Iterator[dict[str, str]]:
    """Blocks of a stream (HTML standard, "Server-sent events")."""
    block: dict[str, str] = {}
    for raw in answer:
        line = raw.decode().rstrip("\r\n")
        if not line:
            if block:
                yield block
            block = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            block[name] = f"{block[name]}\n{value}" if name == "data" and "data" in block else value
