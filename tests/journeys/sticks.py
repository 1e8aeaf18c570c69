"""Nodes that know each other and share an agreement, and whose only road is what somebody carries."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from zlib import crc32

from journeys.conftest import FAST, free_ports
from kouprey.node.actors import Actor
from kouprey.node.fiction import Cast

MINISTRY = Cast("ministry", "ministry.stick.example", "Ministry of Sticks", "Sophea", "liaison")
OPERATOR = Cast("operator", "operator.stick.example", "Operator of Sticks", "Rith", "liaison")
RELAY = Cast("relay", "relay.stick.example", "Relay of Sticks", "Anan", "liaison")


def found(folder: Path, casts: Sequence[Cast], database: Callable[[], str] = str) -> list[Actor]:
    """Their nodes, with nothing in them and not running; `database` gives a DSN for each store, "" for SQLite."""
    made = []
    for cast, port in zip(casts, free_ports(len(casts)), strict=True):
        url = f"http://{cast.key}.localhost:{port}"
        actor = Actor(cast, folder / cast.key, f"127.0.0.1:{port}", url, database(), database(), environment=FAST)
        words = ["--party", actor.party, "--name", cast.name, "--listen", actor.address, "--url", url]
        if actor.database:
            words += ["--database", actor.database, "--guard-database", actor.guard]
        actor.command("init", str(actor.folder), *words)
        made.append(actor)
    return made


def acquaint(*actors: Actor) -> None:
    """Each trusts the cards of the others."""
    for actor in actors:
        card = actor.folder / "own.card"
        card.write_text(str(actor.command("party", "card")["card"]), "utf-8")
    for actor in actors:
        for other in actors:
            if other is not actor:
                actor.command("party", "trust", str(other.folder / "own.card"), "--yes")


def agree(first: Actor, second: Actor, folder: Path) -> str:
    """An agreement of two, carried by hand; its id."""
    words = ("--title", "By stick", "--with", second.party, "--tlp", "amber", "--propose", "--yes")
    agreement = str(first.command("agreement", "draft", *words)["agreement"])
    for author, reader in ((first, second), (second, first)):
        carry(author, reader, folder / f"papers-{author.cast.key}.kpx")
        if reader is second:
            second.command("agreement", "sign", agreement, "--yes")
    return agreement


def carry(author: Actor, reader: Actor, file: Path) -> dict[str, object]:
    author.command("parcel", "make", reader.party, "-o", str(file))
    read: dict[str, object] = reader.command("parcel", "read", str(file))
    assert not read["problems"], read
    return read


def publish(actor: Actor, agreement: str, mark: str, count: int, folder: Path) -> None:
    """Take in some objects and give them under the agreement."""
    file = folder / f"{mark}.json"
    things = [thing(mark, number) for number in range(count)]
    file.write_text(json.dumps({"type": "bundle", "id": f"bundle--{uuid(mark, 0)}", "objects": things}), "utf-8")
    actor.command("import", str(file), "--tlp", "green")
    actor.command("publish", "--agreement", agreement, "--all")


def thing(mark: str, number: int) -> dict[str, object]:
    return {
        "type": "tool",
        "spec_version": "2.1",
        "id": f"tool--{uuid(mark, number + 1)}",
        "created": "2026-11-20T08:00:00.000Z",
        "modified": "2026-11-20T08:00:00.000Z",
        "name": f"Tool {mark} {number}",
    }


def uuid(mark: str, number: int) -> str:
    return f"{crc32(mark.encode()):08x}-0000-4000-8000-{number:012x}"
