"""Commands about teams, as people call them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.cli.frame import run
from kouprey.node.main import kouprey, open_for
from kouprey.response.model import Verb, Wanted


def caller(office: Any, capsys: pytest.CaptureFixture[str]) -> Any:
    """Calls a command on the node of an office; what it says, read."""

    def call(*words: str, code: int = 0) -> Any:
        capsys.readouterr()
        done = run(kouprey(), [*words, "--data", str(office.folder), "--json"], opener=open_for)
        out = capsys.readouterr()
        assert done == code, out.err
        return json.loads(out.out) if out.out.strip() else None

    return call


def test_teams_from_the_command_line(offices: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b, agreement = offices
    call, theirs = caller(a, capsys), caller(b, capsys)
    file = tmp_path / "profile.json"
    file.write_text('{"name": "National CERT", "phone": "+855", "prefixes": ["203.0.113.0/24"]}')
    call("directory", "publish", code=6)
    assert call("directory", "own", str(file), "--verified")["version"] == 1
    assert call("directory", "publish")["agreements"] == 1
    a.parcel(b)
    assert {row["party"]: row["phone"] for row in theirs("directory", "list")}[a.party] == "+855"
    assert theirs("directory", "show", a.party)["agreements"] == [agreement]
    theirs("directory", "show", "nobody.example", code=4)
    assert theirs("directory", "competent", "203.0.113.7")[0]["party"] == a.party
    theirs("directory", "competent", "nothing", code=7)
    for wrong in ("[]", '{"strange": 1}', '{"hours": "x"}', '{"prefixes": ["x"]}'):
        file.write_text(wrong)
        call("directory", "own", str(file), code=7)
    file.write_text('{"mail": "cert@ministry.example"}')
    assert call("directory", "own", str(file))["version"] == 2
    assert call("directory", "show", a.party)["phone"] == "+855", "what is left out stays"


def test_proposals_from_the_command_line(offices: Any, capsys: pytest.CaptureFixture[str]) -> None:
    a, b, agreement = offices
    call = caller(a, capsys)
    wanted = Wanted(agreement=agreement, to=b.party, kind="act", title="Block", text="All.", refs=("gov.example",))
    made = a.handoffs.request(a.handoffs.operator(), wanted)
    a.parcel(b)
    who = b.handoffs.operator()
    b.handoffs.say(who, made.id, Verb.DECLINE, text="No.", reason="not-competent", other="third.example")
    b.parcel(a)
    (row,) = call("directory", "proposals")
    call("directory", "decide", row["message"], code=7)
    call("directory", "decide", row["message"], "--apply", "gov.example")
    assert call("directory", "proposals") == [] and call("directory", "competent", "a.gov.example")[0]["learned"]
    call("directory", "decide", row["message"], "--end")
    assert call("directory", "competent", "a.gov.example") == []
    call("directory", "decide", row["message"], "--dismiss", code=4)
