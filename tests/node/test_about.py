"""What is told of a node is what it is."""

from __future__ import annotations

from pathlib import Path

from kouprey import __version__
from kouprey.kernel.storage import audit
from kouprey.node.about import licences, look
from kouprey.node.assemble import Node
from kouprey.people.service import People


def test_the_facts_are_those_of_this_node(node: Node, folder: Path) -> None:
    held, people = look(node), node.services.get(People)
    assert held.version == __version__ and held.engine.startswith("SQLite ") and held.data == folder
    assert held.words == people.fingerprint(people.home_id) and held.root_key and held.backup is None
    assert held.size >= (folder / "kouprey.db").stat().st_size and held.trouble == ""
    node.store.write(lambda tx: audit.append(tx, at=5, actor="operator", action="node.backup", subject="f", detail={}))
    node.lanes.halted = "two histories"
    told = look(node)
    assert told.backup is not None and told.backup.at == 5 and "two histories" in told.trouble and not told.signing


def test_every_package_has_a_licence() -> None:
    held = {each.name.lower(): each for each in licences()}
    assert {"kouprey", "starlette", "msgspec", "jinja2"} <= set(held)
    assert [each.name for each in held.values() if not each.version or not each.licence] == []
    assert "MIT" in held["pyrage"].licence, "it has its licence only as a text"
    assert "pytest" not in held, "what is for tests is no part of the program"
