"""A node is killed with -9 again and again while it pulls from another: what it confirmed it holds, and all arrives."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import psycopg
import pytest

from kouprey.exchange.service import Exchange
from kouprey.federation.service import Federation
from kouprey.node import fiction
from kouprey.node.actors import Actor, wait_until
from kouprey.node.story import Story

Actors = Callable[..., dict[str, Actor]]


@pytest.mark.parametrize(
    ("engine", "kills", "each"),
    [
        ("sqlite", 2, 200),
        pytest.param("sqlite", 200, 300, marks=pytest.mark.long),
        pytest.param("postgres", 200, 300, marks=pytest.mark.long),
    ],
)
def test_killed_while_it_pulls(
    request: pytest.FixtureRequest, loopback_actors: Actors, tmp_path: Path, engine: str, kills: int, each: int
) -> None:
    databases = (request.getfixturevalue("fresh_postgres"),) if engine == "postgres" else ()
    story = Story(loopback_actors(*databases))
    operator, ministry = story.operator, story.ministry
    dice = random.Random(kills)
    confirmed = midway = 0
    try:
        for chapter in story.chapters[:3]:
            story.play(chapter)
        story.neighbour.stop()
        ministry.stop()
        for life in range(kills):
            publish(story, tmp_path, life, each)
            before = received(ministry)
            live_and_die(ministry, dice)
            midway += received(ministry) > before
            now = confirmations(operator, ministry.party)
            assert confirmed <= now <= received(ministry), "it confirmed what it does not hold"
            confirmed = now
        ministry.start()
        wait_until("all is confirmed", lambda: not behind(story), seconds=300)
    finally:
        story.stop()
    with ministry.services() as services:
        exchange = services.get(Exchange)
        counts = exchange.counts(exchange.operator())
        assert not services.get(Federation).ledger.list_quarantined()
    assert counts.by_type == {"tool": kills * each}, "something was lost, or taken twice"
    for table in ("version", "body", "assertion", "term"):
        assert number(ministry, f"SELECT count(*) FROM {table}") == kills * each, table
    doctor = ministry.command("doctor")
    assert doctor["bad"] == 0, doctor
    assert midway > kills // 4, "it was not killed while it pulled"
    print(f"{kills} kills, {midway} of them after something new was durable, {kills * each} objects, 0 lost, 0 doubled")


def publish(story: Story, folder: Path, life: int, count: int) -> None:
    """Have the operator take in some more and give all of it to the ministry."""
    things: list[dict[str, object]] = [
        {
            "type": "tool",
            "spec_version": "2.1",
            "id": fiction.stix_id("tool", f"{life} {n}"),
            "created": "2026-10-31T05:00:00.000Z",
            "modified": "2026-10-31T05:00:00.000Z",
            "name": f"tool {life} {n}",
            "object_marking_refs": ["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],
        }
        for n in range(count)
    ]
    file = folder / "tools.json"
    file.write_bytes(fiction.bundle(things))
    story.operator.command("import", str(file))
    story.operator.command("publish", "--agreement", story.agreement, *(str(thing["id"]) for thing in things))


def live_and_die(actor: Actor, dice: random.Random) -> None:
    """Run the server until something new is durable, mostly, and kill it at random soon after."""
    log = (actor.folder / "server.log").open("ab")
    child = subprocess.Popen(
        [sys.executable, "-m", "kouprey", "serve", "--data", str(actor.folder)],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        env={**os.environ, **actor.environment},
    )
    log.close()
    before, patient = received(actor), dice.random() < 0.9
    end = time.monotonic() + (60 if patient else dice.random() * 3)
    while child.poll() is None and received(actor) == before and time.monotonic() < end:
        time.sleep(0.005)
    time.sleep(dice.random() * 0.1)
    assert child.poll() is None, (actor.folder / "server.log").read_text()[-800:]
    child.send_signal(signal.SIGKILL)
    child.wait()


def received(actor: Actor) -> int:
    """Entries of others' lanes that are durable at a node."""
    return number(actor, "SELECT coalesce(sum(size), 0) FROM lane WHERE mine = 0")


def confirmations(actor: Actor, party: str) -> int:
    """Entries of its own lanes that a node knows this party to have confirmed."""
    return number(actor, "SELECT coalesce(sum(size), 0) FROM lane_receipt WHERE party = ?", party)


def number(actor: Actor, sql: str, *params: Any) -> int:
    """What the database of a node says, whether it runs or not."""
    if actor.database:
        with psycopg.connect(actor.database) as server:
            return int(server.execute(sql.replace("?", "%s").encode(), params).fetchall()[0][0])
    database = apsw.Connection(str(actor.folder / "kouprey.db"))
    try:
        database.set_busy_timeout(5_000)
        return int(next(iter(database.execute(sql, params)))[0])
    finally:
        database.close()


def behind(story: Story) -> bool:
    """Whether the ministry has not confirmed all of the operator's lanes."""
    sent = number(story.operator, "SELECT coalesce(sum(size), 0) FROM lane WHERE mine = 1")
    waiting = number(story.operator, "SELECT count(*) FROM lane_outgoing")
    return bool(waiting) or confirmations(story.operator, story.ministry.party) < sent
