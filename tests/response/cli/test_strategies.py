"""Strategies from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.cli.frame import run
from kouprey.node.main import kouprey, open_for
from response.playbooks import DEFACED, raw


def test_written_handed_in_and_shown(offices: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, _, _ = offices

    def call(*words: str, code: int = 0) -> Any:
        capsys.readouterr()
        done = run(kouprey(), ["strategy", *words, "--data", str(a.folder), "--json"], opener=open_for)
        out = capsys.readouterr()
        assert done == code, out.err
        return json.loads(out.out) if out.out.strip() else None

    assert call("list") == []
    made = call("write", "A page is defaced", "Take it off", "Tell the press")
    assert [each["title"] for each in call("show", made["id"])["tasks"]] == ["Take it off", "Tell the press"]
    file = tmp_path / "playbook.json"
    file.write_bytes(raw(DEFACED))
    kept = call("keep", str(file))
    assert {each["id"] for each in call("list")} == {made["id"], kept["id"]}
    call("keep", str(file), code=6)
    call("show", "course-of-action--00000000-0000-4000-8000-000000000000", code=4)
    file.write_bytes(b"{}")
    call("keep", str(file), code=7)
    told = call("outcome", kept["id"], "partly", "--words", "Nobody was there.")
    assert told["text"] == "Used on an incident: it worked in part.\nNobody was there." and told["agreements"] == []
    (found,) = call("outcomes", kept["id"])
    assert (found["verdict"], found["words"], found["steps"]) == ("partly", "Nobody was there.", "")
    call("outcome", kept["id"], "worked", "--case", "77", code=4)
