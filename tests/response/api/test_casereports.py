"""The report of a case, for programs and on the command line."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.cli.frame import run
from kouprey.node.main import kouprey, open_for
from kouprey.people.model import Role
from leaks.unpacking import texts_of
from response.service.test_casereports import worked


def test_programs_and_commands_have_the_same(offices: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, _, _ = offices
    number = worked(a)
    lead = a.program(Role.LEAD)
    made = lead.get(f"/api/v1/cases/{number}/paper", params={"language": "km"}).json()
    assert made["tlp"] == "amber" and "ឿង" in texts_of(b64decode(made["pdf"]))
    assert lead.get("/api/v1/cases/99/paper").status_code == 404
    assert lead.get(f"/api/v1/cases/{number}/paper", params={"language": "xx"}).status_code == 400
    words = ["case", "report", number, "--into", str(tmp_path / "papers"), "--data", str(a.folder), "--json"]
    assert run(kouprey(), words, opener=open_for) == 0
    file = Path(json.loads(capsys.readouterr().out)["pdf"])
    assert file.read_bytes().startswith(b"%PDF") and file.name == f"case-{number}-en.pdf"
