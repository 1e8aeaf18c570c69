"""Templates of cases from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.cli.frame import run
from kouprey.node.main import kouprey, open_for


def test_kept_changed_begun_with_and_carried(offices: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b, _ = offices

    def call(*words: str, code: int = 0, at: Any = a) -> Any:
        capsys.readouterr()
        done = run(kouprey(), ["case", *words, "--data", str(at.folder), "--json"], opener=open_for)
        out = capsys.readouterr()
        assert done == code, out.err
        return json.loads(out.out) if out.out.strip() else None

    assert call("template", "list") == []
    call("open", "A page shows another text", "--type", "phishing")
    call("write", "1", "task", "Take it off")
    made = call("template", "keep", "1", "A page is defaced", "--description", "When a page changed.")["id"]
    assert call("template", "change", made, "--name", "Defaced", "--title", "A page")["version"] == 2
    shown = call("template", "show", made)
    assert shown["name"] == "Defaced" and [each["title"] for each in shown["tasks"]] == ["Take it off"]
    assert call("open", "--template", made, "--tlp", "green")["number"] == 2
    assert call("list")[0]["marking"] == "TLP:AMBER" and call("list")[0]["tasks"] == 1
    file = tmp_path / "defaced.json"
    call("template", "export", made, "-o", str(file))
    assert call("template", "import", str(file), "--tlp", "red", at=b)["tlp"] == "red"
    assert call("template", "retire", made)["retired"] and call("template", "list") == []
    call("open", "x", "--template", made, code=6)
    assert not call("template", "restore", made)["retired"] and len(call("template", "list")) == 1
    call("template", "show", "tpl_nothing", code=4)
    file.write_text("{}")
    call("template", "import", str(file), code=7)
