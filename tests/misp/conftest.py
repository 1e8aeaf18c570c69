"""Events of fictional authors, the judge they are held to, and a party that takes them in."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest

from kouprey.exchange.service import Exchange
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.tlp import TLP
from kouprey.misp.model import Converted, Loss, Refusal, Report
from kouprey.misp.service import Listeners, Misp, convert
from kouprey.node.assemble import GUARD, Node, list_migrations, open_node
from kouprey.node.founding import found
from migrated import lay_node

SHARED = Path(os.environ.get("KOUPREY_SHARED", Path(__file__).parents[3] / "shared")) / "data" / "misp"
SPACE = UUID("4d0e8a52-1d3f-4b77-9a55-2d1f0c8be111")
AUTHOR = {"uuid": str(uuid5(SPACE, "author")), "name": "CERT of Sovan"}

Json = dict[str, Any]


def uuid_of(name: str) -> str:
    """A UUID that follows from a name, so that tests can speak of things by name."""
    return str(uuid5(SPACE, name))


def attribute(name: str, type_: str, value: Any, *, detect: bool = False, **more: Any) -> Json:
    return {
        "uuid": uuid_of(name),
        "type": type_,
        "category": "Network activity",
        "value": value,
        "to_ids": detect,
        "timestamp": "1764000000",
        "distribution": "5",
    } | more


def event(*attributes: Json, name: str = "event", at: int = 1764000100, **more: Any) -> Json:
    return {
        "uuid": uuid_of(name),
        "info": "Something happened",
        "date": "2025-11-20",
        "timestamp": str(at),
        "publish_timestamp": str(at),
        "published": True,
        "Orgc": AUTHOR,
        "Attribute": list(attributes),
    } | more


@dataclass
class Seen:
    """What became of an event, easy to ask."""

    converted: Converted

    def __post_init__(self) -> None:
        self.values = [made.value for made in self.converted.made]
        self.losses = list(self.converted.losses)

    def of(self, type_: str) -> list[Json]:
        return [value for value in self.values if value["type"] == type_]

    def one(self, type_: str) -> Json:
        (value,) = self.of(type_)
        return value

    def level(self, stix_id: str) -> TLP:
        """The level it is held at."""
        return max(made.standing.tlp for made in self.converted.made if made.value["id"] == stix_id)

    def lost(self, word: str = "") -> list[Loss]:
        return [loss for loss in self.losses if loss.what.startswith(word)]


@pytest.fixture
def misp() -> Any:
    """The helpers above, for tests: conftest modules cannot be imported."""
    from types import SimpleNamespace

    def see(*attributes: Json, tlp: TLP = TLP.AMBER_STRICT, **more: Any) -> Seen:
        return Seen(convert(event(*attributes, **more), tlp))

    return SimpleNamespace(uuid=uuid_of, attribute=attribute, event=event, see=see, Seen=Seen, AUTHOR=AUTHOR)


@pytest.fixture(scope="session")
def samples() -> Path:
    if not SHARED.is_dir():
        pytest.skip("the shared sample events are not here")
    return SHARED


class House:
    """A node that takes events in."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.misp = node.services.get(Misp)
        self.exchange = node.services.get(Exchange)
        self.refusals: list[Refusal] = []
        self.losses: list[Loss] = []

    @property
    def listeners(self) -> Listeners:
        return Listeners(on_refusal=self.refusals.append, on_loss=self.losses.append)

    def take(self, *events: Json, name: str = "events.json", tlp: TLP | None = None) -> Report:
        raw = json.dumps({"response": [{"Event": each} for each in events]}).encode()
        return self.misp.import_stream(BytesIO(raw), name=name, tlp=tlp, by="test", listeners=self.listeners)

    def held(self, stix_id: str, clearance: TLP = TLP.RED) -> Json:
        """The newest version of an object that somebody here may see."""
        who = Reader(party="cert.example", clearance=clearance, local=True, name="somebody")
        found: Json = json.loads(self.exchange.get_object(who, stix_id).newest.served.raw)
        return found

    def originals(self, needle: str) -> int:
        """How many originals hold this text."""
        with self.node.store.read() as reader:
            return sum(needle.encode() in bytes(row[0]) for row in reader.all("SELECT bytes FROM misp_event"))


@pytest.fixture(params=["sqlite", "postgres"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """On both engines."""
    settings: dict[str, object] = {}
    if request.param == "postgres":
        fresh: Callable[..., str] = request.getfixturevalue("fresh_postgres")
        settings = {"database": fresh(list_migrations()), "guard_database": fresh([GUARD])}
    folder = tmp_path / "node"
    identity = f"identity--{uuid_of('cert')}"
    found(lay_node(folder), party="cert.example", name="CERT", settings=settings, identity=identity, person="Dara")
    node = open_node(folder)
    yield House(node)
    node.close()
