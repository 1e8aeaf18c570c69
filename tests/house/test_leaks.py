"""Whatever can be read is known to the leak test: what has neither a probe nor a reason fails."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from kouprey.node.assemble import Node, open_node
from kouprey.node.founding import found
from kouprey.node.main import kouprey
from kouprey.node.web import build_web
from leaks import catalogue, exemptions
from leaks import unasked as standing
from leaks.mutants import MUTANTS
from leaks.probes import declared, unasked

SRC = Path(__file__).parents[2] / "src" / "kouprey"
ADD = "Add {what} to {where} in tests/leaks (docs/how-to/keep-it-tight.md): {names}"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder = tmp_path_factory.mktemp("doors") / "node"
    settings = {"listen": "127.0.0.1:8420", "url": "", "database": "", "guard_database": ""}
    identity = "identity--5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a10"
    found(folder, party="cert.example", name="Example", settings=settings, identity=identity, person="Sophea")
    opened = open_node(folder)
    yield opened
    opened.close()


def missing(names: set[str], known: set[str], what: str, where: str) -> None:
    lacking, stale = sorted(names - known), sorted(known - names)
    assert not lacking, ADD.format(what=what, where=where, names=lacking)
    assert not stale, f"These are gone: take them out of {where} in tests/leaks: {stale}"


def test_every_placeholder_of_a_path_has_values(node: Node) -> None:
    doors = [each for each in build_web(node).doors if f"GET {each.path}" not in exemptions.UNASKED]
    names = {name for door in doors for name in re.findall(r"\{(\w+)", door.path)}
    missing(names, set(catalogue.PATHS), "values", "catalogue.PATHS")


def test_no_two_doors_have_one_address(node: Node) -> None:
    found = Counter(f"{method} {door.path}" for door in build_web(node).doors for method in door.methods)
    assert [each for each, n in found.items() if n > 1] == [], "the later one is never reached"


def test_every_door_that_writes_is_asked_or_has_a_reason(node: Node) -> None:
    """What reads (GET) is asked without anybody's doing."""
    every = {f"{method} {door.path}" for door in build_web(node).doors for method in door.methods}
    for table in (exemptions.UNASKED, exemptions.DIFFERS):
        assert not set(table) - every, f"These doors are gone: take them out of the exemptions: {set(table) - every}"
        assert all(len(reason) > 30 for reason in table.values()), "an exemption says why"
    machines = {
        door.path
        for door in build_web(node).doors
        if door.kind == "machine" and {"POST", "PUT"} & {*door.methods} and not unasked("", door)
    }
    asked = {path for path in machines if f"POST {path}" not in exemptions.UNASKED and f"{path}/" not in machines}
    missing(asked, set(catalogue.BODIES), "what is sent", "catalogue.BODIES")


def test_every_parameter_of_an_endpoint_has_values(node: Node) -> None:
    for door in build_web(node).doors:
        if "GET" in door.methods and not unasked("GET", door):
            lacking = declared(door) - catalogue.QUERIES.keys()
            assert not lacking, ADD.format(what="values", where="catalogue.QUERIES", names=(door.path, lacking))


def test_every_parameter_in_the_source_has_values() -> None:
    """Those read by their names; what is read in other ways is noticed when the door is asked."""
    found: dict[str, str] = {}
    for path in sorted(
        [*SRC.glob("*/pages/*.py"), *SRC.glob("*/pages.py"), *SRC.glob("*/api.py"), *SRC.glob("*/api/*.py")]
    ):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.args:
                asked, name = ast.unparse(call.func), call.args[0]
                if asked.endswith(("query_params.get", "query_params.getlist")) and isinstance(name, ast.Constant):
                    found.setdefault(str(name.value), path.relative_to(SRC).as_posix())
    lacking = {name: where for name, where in found.items() if name not in catalogue.QUERIES | catalogue.WHOLE}
    assert len(found) > 5 and not lacking, ADD.format(what="values", where="catalogue.QUERIES", names=lacking)


def test_every_command_job_and_listener_is_known(node: Node) -> None:
    def walk(command: click.Command, context: click.Context, path: str) -> Iterator[str]:
        if not isinstance(command, click.Group):
            yield path
            return
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None and not child.hidden:
                yield from walk(child, click.Context(child, parent=context), f"{path} {name}".strip())

    root = kouprey()
    missing(
        set(walk(root, click.Context(root), "")),
        set(exemptions.COMMANDS),
        'it, with a reason or ""',
        "exemptions.COMMANDS",
    )
    missing({job.name for job in node.jobs()}, set(standing.JOBS), "what it could show", "standing.JOBS")
    missing(
        {each.name for each in node.listeners()},
        set(standing.LISTENERS),
        "what it could show",
        "standing.LISTENERS",
    )


def test_there_are_enough_mutants_and_each_says_what_it_is() -> None:
    assert len(MUTANTS) >= 12 and len({mutant.wrong for mutant in MUTANTS}) == len(MUTANTS)
