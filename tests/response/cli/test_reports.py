"""Reports from the command line."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.cli.frame import run
from kouprey.node.main import kouprey, open_for

RAW = b"From: dara@bank.com\r\nSubject: Help\r\n\r\nIt calls 45.33.32.156\r\n"


def test_everything_from_the_command_line(offices: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, _, _ = offices

    def call(*words: str, code: int = 0, plain: bool = False) -> Any:
        capsys.readouterr()
        how = [] if plain else ["--json"]
        done = run(kouprey(), ["report", *words, "--data", str(a.folder), *how], opener=open_for)
        out = capsys.readouterr()
        assert done == code, out.err
        return out.out if plain else json.loads(out.out) if out.out.strip() else None

    assert call("list") == []
    folder = tmp_path / "mails"
    folder.mkdir()
    (folder / "1.eml").write_bytes(RAW)
    (folder / "2.eml").write_bytes(b"no mail")
    first, second = call("take", str(folder))["reports"]
    assert first["sha256"] == sha256(RAW).hexdigest() and first["case"] == 1 and second["trouble"] == "unreadable"
    assert [each["fresh"] for each in call("take", str(folder))["reports"]] == [False, False]
    assert {each["standing"] for each in call("list")} == {"new", "refused"}
    assert [each["number"] for each in call("list", "--standing", "refused")] == [second["number"]]
    shown = call("show", str(first["number"]), plain=True)
    for words in ("case #1", "dara@bank.com", "It calls 45.33.32.156", "answer to dara@bank.com: waiting"):
        assert words in shown
    call("fetch", str(first["number"]), "--to", str(tmp_path / "again.eml"))
    assert (tmp_path / "again.eml").read_bytes() == RAW
    assert call("case", str(second["number"]), "--into", "1")["case"] == 1
    call("abandon", str(first["number"]), "An advertisement")
    call("abandon", str(first["number"]), "Again", code=6)
    call("resume", str(first["number"]))
    (answer,) = call("answers")
    call("sent", answer["id"])
    assert call("answers") == []
    call("show", "99", code=4)
