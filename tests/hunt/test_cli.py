"""Commands about hunts, on a whole node."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hunt.sigma import lines, rule
from kouprey.kernel.cli.frame import run
from kouprey.node.main import kouprey, open_for


def test_bring_ask_and_sight(programs: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def command(*words: str) -> Any:
        data = ("--data", str(programs.node.data), "--json")
        assert run(kouprey(), ["hunt", *words, *data], opener=open_for) == 0, words
        return json.loads(capsys.readouterr().out)

    rules, events = tmp_path / "a.yml", tmp_path / "e.ndjson"
    rules.write_text(rule("s:\n    Image|endswith: 'curl'\ncondition: s"), "utf-8")
    events.write_bytes(lines({"Image": "/bin/curl"}, {"Image": "/bin/sh"}))
    assert command("rules", str(rules))["new"] == 1 and command("list") == []
    (found,) = command("run", str(events))
    assert (
        found["hits"] == 1
        and command("show", found["hunt"]) == [found]
        and command("show", found["hunt"], "--missed") == []
    )
    assert command("sight", found["hunt"], found["rule"])["id"].startswith("sighting--")
    assert command("list")[0]["hits"] == 1
