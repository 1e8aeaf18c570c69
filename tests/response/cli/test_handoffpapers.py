"""A hand-off put on paper by command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.cli.frame import run
from kouprey.node.main import kouprey, open_for
from response.pages.test_outside import CANARY
from response.wire.test_handoffpaper import read, worked


def test_it_is_written_where_it_is_wanted(offices: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, _, _ = offices
    handoff = worked(a)
    words = ["handoff", "print", handoff[:12], "--language", "th", "--data", str(a.folder), "--json"]
    assert run(kouprey(), [*words, "--into", str(tmp_path / "papers")], opener=open_for) == 0
    said = json.loads(capsys.readouterr().out)
    file = Path(said["pdf"])
    assert file.name == f"hand-off-{handoff[:12]}-th.pdf" and CANARY in read(file.read_bytes())
    assert said["tlp"] == "TLP:GREEN"
    assert run(kouprey(), [*words[:3], "--language", "fr", *words[5:]], opener=open_for) != 0
