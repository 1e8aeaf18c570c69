"""Commands about hand-offs, as people call them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kouprey.kernel.cli.frame import run
from kouprey.node.main import kouprey, open_for


def test_everything_from_the_command_line(offices: Any, capsys: pytest.CaptureFixture[str]) -> None:
    a, b, _ = offices

    def call(office: Any, *words: str, code: int = 0) -> Any:
        capsys.readouterr()
        done = run(kouprey(), ["handoff", *words, "--data", str(office.folder), "--json"], opener=open_for)
        out = capsys.readouterr()
        assert done == code, out.err
        return json.loads(out.out) if out.out.strip() else None

    assert call(a, "list") == []
    made = call(a, "ask", "Mekong", b.party, "act", "Block it", "--text", "It calls.", "--about", "203.0.113.7")
    assert len(made["code"].split()) == 6
    a.parcel(b)
    (row,) = call(b, "list")
    assert made["id"].startswith(row["id"]) and row["stage"] == "requested"
    assert call(b, "say", row["id"], "acknowledge", "--number", "4")["stage"] == "acknowledged"
    call(b, "say", row["id"], "decline", code=7)
    assert call(b, "say", row["id"], "decline", "--reason", "capacity", "--text", "No.")["stage"] == "declined"
    b.parcel(a)
    shown = call(a, "show", row["id"])
    assert shown["course"]["stage"] == "declined" and shown["code"] == made["code"]
    call(a, "reroute", row["id"], "nobody.example", code=6)
    assert call(a, "say", row["id"], "confirm")["stage"] == "closed"
    assert [each["stage"] for each in call(a, "list", "--ended")] == ["closed"]
    call(a, "show", "ffffffff", code=4)
