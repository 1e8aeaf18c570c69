"""The stream: what is new to a reader, nothing else, and nothing missed by whoever comes back."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from kouprey.exchange.api.streaming import News, Stream
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.streams import MOST_OF_ONE
from kouprey.kernel.words.time import SECOND
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Permission, Role

Desk = Any
"""What conftest builds."""

CANARY = "canary-7f3a"


def events(lines: Iterator[str]) -> Iterator[dict[str, str]]:
    """As the HTML standard reads a stream: fields of each block; `id` alone is kept too."""
    block: dict[str, str] = {}
    for line in lines:
        if not line:
            if block:
                yield block
            block = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            block[name] = f"{block[name]}\n{value}" if name == "data" and "data" in block else value


def test_what_is_new_comes_and_what_is_above_the_reader_never_does(desk: Desk) -> None:
    desk.keep(desk.indicator(1))
    headers = {"Authorization": f"Bearer {desk.secret(Role.FEED, TLP.GREEN)}"}
    with desk.served() as origin, httpx.stream("GET", f"{origin}/api/v1/stream", headers=headers, timeout=20) as answer:
        told = events(answer.iter_lines())
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert next(told)["id"].isdigit()
        desk.keep(desk.indicator(2, name=CANARY), tlp=TLP.AMBER)
        desk.keep(desk.indicator(3, name="two\nlines"))
        event = next(told)
        data = json.loads(event["data"])
        assert (event["event"], data["id"]) == ("object", desk.indicator(3)["id"])
        assert data["object"]["name"] == "two\nlines" and CANARY not in str(event)


def test_a_body_of_several_lines_is_put_together_again(desk: Desk) -> None:
    client = desk.client()
    raw = json.dumps(desk.indicator(1), indent=2).replace("\n", "\r\n").encode()
    client.post("/objects", content=raw, headers={"Content-Type": "application/json"})
    headers = {"Authorization": f"Bearer {desk.secret(Role.FEED)}"}
    url = "/api/v1/stream?since=2026-01-01T00:00:00Z"
    with desk.served() as origin, httpx.stream("GET", f"{origin}{url}", headers=headers, timeout=20) as answer:
        told = events(answer.iter_lines())
        next(told)
        assert json.loads(next(told)["data"])["object"] == desk.indicator(1)


def test_whoever_comes_back_misses_nothing_though_killed_and_widened_in_between(desk: Desk) -> None:
    """A reader in a process of its own is killed again and again while four writers write and a clearance grows."""
    token, secret = desk.people.create_token("cert.example", Role.FEED, TLP.GREEN, by="test")
    numbers = list(range(1, 121))
    script = (
        "import sys, httpx\n"
        "url, secret, last = sys.argv[1:]\n"
        "headers = {'Authorization': 'Bearer ' + secret, 'Last-Event-ID': last}\n"
        "with httpx.stream('GET', url, headers=headers, timeout=60) as answer:\n"
        "    for line in answer.iter_lines():\n"
        "        print(line, flush=True)\n"
    )

    def write(mine: list[int]) -> None:
        for number in mine:
            desk.keep(desk.indicator(number), tlp=TLP.AMBER if number % 3 == 0 else TLP.GREEN)
            time.sleep(0.01)

    seen: set[str] = set()
    wanted = {desk.indicator(number)["id"] for number in numbers}
    last, kills = "1", 0
    with desk.served() as origin:
        writers = [threading.Thread(target=write, args=(numbers[part::4],)) for part in range(4)]
        for writer in writers:
            writer.start()
        until = time.monotonic() + 60
        while seen != wanted and time.monotonic() < until:
            command = [sys.executable, "-c", script, f"{origin}/api/v1/stream", secret, last]
            reader = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            assert reader.stdout is not None
            taken = 0
            for event in events(line.rstrip("\n") for line in reader.stdout):
                last = event.get("id", last)
                if event.get("event") == "object":
                    seen.add(json.loads(event["data"])["id"])
                    taken += 1
                if seen == wanted or (kills < 4 and taken >= 15):
                    break
            reader.kill()
            reader.stdout.close()
            reader.wait()
            kills += 1
            if kills == 2:
                desk.people.change_token(token.user, clearance=TLP.AMBER, by="test")
            desk.settle()
        for writer in writers:
            writer.join()
    assert seen == wanted and kills >= 3


def test_a_token_that_ends_ends_its_stream(desk: Desk) -> None:
    token, secret = desk.people.create_token("cert.example", Role.FEED, TLP.GREEN, by="test")
    headers = {"Authorization": f"Bearer {secret}"}
    with desk.served() as origin, httpx.stream("GET", f"{origin}/api/v1/stream", headers=headers, timeout=20) as answer:
        told = events(answer.iter_lines())
        next(told)
        desk.people.change_token(token.user, active=False, by="test")
        desk.keep(desk.indicator(1))
        event = next(told)
        assert event["event"] == "end" and json.loads(event["data"]) == {
            "code": "unidentified",
            "detail": "Whoever asked may not read here any more.",
            "again": False,
        }
        assert next(told, None) is None


def test_a_session_that_has_to_show_a_second_factor_ends_its_stream(desk: Desk) -> None:
    desk.people.demand_second_factor(frozenset({Role.ADMINISTRATOR}))
    person = desk.people.save_person("Bopha", (Role.ANALYST,), TLP.GREEN, by="test")
    cookie, _ = desk.people.sign_in(desk.people.make_sign_in_link(person, by="test"))
    headers = {"Cookie": f"{desk.app.site.sessions.cookie}={cookie}"}
    with desk.served() as origin, httpx.stream("GET", f"{origin}/api/v1/stream", headers=headers, timeout=20) as answer:
        told = events(answer.iter_lines())
        next(told)
        desk.people.save_person("Bopha", (Role.ANALYST, Role.ADMINISTRATOR), TLP.GREEN, by="test")
        desk.keep(desk.indicator(1))
        event = next(told)
        assert event["event"] == "end" and json.loads(event["data"])["code"] == "unidentified"


def test_a_revoked_delegation_ends_its_stream(desk: Desk) -> None:
    desk.agree()
    token, secret = desk.people.create_token("cert.example", Role.FEED, TLP.RED, by="test")
    now = desk.people._clock()
    bounds = {"starts": now, "ends": now + 3600 * SECOND, "because": "Minutes 7", "granter": None}
    held = desk.people.record_delegation(desk.partner_id, token.user, [Permission.READ], TLP.RED, **bounds)
    dara = desk.people.save_person("Dara", (Role.ADMINISTRATOR,), TLP.RED, by="test")
    desk.people.confirm_delegation(held.id, granter=dara)
    headers = {"Authorization": f"Bearer {secret}", "X-Acting-For": desk.partner_id}
    with desk.served() as origin, httpx.stream("GET", f"{origin}/api/v1/stream", headers=headers, timeout=20) as answer:
        told = events(answer.iter_lines())
        next(told)
        desk.keep(desk.indicator(1, name=CANARY), tlp=TLP.AMBER)
        desk.keep(desk.indicator(2), tlp=TLP.GREEN)
        event = next(told)
        assert json.loads(event["data"])["id"] == desk.indicator(2)["id"] and CANARY not in str(event)
        desk.people.revoke_delegation(held.id, by="test")
        desk.keep(desk.indicator(3), tlp=TLP.GREEN)
        event = next(told)
        told_why = json.loads(event["data"])
        assert (event["event"], told_why["code"], told_why["again"]) == ("end", "not-delegated", False)


def test_a_node_that_stops_says_so(desk: Desk) -> None:
    headers = {"Authorization": f"Bearer {desk.secret(Role.FEED)}"}
    said: list[dict[str, str]] = []
    begun = threading.Event()

    def read(origin: str) -> None:
        with httpx.stream("GET", f"{origin}/api/v1/stream", headers=headers, timeout=20) as answer:
            for event in events(answer.iter_lines()):
                said.append(event)
                begun.set()

    with desk.served() as origin:
        reader = threading.Thread(target=read, args=(origin,))
        reader.start()
        assert begun.wait(10)
    reader.join(10)
    assert json.loads(said[-1]["data"])["code"] == "stopping"


def test_streams_of_one_reader_are_counted_and_bad_beginnings_refused(desk: Desk) -> None:
    secret = desk.secret(Role.FEED)
    headers = {"Authorization": f"Bearer {secret}"}
    client = desk.client(Role.FEED)
    bad = client.get("/stream", headers={"Last-Event-ID": "x"}).json()
    assert (bad["code"], bad["field"]) == ("bad-field", "Last-Event-ID")
    assert client.get("/stream?collection=none").json()["code"] == "unknown-collection"
    with desk.served() as origin:
        url = f"{origin}/api/v1/stream"
        held = []
        for _ in range(MOST_OF_ONE):
            context = httpx.stream("GET", url, headers=headers, timeout=20)
            pieces = context.__enter__().iter_raw()
            next(pieces)
            # Without the iterator the stream would be closed.
            held.append((context, pieces))
        with httpx.stream("GET", url, headers=headers, timeout=20) as refused:
            assert refused.status_code == 429
            assert json.loads(refused.read())["code"] == "too-many-streams"
        for context, _ in held:
            context.__exit__(None, None, None)
        other = {"Authorization": f"Bearer {desk.secret(Role.FEED)}"}
        with httpx.stream("GET", url, headers=other, timeout=20) as answer:
            assert answer.status_code == 200


@pytest.mark.parametrize("bodies", [True, False])
def test_bodies_are_sent_or_left_out(desk: Desk, bodies: bool) -> None:
    desk.keep(desk.indicator(1))
    headers = {"Authorization": f"Bearer {desk.secret(Role.FEED)}"}
    url = f"/api/v1/stream?since=2026-01-01T00:00:00Z&bodies={str(bodies).lower()}"
    with desk.served() as origin, httpx.stream("GET", f"{origin}{url}", headers=headers, timeout=20) as answer:
        told = events(answer.iter_lines())
        next(told)
        assert ("object" in json.loads(next(told)["data"])) is bodies


def alone(told: Coroutine[Any, Any, Any]) -> Any:
    """Run in a thread: another loop may run in this one, of whoever drives a browser in this process."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, told).result()


async def pieces(desk: Desk, stream: Stream, rest: float, count: int) -> list[bytes]:
    """The first pieces of a stream whose reader rests between them."""
    secret = desk.secret(Role.FEED)
    (door,) = [door for door in desk.app.doors if door.path == "/api/v1/stream"]
    headers = [(b"authorization", f"Bearer {secret}".encode())]
    scope = {"type": "http", "method": "GET", "path": door.path, "headers": headers, "query_string": b""}
    request = Request({**scope, "kouprey.site": desk.app.site})
    request.door, request.identity = door, desk.app.site.authenticate(request)
    response = await stream.open(request, News(since="2026-01-01T00:00:00Z"))
    found: list[bytes] = []
    async for piece in response.body_iterator:  # type: ignore[attr-defined]  # a streaming response
        found.append(piece)
        if len(found) >= count:
            break
        await asyncio.sleep(rest)
    await response.body_iterator.aclose()  # type: ignore[attr-defined]  # a streaming response
    return found


def test_a_reader_that_is_too_slow_is_told_so_and_cut(desk: Desk) -> None:
    desk.keep(desk.indicator(1))
    found = alone(pieces(desk, Stream(desk.exchange, slow=0.05), 0.1, 9))
    assert found[1].startswith(b"event: object\n") and found[2].startswith(b"event: end\n")
    assert b'"code":"too-slow"' in found[2] and b'"again":true' in found[2] and len(found) == 3


def test_a_stream_without_news_says_that_it_lives(desk: Desk) -> None:
    found = alone(pieces(desk, Stream(desk.exchange, look=0.01, beat=0.02), 0.0, 3))
    assert found[1:] == [b": beat\n\n"] * 2
