"""Commands about contacts, as people call them."""

from __future__ import annotations

import json
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.cli.frame import run
from kouprey.node.main import kouprey, open_for


def test_everything_from_the_command_line(offices: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, _, _ = offices

    def call(*words: str, code: int = 0) -> Any:
        capsys.readouterr()
        done = run(kouprey(), ["contact", *words, "--data", str(a.folder), "--json"], opener=open_for)
        out = capsys.readouterr()
        assert done == code, out.err
        return json.loads(out.out) if out.out.strip() else None

    assert call("list") == []
    made = call("add", "Somchai", "--team", "Northern Hospital", "--mail", "soc@hospital.example", "--language", "th")
    (row,) = call("list")
    assert row["id"] == made["id"] and row["in_use"] == "yes"
    asked = call("ask", made["id"][:14], "act", "Block it", "--text", "It calls.", "--number", "A-1")
    file = tmp_path / "letter.eml"
    link = call("link", asked["id"], made["id"], "--out", str(file))
    letter = BytesParser(policy=policy.default).parsebytes(file.read_bytes())
    assert link["address"] in letter.get_content() and "A-1" in letter["Subject"]
    assert call("heard", asked["id"], "accept", "--via", "telephone")["stage"] == "accepted"
    call("ask", "contact-zz", "act", "x", "--text", "y", code=4)
    call("link", asked["id"], made["id"], "--send", code=6)
