"""A sensor of the world: it sees the same in every twin, and what that is named by is hidden or not."""

from __future__ import annotations

import json

from kouprey.kernel.words.capability import Services
from kouprey.watch.model import HOUR, Format
from kouprey.watch.rules.naming import alert_id
from kouprey.watch.service import Watch
from leaks.things import NOW, THINGS, Thing

SENSOR, CLIENT = "0000", "10.0.0.1"


def add_sensor(services: Services) -> None:
    """Whatever it finds is told by nobody by itself."""
    watch = services.get(Watch)
    watch.add_source(watch.operator(), SENSOR, Format.ZEEK, by="operator")


def line_of(thing: Thing) -> bytes:
    """Somebody of ours has asked for the host of a thing."""
    host = f"{thing.canary('host')}.example"
    seen = {"ts": NOW / 1_000_000, "uid": thing.key, "id.orig_h": CLIENT, "id.resp_h": "10.0.0.53", "query": host}
    return json.dumps(seen).encode() + b"\n"


def see_everything(services: Services) -> None:
    """The hosts of all things, also of those that this world does not have."""
    watch = services.get(Watch)
    watch.take(watch.operator(), SENSOR, b"".join(map(line_of, THINGS)))


def alert_of(thing: Thing) -> str:
    """The id of the alert that a thing raises."""
    return alert_id(thing.ids["indicator"], CLIENT, NOW - NOW % HOUR)
