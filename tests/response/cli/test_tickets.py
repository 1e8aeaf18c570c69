"""Tickets from the command line, with an RTIR beside the node."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.cli.frame import run
from kouprey.node.main import kouprey, open_for
from response.requesttracker import TOKEN, running


def test_made_seen_settled_and_let_go(offices: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, _, _ = offices
    (tmp_path / "token").write_text(TOKEN)

    def call(*words: str, code: int = 0) -> Any:
        capsys.readouterr()
        done = run(kouprey(), [*words, "--data", str(a.folder), "--json"], opener=open_for)
        out = capsys.readouterr()
        assert done == code, out.err
        return json.loads(out.out) if out.out.strip() else out.err

    number = str(call("case", "open", "A page shows another text")["number"])
    assert call("ticket", "list") == [] and "no-rtir" in str(call("ticket", "make", number, code=6))
    with running() as tracker, (a.folder / "kouprey.toml").open("a") as file:
        file.write(f'rtir_url = "{tracker.url}"\nrtir_token_file = "{tmp_path / "token"}"\n')
        file.flush()
        call("ticket", "make", number)
        assert call("ticket", "look") == {"tickets": 1}
        (row,) = call("ticket", "list")
        assert (row["ticket"], row["status"], row["clash"]) == ("4711", "new", "")
        other = tracker.create({"Subject": "Theirs", "Queue": "Incidents"})
        tracker.set_status(other, "resolved")
        call("ticket", "tie", number, str(other))
        call("ticket", "look")
        assert [each["clash"] for each in call("ticket", "list") if each["ticket"] == str(other)] == ["ended-there"]
        call("ticket", "settle", number, str(other))
        assert [each["clash"] for each in call("ticket", "list") if each["ticket"] == str(other)] == ["left"]
        call("ticket", "let-go", number, str(other))
        assert [each["ticket"] for each in call("ticket", "list")] == ["4711"]
        assert "unknown-ticket" in str(call("ticket", "let-go", number, "1", code=4))
