"""Nodes that know each other and have an agreement in force, each a server of its own, on loopback or behind cables."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from kouprey.agreements.model import Quotas, Terms
from kouprey.agreements.service import Agreements
from kouprey.federation.model import EntryBody, LaneClass
from kouprey.federation.service import Federation
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.node.actors import Actor
from kouprey.node.cuts import NetworkCut
from kouprey.node.fiction import Cast
from kouprey.people.service import People
from made.serving import free_port

STIX = "application/stix+json;version=2.1"
_SPACE = uuid.UUID("6d1f7f0c-2c53-4d0f-9a3b-0c6f1f1d7a11")
_AT_ONCE = 1_000


@contextmanager
def neighbours(folder: Path, count: int, *, apart: bool = False) -> Iterator[tuple[list[Actor], str]]:
    """So many nodes under one agreement, not started yet; `apart`: each in a network namespace of its own."""
    network = NetworkCut("kpb") if apart else None
    try:
        places: Sequence[tuple[str, tuple[str, ...]]] = (
            [(f"{host}:8420", prefix) for host, prefix in network.prepare(count)]
            if network is not None
            else [(f"127.0.0.1:{free_port()}", ()) for _ in range(count)]
        )
        actors = [_founded(folder, number, *place) for number, place in enumerate(places)]
        try:
            yield actors, _agreed(actors)
        finally:
            for actor in actors:
                actor.stop()
    finally:
        if network is not None:
            network.clean()


def _founded(folder: Path, number: int, address: str, prefix: Sequence[str]) -> Actor:
    party = f"party-{number}.example"
    made = Actor(
        cast=Cast(f"party-{number}", party, party, "Somebody", "lead"),
        folder=folder / party,
        address=address,
        url=f"http://{address}",
        prefix=prefix,
    )
    made.command("init", str(made.folder), "--party", party, "--name", party, "--listen", address, "--url", made.url)
    return made


def _agreed(actors: Sequence[Actor]) -> str:
    cards = {}
    for actor in actors:
        with actor.services() as services:
            cards[actor.party] = services.get(People).home().note
    for actor in actors:
        with actor.services() as services:
            for other in actors:
                if other is not actor:
                    services.get(People).trust(cards[other.party], by="bench")
                    services.get(Federation).links.add(other.party, other.url, allow_private=True, by="bench")
    first, *others = actors
    terms = Terms(quotas=Quotas(entries_day=1_000_000_000, bytes_day=1 << 40))
    with first.services() as services:
        ours = services.get(Agreements)
        version = ours.draft("Bench", [each.party for each in others], terms, starts=wall_clock() - 10**7, by="bench")
        signed = ours.sign(version.agreement, by="bench")
    for other in others:
        with other.services() as services:
            theirs = services.get(Agreements)
            theirs.receive_note(signed.note, signed.document_bytes, by="bench")
            signed = theirs.sign(version.agreement, by="bench")
    for actor in actors[:-1]:
        with actor.services() as services:
            services.get(Agreements).receive_note(signed.note, signed.document_bytes, by="bench")
    return str(version.agreement)


def give(actor: Actor, services: Any, agreement: str, names: Iterable[str], *, urgent: bool = False) -> int:
    """Queue one indicator a name for the others; how many. The server beside appends and signs them."""
    federation = services.get(Federation)
    lane_class = LaneClass.PRIORITY if urgent else LaneClass.BULK
    label = Label(owner=actor.party, tlp=TLP.GREEN, kind="intelligence")
    bodies = [EntryBody(media_type=STIX, label=label, content=indicator(name)) for name in names]
    for start in range(0, len(bodies), _AT_ONCE):
        part = bodies[start : start + _AT_ONCE]
        federation.store.write(lambda tx, part=part: federation.lanes.queue(tx, agreement, part, lane_class=lane_class))
    return len(bodies)


def id_of(name: str) -> str:
    return f"indicator--{uuid.uuid5(_SPACE, name)}"


def indicator(name: str) -> bytes:
    """Some 600 bytes of STIX, always the same for a name."""
    made = uuid.uuid5(_SPACE, name)
    address = ".".join(str(part) for part in made.bytes[:4])
    body = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{made}",
        "created": "2026-10-31T05:00:00.000Z",
        "modified": "2026-10-31T05:00:00.000Z",
        "name": f"Command server {name}",
        "description": f"Seen in {made.hex} beside {made.urn}, asked for updates every few minutes. " * 2,
        "pattern": f"[ipv4-addr:value = '{address}']",
        "pattern_type": "stix",
        "valid_from": "2026-10-31T05:00:00Z",
        "object_marking_refs": ["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],
    }
    return json.dumps(body).encode()


@contextmanager
def looking(actor: Actor) -> Iterator[apsw.Connection]:
    """The database of a node, to be read beside its server."""
    database = apsw.Connection(str(actor.folder / "kouprey.db"))
    database.set_busy_timeout(10_000)
    try:
        yield database
    finally:
        database.close()


def number(database: apsw.Connection, sql: str, *params: str) -> int:
    """One number; 0 for none."""
    row = next(iter(database.execute(sql, params)), None)
    return int(row[0] or 0) if row is not None else 0
