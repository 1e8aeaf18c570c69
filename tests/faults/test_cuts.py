"""Real nodes in network namespaces: cut one way, into a black hole, half open, and a line of 64 kbit/s."""

from __future__ import annotations

import ctypes
import http.client
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kouprey.exchange.service import Exchange
from kouprey.federation.service import Federation
from kouprey.kernel.words.errors import Unreachable
from kouprey.node import fiction
from kouprey.node.actors import Actor, wait_until
from kouprey.node.cuts import NetworkCut
from kouprey.node.fiction import CAST
from kouprey.node.story import Story

CLONE_NEWNET = 0x40000000
PATIENCE = 300.0
"""Seconds: more than the longest wait after failures, on a machine that does other things too."""


class Away(Actor):
    """A node in a namespace, asked how it is by a thread that goes there: a process each time would cost too much."""

    def start(self) -> float:
        begun = time.monotonic()
        try:
            return super().start()
        except Unreachable:
            # A busy machine: it is still starting.
            wait_until(f"{self.party} answers", self.is_ready, seconds=PATIENCE)
        return time.monotonic() - begun

    def health(self) -> dict[str, Any]:
        found: list[bytes] = []

        def ask() -> None:
            with Path(f"/var/run/netns/{self.prefix[3]}").open() as space:
                # This thread alone is elsewhere from now on, and ends there.
                if ctypes.CDLL(None, use_errno=True).setns(space.fileno(), CLONE_NEWNET):
                    return
            connection = http.client.HTTPConnection(self.address, timeout=5)
            try:
                connection.request("GET", "/healthz")
                found.append(connection.getresponse().read())
            except OSError:
                pass
            finally:
                connection.close()

        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
        try:
            return dict(json.loads(found[0])) if found else {}
        except ValueError:
            return {}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Three nodes, an agreement in force among all, each in a namespace of its own."""
    missing = NetworkCut.missing()
    if missing:
        pytest.skip(missing)
    network = NetworkCut("kpf")
    folder = tmp_path_factory.mktemp("cuts")
    try:
        actors = {
            cast.key: Away(
                cast=cast,
                folder=folder / cast.key,
                address=f"{address}:23550",
                url=f"http://{address}:23550",
                prefix=prefix,
                environment={"KOUPREY_LINK_INTERVAL": "1"},
            )
            for cast, (address, prefix) in zip(CAST, network.prepare(3), strict=True)
        }
        made = Story(actors)
        try:
            for chapter in made.chapters[:3]:
                made.play(chapter)
            yield made
        finally:
            made.stop()
    finally:
        network.clean()


def ip(actor: Actor, *words: str) -> None:
    """Change the network as this node sees it."""
    space = actor.prefix[3]
    subprocess.run(["ip", "netns", "exec", space, *words], check=True, capture_output=True)


def publish(story: Story, folder: Path, name: str, count: int = 1, size: int = 0) -> None:
    """The operator publishes something new for the two others."""
    things: list[dict[str, object]] = [
        {
            "type": "tool",
            "spec_version": "2.1",
            "id": fiction.stix_id("tool", f"{name} {n}"),
            "created": "2026-10-31T05:00:00.000Z",
            "modified": "2026-10-31T05:00:00.000Z",
            "name": f"{name} {n}",
            "description": "x" * size or "none",
            "object_marking_refs": ["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],
        }
        for n in range(count)
    ]
    file = folder / "tools.json"
    file.write_bytes(fiction.bundle(things))
    story.operator.command("import", str(file))
    story.operator.command("publish", "--agreement", story.agreement, *(str(thing["id"]) for thing in things))


def tools(actor: Actor) -> int:
    with actor.services() as services:
        exchange = services.get(Exchange)
        return int(exchange.counts(exchange.operator()).by_type.get("tool", 0))


def arrives(story: Story, actor: Actor) -> float:
    """Everything the operator has reaches this one, each thing once; the seconds it took."""
    due, begun = tools(story.operator), time.monotonic()
    wait_until(f"{actor.party} has all {due}", lambda: tools(actor) == due, seconds=PATIENCE, every=0.2)
    return time.monotonic() - begun


def address(actor: Actor) -> str:
    return actor.address.partition(":")[0]


def confirmed(story: Story) -> bool:
    return not story.waiting(story.operator)


@pytest.mark.parametrize("way", ["answers lost", "black hole", "link down"])
def test_a_cut_holds_up_nobody_else_and_heals(story: Story, tmp_path: Path, way: str) -> None:
    """The neighbour is away; the ministry gets what is new at once, and the neighbour gets it after healing."""
    operator, neighbour, ministry = story.operator, story.neighbour, story.ministry
    # One way only: what the operator sends to the neighbour vanishes, what the neighbour sends arrives.
    route = ("ip", "route", "add", "blackhole", f"{address(neighbour)}/32")
    cut, heal = {
        "answers lost": ((operator, *route), (operator, "ip", "route", "del", *route[3:])),
        "black hole": (
            (neighbour, "ip", "route", "add", "blackhole", f"{address(operator)}/32"),
            (neighbour, "ip", "route", "del", "blackhole", f"{address(operator)}/32"),
        ),
        "link down": (
            (neighbour, "ip", "link", "set", "eth0", "down"),
            (neighbour, "ip", "link", "set", "eth0", "up"),
        ),
    }[way]
    ip(*cut)
    try:
        publish(story, tmp_path, way, 5)
        assert arrives(story, ministry) < PATIENCE
        assert tools(neighbour) == tools(operator) - 5, "it was not cut off"
    finally:
        ip(*heal)
    arrives(story, neighbour)
    wait_until("all is confirmed", lambda: confirmed(story), seconds=PATIENCE)


def test_a_connection_that_is_half_open_is_given_up(story: Story, tmp_path: Path) -> None:
    """The line dies in the middle of a transfer, without a word: the neighbour begins anew, and nothing comes twice."""
    neighbour = story.neighbour
    ip(
        neighbour,
        "tc",
        "qdisc",
        "add",
        "dev",
        "eth0",
        "root",
        "tbf",
        "rate",
        "256kbit",
        "burst",
        "4kb",
        "latency",
        "4s",
    )
    try:
        publish(story, tmp_path, "half open", 30, 8_000)
        time.sleep(2)
        ip(neighbour, "ip", "route", "add", "blackhole", f"{address(story.operator)}/32")
        time.sleep(3)
        ip(neighbour, "ip", "route", "del", "blackhole", f"{address(story.operator)}/32")
    finally:
        ip(neighbour, "tc", "qdisc", "del", "dev", "eth0", "root")
    arrives(story, neighbour)
    arrives(story, story.ministry)
    with neighbour.services() as services:
        assert not services.get(Federation).ledger.list_quarantined()


def test_a_line_of_64_kbit_makes_progress(story: Story, tmp_path: Path) -> None:
    """Slow in both directions, as a satellite line is: some tens of kilobytes take seconds, and come."""
    line = ("tc", "qdisc", "add", "dev", "eth0", "root", "tbf", "rate", "64kbit", "burst", "2kb", "latency", "5s")
    ends = (story.neighbour, story.operator)
    for each in ends:
        ip(each, *line)
    try:
        publish(story, tmp_path, "slow", 10, 2_000)
        seconds = arrives(story, story.neighbour)
    finally:
        for each in ends:
            ip(each, "tc", "qdisc", "del", "dev", "eth0", "root")
    print(f"20 kB over 64 kbit/s: {seconds:.1f} s")
