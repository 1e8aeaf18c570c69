"""Statements from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from advisories.conftest import RUMOUR, Bureau, content
from kouprey.kernel.cli.frame import run
from kouprey.node.main import kouprey, open_for


def test_from_a_rumour_to_an_export(ministry: Bureau, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def call(*words: str, code: int = 0) -> Any:
        capsys.readouterr()
        done = run(kouprey(), ["statements", *words, "--data", str(ministry.folder), "--json"], opener=open_for)
        out = capsys.readouterr()
        assert done == code, out.err
        return json.loads(out.out) if out.out.strip() else None

    assert call("list") == call("rumours") == call("drafts") == []
    heard = call("rumour", RUMOUR, "--from", "hotline")
    file = tmp_path / "answer.json"
    file.write_bytes(msgspec.json.encode(content()))
    made = call("draft", str(file), "--rumour", heard["id"])
    assert [each["state"] for each in call("rumours")] == ["being answered"] and len(call("drafts")) == 1
    call("publish", made["id"], code=6)
    for who in (ministry.press, ministry.lead):
        ministry.desk.approve(who, made["id"], 1)
    said = call("publish", made["id"])
    assert [each["id"] for each in call("list")] == [said["id"]]
    assert "មិនពិត" in call("show", said["id"], "--language", "km")["text"]
    assert call("check", RUMOUR)["finding"] == "declared"
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"no picture")
    assert call("check", "--file", str(picture))["finding"] == "none"
    zipped = tmp_path / "statements.zip"
    assert call("export", str(zipped))["bytes"] == zipped.stat().st_size
    call("show", "XX-MINISTRY-2026-0099", code=4)
    call("mirror", "nobody.example", code=4)
    call("list", "--of", "nobody.example", code=4)
    file.write_bytes(b'{"kind": "poem"}')
    call("draft", str(file), code=7)
