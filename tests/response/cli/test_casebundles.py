"""Cases out and in as STIX, from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.cli.frame import run
from kouprey.node.main import kouprey, open_for


def test_a_case_goes_out_and_comes_in(offices: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, _, _ = offices

    def call(*words: str, code: int = 0) -> Any:
        capsys.readouterr()
        done = run(kouprey(), ["case", *words, "--data", str(a.folder), "--json"], opener=open_for)
        out = capsys.readouterr()
        assert done == code, out.err
        return json.loads(out.out) if out.out.strip() else None

    number = str(call("open", "A page shows another text", "--tlp", "amber")["number"])
    call("write", number, "fact", "The page changed", "--at", "2026-11-01 23:50", "--offset", "+07:00")
    file = tmp_path / "case.json"
    assert call("stix", number, "-o", str(file))["bytes"] == file.stat().st_size
    assert "The page changed" in file.read_text("utf-8")
    taken = call("take", str(file), "--tlp", "green")
    assert taken["tlp"] == "amber" and taken["unread"] == []
    (tmp_path / "no.json").write_text("[]")
    call("take", str(tmp_path / "no.json"), code=7)
    call("stix", "99", "-o", str(tmp_path / "none.json"), code=4)
    assert not (tmp_path / "none.json").exists()
