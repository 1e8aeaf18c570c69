"""The commands of operators: what they say before they do it, and what they refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.cli.frame import run
from kouprey.kernel.words.errors import Refused
from kouprey.node.main import kouprey, open_for


@pytest.fixture
def older(folder: Path, make_older: Callable[[Path], None]) -> Path:
    """A node of the version before."""
    make_older(folder)
    return folder


def call(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    code = run(kouprey(), [*words, "--json"], opener=open_for)
    said = capsys.readouterr()
    return code, json.loads(said.out or said.err)


def test_an_upgrade_is_told_then_done(older: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = call(capsys, "person", "list", "--data", str(older))
    assert code == Refused.exit_code and told["code"] == "upgrade-needed"
    code, told = call(capsys, "upgrade", "--check", "--data", str(older))
    assert code == 0 and told["steps"] == ["exchange/0006_saved_searches.sql"] and told["served"] is False
    code, told = call(capsys, "upgrade", "--data", str(older))
    assert code == Refused.exit_code and told["code"] == "no-recipient"
    identity = tmp_path / "identity.txt"
    call(capsys, "backup", str(tmp_path / "first"), "--new-identity", str(identity), "--data", str(older))
    recipient = identity.read_text("utf-8").split("public key: ")[1].split()[0]
    words = ("upgrade", str(tmp_path / "before"), "--recipient", recipient, "--data", str(older))
    code, told = call(capsys, *words)
    assert code == 0 and told["steps"] == ["exchange/0006_saved_searches.sql"]
    assert call(capsys, "person", "list", "--data", str(older))[0] == 0
    code, told = call(capsys, *words)
    assert code == 0 and told["steps"] == []


def test_a_unit_names_the_node(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = call(capsys, "service", "print", "--data", str(folder), "--user", "node")
    assert code == 0
    assert f"serve --data {folder}" in told["unit"] and "User=node" in told["unit"]
    assert "/kouprey serve" in told["unit"]
