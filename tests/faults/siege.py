"""A siege: a real node, an honest partner of it, and a hostile one, all under one agreement."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from faults.hostile import Mallory
from kouprey.agreements.model import Terms
from kouprey.agreements.service import Agreements
from kouprey.exchange.service import Exchange
from kouprey.federation.service import Federation
from kouprey.kernel.net.fetch import Fetcher
from kouprey.kernel.words.time import wall_clock
from kouprey.node import fiction
from kouprey.node.actors import Actor as Server
from kouprey.node.actors import wait_until
from kouprey.node.fiction import Cast
from kouprey.people.service import People

VICTIM, HONEST, MALLORY = "ministry.example", "operator.example", "mallory.example"
PORTS = iter(range(23500, 23600))


@dataclass
class Siege:
    """A node, an honest partner of it, and a hostile one; one agreement among all three."""

    victim: Server
    honest: Server
    mallory: Mallory
    agreement: str
    before: int = 0
    published: int = 0

    @property
    def at(self) -> str:
        return self.victim.address

    def ask(self, method: str, path: str, body: bytes = b"", **how: Any) -> tuple[int, str]:
        return self.mallory.ask(method, path, body, at=self.at, **how)

    def number(self, sql: str, *params: Any) -> Any:
        """What the database of the victim says while it runs."""
        database = apsw.Connection(str(self.victim.folder / "kouprey.db"))
        try:
            database.set_busy_timeout(10_000)
            row = next(iter(database.execute(sql, params)), None)
            return None if row is None else row[0]
        finally:
            database.close()

    def tag(self) -> str:
        """The lane the victim writes for the others."""
        return str(self.number("SELECT tag FROM lane WHERE mine = 1 AND state = 'open'"))

    def error(self) -> str:
        return str(self.number("SELECT error FROM link WHERE party = ?", MALLORY))

    def held(self) -> list[tuple[int, str]]:
        """Lanes of Mallory at the victim."""
        count = self.number("SELECT count(*) FROM lane WHERE author = ?", MALLORY)
        sql = "SELECT size || ' ' || state FROM lane WHERE author = ? ORDER BY id LIMIT 1 OFFSET ?"
        texts = [str(self.number(sql, MALLORY, each)) for each in range(count)]
        return [(int(text.split()[0]), text.split()[1]) for text in texts]

    def wake(self) -> None:
        """A signed call makes the victim try again at once, however often it has failed."""
        assert self.ask("POST", "/link/v1/hint", b'{"lanes":[]}') == (202, "")

    def publish(self, count: int = 3) -> None:
        """The victim publishes something new."""
        things: list[dict[str, object]] = [
            {
                "type": "tool",
                "spec_version": "2.1",
                "id": fiction.stix_id("tool", f"siege {self.published + n}"),
                "created": "2026-10-31T05:00:00.000Z",
                "modified": "2026-10-31T05:00:00.000Z",
                "name": f"siege {self.published + n}",
                "object_marking_refs": ["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],
            }
            for n in range(count)
        ]
        self.published += count
        file = self.victim.folder / "things.json"
        file.write_bytes(fiction.bundle(things))
        self.victim.command("import", str(file))
        self.victim.command("publish", "--agreement", self.agreement, *(str(thing["id"]) for thing in things))

    def honest_has(self) -> int:
        with self.honest.services() as services:
            exchange = services.get(Exchange)
            return int(sum(exchange.counts(exchange.operator()).by_type.values()))

    def serve_honest(self) -> float:
        """Something new reaches the honest partner; the seconds it took."""
        self.publish()
        begun = time.monotonic()
        wait_until("the honest partner has it", lambda: self.honest_has() >= self.published, every=0.2)
        return time.monotonic() - begun


def _server(folder: Path, party: str) -> Server:
    address = f"127.0.0.1:{next(PORTS)}"
    cast = Cast(party.partition(".")[0], party, party, "Somebody", "lead")
    fast = {"KOUPREY_LINK_INTERVAL": "1"}
    made = Server(cast=cast, folder=folder / cast.key, address=address, url=f"http://{address}", environment=fast)
    made.command("init", str(made.folder), "--party", party, "--name", party, "--listen", address, "--url", made.url)
    return made


def _mallory(folder: Path) -> Mallory:
    (folder / "mallory").mkdir()
    made = Mallory(MALLORY, folder / "mallory")
    made.address = ("127.0.0.1", next(PORTS))
    made.open(start=False)
    made.people.found(
        MALLORY, "Mallory", urls=(made.origin,), identity="identity--00000000-0000-4000-8000-000000000009"
    )
    made.lanes.start()
    made.federation.links._caller._fetchers = {True: Fetcher(allow_private=True), False: Fetcher()}
    made.serve()
    return made


def _acquaint(one: Any, party: str, note: bytes, url: str) -> None:
    one.get(People).trust(note, by="test")
    one.get(Federation).links.add(party, url, allow_private=True, by="test")


@contextmanager
def besieged(folder: Path) -> Iterator[Siege]:
    """All three, running."""
    victim, honest, mallory = _server(folder, VICTIM), _server(folder, HONEST), _mallory(folder)
    with victim.services() as ours, honest.services() as theirs:
        mine = mallory.services
        mine.put(mallory.people)
        mine.put(mallory.agreements)
        cards = {s: s.get(People).home() for s in (ours, theirs, mine)}
        urls = {ours: victim.url, theirs: honest.url, mine: mallory.origin}
        for one in cards:
            for other in cards:
                if other is not one:
                    _acquaint(one, cards[other].id, cards[other].note, urls[other])
        first, *others = (services.get(Agreements) for services in (ours, theirs, mine))
        version = first.draft("Siege", [HONEST, MALLORY], Terms(), starts=wall_clock() - 10**7, by="test")
        signed = first.sign(version.agreement, by="test")
        for other in others:
            other.receive_note(signed.note, signed.document_bytes, by="test")
            signed = other.sign(version.agreement, by="test")
        for each in (first, others[0]):
            each.receive_note(signed.note, signed.document_bytes, by="test")
    made = Siege(victim, honest, mallory, version.agreement)
    try:
        victim.start()
        honest.start()
        made.serve_honest()
        made.before = victim.memory()
        yield made
    finally:
        mallory.stop()
        mallory.close()
        victim.stop()
        honest.stop()
