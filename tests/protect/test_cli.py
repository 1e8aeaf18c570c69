"""Shields on the command line, on a whole node."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.cli.frame import run
from kouprey.node.main import kouprey, open_for
from protect.conftest import Indicate


def test_from_a_shield_to_a_file(
    programs: Any, indicate: Indicate, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def command(*words: str, exit_code: int = 0) -> Any:
        data = ("--data", str(programs.node.data), "--json")
        assert run(kouprey(), ["protect", *words, *data], opener=open_for) == exit_code, words
        out = capsys.readouterr()
        return json.loads(out.out) if exit_code == 0 else None

    indicate("[domain-name:value = 'evil.example']", confidence=50)
    indicate("[ipv4-addr:value = '8.8.8.8']")
    assert command("list") == []
    command("add", "edge", "--title", "The border", "--growth", "50", "--tlp", "amber")
    command("add", "edge", exit_code=6)
    command("entries", "edge", exit_code=4)
    made = command("compile", "edge")
    assert made["state"] == "waiting" and made["left"] == {"never": 1}
    (left,) = command("left", "edge", "--why", "never")
    assert left["text"] == "8.8.8.8" and left["by"]
    assert command("refuse", "edge", str(made["serial"]), "Not yet")["state"] == "refused"
    current = command("approve", "edge", str(command("compile", "edge")["serial"]))
    assert current["state"] == "current" and command("list")[0]["serial"] == current["serial"]
    assert [each["text"] for each in command("entries", "edge", "--text", "evil")] == ["evil.example"]
    target = tmp_path / "edge.names"
    command("write", "edge", "names.txt", "--to", str(target))
    assert target.read_text().endswith("\nevil.example\n") and not list(tmp_path.glob(".edge*"))
    command("allow", "evil.example", "A test of ours", "--alone")
    assert [each["text"] for each in command("allowed")] == ["evil.example"]
    assert command("compile", "edge")["names"] == 0
    command("disallow", "evil.example")
    command("disallow", "evil.example", exit_code=4)
    assert command("rollback", "edge", str(current["serial"]), "It was right")["names"] == 1
    assert command("resume", "edge")["names"] == 1
    outlet = command("outlet", "edge", "Name server")
    assert len(outlet["secret"]) > 40 and command("shut", "edge", outlet["id"])["ended"]
    assert [each["stands"] for each in command("outlets", "edge")] == ["ended"]
    assert {each["state"] for each in command("show", "edge")} == {"current", "past", "refused"}
    assert command("change", "edge", "--retire", "--confidence", "10")["retired"]
    assert command("list")[0]["stands"] == "retired"


def test_it_says_what_it_would_do(programs: Any, capsys: pytest.CaptureFixture[str]) -> None:
    for line in (["add", "edge"], ["compile", "edge"], ["list"], ["show", "edge"]):
        assert run(kouprey(), ["protect", *line, "--data", str(programs.node.data)], opener=open_for) == 0
    said = capsys.readouterr().out
    assert "It waits (first): `kouprey protect approve edge" in said and "waits for a word" in said
    assert "would have blocked 0 of 0 events" in said
