"""The situation from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.cli.frame import run
from kouprey.node.main import kouprey, open_for
from kouprey.response.model import Verb, Wanted
from response.campaigns import bring, objects


def test_everything_from_the_command_line(offices: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b, agreement = offices

    def call(*words: str, code: int = 0) -> Any:
        capsys.readouterr()
        done = run(kouprey(), ["situation", *words, "--data", str(a.folder), "--json"], opener=open_for)
        out = capsys.readouterr()
        assert done == code, out.err
        return json.loads(out.out) if out.out.strip() else None

    assert call("show") == [] and call("partners") == []
    bring(a.node.services, objects())
    wanted = Wanted(agreement=agreement, to=b.party, kind="act", title="Block the loader", text="It calls.")
    who = a.handoffs.operator()
    asked = a.handoffs.request(who, wanted)
    rows = call("show", "--days", "7")
    assert {each["what"] for each in rows} == {"defacement", "hand-off", "campaign"}
    (campaign,) = [each for each in rows if each["what"] == "campaign"]
    assert "asserts that Heron Collective is behind it (no confidence is stated)" in campaign["title"]
    a.handoffs.say(who, asked.id, Verb.WITHDRAW, text="Not needed.")
    figures = call("partners")
    assert [(each["clock"], each["known"], each["missing"]) for each in figures] == [
        ("acknowledge", 0, 1),
        ("decide", 0, 1),
    ]
    made = call("print", "--language", "km", "--into", str(tmp_path / "papers"))
    assert Path(made["pdf"]).read_bytes().startswith(b"%PDF") and made["tlp"] == "TLP:GREEN"
    call("print", "--language", "xx", code=7)
