"""Cases from the command line."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.cli.frame import run
from kouprey.node.main import kouprey, open_for


def test_everything_from_the_command_line(offices: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, _, _ = offices

    def call(*words: str, code: int = 0, plain: bool = False) -> Any:
        capsys.readouterr()
        how = [] if plain else ["--json"]
        done = run(kouprey(), ["case", *words, "--data", str(a.folder), *how], opener=open_for)
        out = capsys.readouterr()
        assert done == code, out.err
        return out.out if plain else json.loads(out.out) if out.out.strip() else None

    assert call("list") == []
    made = call("open", "A page shows another text", "--type", "application-compromise", "--cross-border")
    number = str(made["number"])
    assert call("list", "--words", "another", "--cross-border")[0]["number"] == made["number"]
    call("write", number, "fact", "The page changed", "--at", "2026-11-01 23:50", "--offset", "+07:00")
    call("write", number, "observable", "203.0.113.7", "--note", "It was there.")
    task = call("write", number, "task", "Take the page off")
    call("done", task["id"], "It is off.")
    file = tmp_path / "mail.eml"
    file.write_bytes(b"From: x\n" * 1000)
    kept = call("evidence", number, str(file), "--source", "The press office")
    assert kept["sha256"] == sha256(file.read_bytes()).hexdigest()
    call("fetch", kept["id"], "--to", str(tmp_path / "again.eml"))
    assert (tmp_path / "again.eml").read_bytes() == file.read_bytes()
    shown = call("show", number, plain=True)
    for words in ("2026-11-01T23:50:00+07:00 The page changed", "[x] Take the page off", "ipv4-addr 203.0.113.7"):
        assert words in shown
    other = str(call("open", "The same again")["number"])
    assert call("merge", other, number)["merged"] and not call("unmerge", other)["merged"]
    assert call("phase", number, "closed")["phase"] == "closed"
    assert [each["number"] for each in call("list", "--closed")] == [made["number"]]
    call("show", "99", code=4)
    call("write", number, "fact", "x", code=7)
    call("done", kept["id"], code=7)
