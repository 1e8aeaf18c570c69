"""Nothing is lost behind a poller: four writers, a server killed with -9, a clearance that widens in between."""

from __future__ import annotations

import itertools
import json
import signal
import socket
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from kouprey.kernel.words.tlp import STIX_MARKINGS, TLP
from kouprey.node.actors import Actor, wait_until
from kouprey.node.fiction import Cast
from kouprey.node.founding import found
from kouprey.people.model import Role
from kouprey.people.service import People

OBJECTS = "/taxii2/api/collections/main/objects/"
MEDIA_TYPE = "application/taxii+json;version=2.1"
LAST = "X-TAXII-Date-Added-Last"
MARKING = {level: stix_id for stix_id, level in STIX_MARKINGS.items()}
WRITERS, ENVELOPE = 4, 25
CAST = Cast("test", "cert.test.example", "Test CERT", "Dara", "liaison")
IDENTITY = "identity--6f1e0a5e-8a41-4c57-9d4e-3b7f6f6a2f10"


def client_of(origin: str, token: tuple[str, str]) -> httpx.Client:
    return httpx.Client(base_url=origin, auth=token, headers={"Accept": MEDIA_TYPE}, timeout=60)


class Writer(threading.Thread):
    """Sends envelopes one after the other, each again and again until it is acknowledged."""

    def __init__(self, client: httpx.Client, envelopes: list[list[dict[str, Any]]]) -> None:
        super().__init__(daemon=True)
        self.client, self.envelopes, self.done = client, envelopes, 0

    def run(self) -> None:
        for envelope in self.envelopes:
            body = json.dumps({"objects": envelope})
            while not self._sent(body):
                pass
            self.done += 1

    def _sent(self, body: str) -> bool:
        try:
            answer = self.client.post(OBJECTS, content=body, headers={"Content-Type": MEDIA_TYPE})
        except httpx.TransportError:
            return False
        return answer.status_code == 202 and answer.json()["failure_count"] == 0


class Poller(threading.Thread):
    """Polls with nothing but `added_after`."""

    def __init__(self, client: httpx.Client) -> None:
        super().__init__(daemon=True)
        self.client, self.seen, self.after = client, set[str](), "1970-01-01T00:00:00Z"
        self.ending = threading.Event()

    def run(self) -> None:
        while not self.ending.is_set():
            try:
                answer = self.client.get(OBJECTS, params={"added_after": self.after, "limit": "100"})
            except httpx.TransportError:
                continue
            if answer.status_code == 200:
                self.seen.update(each["id"] for each in answer.json().get("objects", []))
                self.after = answer.headers[LAST]


class Server(Actor):
    """One of several servers of a node: it is there when it answers, whether it is the one that signs or not."""

    def is_ready(self) -> bool:
        return bool(self.health())


def servers_of(folder: Path, databases: tuple[str, str]) -> list[Server]:
    """A node of its own: one server on SQLite, two on PostgreSQL."""
    addresses = []
    for _ in range(2 if databases[0] else 1):
        with socket.create_server(("127.0.0.1", 0)) as free:
            addresses.append(f"127.0.0.1:{free.getsockname()[1]}")
    settings = {"listen": addresses[0], "database": databases[0], "guard_database": databases[1]}
    found(folder, party=CAST.party, name=CAST.name, settings=settings, identity=IDENTITY, person="dara")
    return [
        Server(CAST, folder, address, f"http://{address}", environment={"KOUPREY_LISTEN": address})
        for address in addresses
    ]


@pytest.mark.parametrize("count", [2_000, pytest.param(20_000, marks=pytest.mark.long)])
def test_line_45_a_poller_misses_nothing(tmp_path: Path, databases: tuple[str, str], house: Any, count: int) -> None:
    servers = servers_of(tmp_path / "node", databases)
    with servers[0].services() as services:
        people = services.get(People)
        writing, polling = (
            people.create_token(CAST.party, role, level, by="op")
            for role, level in ((Role.CONTRIBUTOR, TLP.RED), (Role.FEED, TLP.GREEN))
        )
    # Every second object is above the poller's clearance until that widens.
    levels = itertools.cycle((TLP.GREEN, TLP.AMBER))
    things = [house.thing(number, object_marking_refs=[MARKING[next(levels)]]) for number in range(count)]
    envelopes = [things[begin : begin + ENVELOPE] for begin in range(0, count, ENVELOPE)]
    token = (writing[0].user, writing[1])
    writers = [
        Writer(client_of(servers[number % len(servers)].url, token), envelopes[number::WRITERS])
        for number in range(WRITERS)
    ]
    poller = Poller(client_of(servers[-1].url, (polling[0].user, polling[1])))

    def acknowledged(part: float) -> bool:
        return sum(writer.done for writer in writers) >= len(envelopes) * part

    try:
        for server in servers:
            server.start()
        for thread in (poller, *writers):
            thread.start()
        wait_until("a third is kept", lambda: acknowledged(1 / 3), seconds=600, every=0.01)
        servers[0].stop(signal.SIGKILL)
        servers[0].start()
        wait_until("half is kept", lambda: acknowledged(1 / 2), seconds=600, every=0.01)
        servers[0].command("token", "change", polling[0].user, "--clearance", "amber")
        for writer in writers:
            writer.join(600)
        wanted = {each["id"] for each in things}
        wait_until("the poller has seen everything", lambda: poller.seen >= wanted, seconds=120)
        assert poller.seen == wanted
    finally:
        poller.ending.set()
        for server in servers:
            server.stop()
