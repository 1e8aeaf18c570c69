"""The command tree: everything named in it exists, and a command settles what it did."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

from kouprey import __version__
from kouprey.kernel.cli.frame import Command, Invocation, run, walk
from kouprey.kernel.words.errors import Refused
from kouprey.node.assemble import Node
from kouprey.node.capabilities import CAPABILITIES
from kouprey.node.main import kouprey, open_for
from kouprey.people.service import People


def test_every_command_can_be_loaded_and_explains_itself() -> None:
    commands = dict(walk(kouprey()))
    for name in ("init", "serve", "demo", *(each.name for plate in CAPABILITIES for each in plate.commands)):
        assert name in commands
    for name, command in commands.items():
        assert (command.help or "").strip(), name
        if isinstance(command, Command):
            assert command.example.startswith(("kouprey ", "KOUPREY_")), name


def test_the_examples_are_command_lines_that_parse() -> None:
    root = kouprey()
    for name, command in walk(root):
        if not isinstance(command, Command):
            continue
        words = name.split()
        lines = [line for line in command.example.splitlines() if line.startswith("kouprey ")]
        assert lines, name
        assert any(line.split()[1 : 1 + len(words)] == words for line in lines), f"{name} is not in its own example"


def test_no_two_capabilities_want_the_same_command() -> None:
    names = ["init", "serve", "demo", *(each.name for plate in CAPABILITIES for each in plate.commands)]
    assert len(names) == len(set(names))


def test_version_and_help_load_no_capability() -> None:
    asked = (
        "import sys; from kouprey.node.main import kouprey; from kouprey.kernel.cli.frame import run\n"
        "run(kouprey(), ['--version']); run(kouprey(), ['--help'])\n"
        "print([m for m in sys.modules if m.endswith(('.service', '.assemble')) or m in ('starlette', 'psycopg')])"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    first, *_, last = done.stdout.splitlines()
    assert first == f"kouprey {__version__}" and "init" in done.stdout
    assert last == "[]", "asking for help should be quick"


def test_a_command_opens_the_node_settles_and_closes_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    did: list[str] = []
    for name in ("settle", "close"):
        own = getattr(Node, name)
        monkeypatch.setattr(Node, name, lambda node, name=name, own=own: (did.append(name), own(node))[1])
    with open_for(Invocation(data=folder)) as services:
        assert services.get(People).home_id == "cert.sovan.example"
        assert did == []
    assert did == ["settle", "close"]
    with pytest.raises(Refused, match="no"), open_for(Invocation(data=folder)):
        raise Refused("no")
    assert did == ["settle", "close", "close"], "what failed is not settled, and closed all the same"


def test_data_may_come_from_the_environment(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(kouprey(), ["person", "list", "--json"], opener=open_for) == Refused.exit_code
    assert json.loads(capsys.readouterr().err)["code"] == "no-data-directory"
    monkeypatch.setenv("KOUPREY_DATA", str(folder))
    assert run(kouprey(), ["person", "list", "--json"], opener=open_for) == 0
    assert json.loads(capsys.readouterr().out)[0]["name"] == "Sophea"


def test_a_folder_without_a_node_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(kouprey(), ["person", "list", "--json", "--data", str(tmp_path)], opener=open_for)
    said = json.loads(capsys.readouterr().err)
    assert (code, said["code"]) == (4, "no-node") and "kouprey init" in said["remedy"]
    assert list(tmp_path.iterdir()) == [], "looking makes nothing"


def test_options_have_help() -> None:
    bare = [
        f"{name} {option.opts[0]}"
        for name, command in walk(kouprey())
        for option in command.params
        if isinstance(option, click.Option) and not option.help and name.split()[0] in ("init", "serve", "demo")
    ]
    assert not bare
