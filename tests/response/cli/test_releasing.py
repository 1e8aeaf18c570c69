"""Preservation, words and bases from the command line, by which alone nothing is released."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.cli.frame import run
from kouprey.kernel.seal import box
from kouprey.node.main import kouprey, open_for
from kouprey.response.model.sealed import Opener
from kouprey.response.service.sealing import seal_file
from kouprey.response.wire.sealed import write_file

KEY = box.new_identity()[1]
FIELDS = ("authority=High Court of Borei", "offence=Fraud", "data=Who rented it = when", "necessity=Logs go")


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Any:
    def work(office: Any, *words: str, code: int = 0) -> Any:
        capsys.readouterr()
        done = run(kouprey(), [*words, "--data", str(office.folder), "--json"], opener=open_for)
        out = capsys.readouterr()
        assert done == code, out.err
        return json.loads(out.out) if out.out.strip() else out.err

    return work


def test_preserved_and_longer(offices: Any, call: Any) -> None:
    a, b, agreement = offices
    ask = ("handoff", "ask", agreement, b.party, "preserve", "The false shop", "--basis", "Treaty")
    assert "no-preserve" in str(call(a, *ask, code=7))
    given = [word for field in FIELDS for word in ("--preserve", field)]
    assert "bad-preserve" in str(call(a, *ask, "--preserve", "colour=blue", code=7))
    made = call(a, *ask, *given, "--assistance")["id"]
    a.parcel(b)
    assert "bad-until" in str(call(b, "handoff", "preserved", made, "--until", "2001-01-01", code=7))
    told = call(b, "handoff", "preserved", made, "--until", "2030-01-31", "--route", "Talay Telecom TH")
    assert told == {"id": made, "until": "2030-01-31T23:59:59Z", "held": []}
    b.parcel(a)
    (row,) = call(a, "handoff", "list")
    assert row["until"] == "2030-01-31"
    assert call(a, "handoff", "longer", made, "--until", "2030-05-31")["longer"] == "2030-05-31T23:59:59Z"
    assert call(b, "handoff", "words", made) == []


def test_the_command_line_alone_releases_nothing_and_flags_what_is_owed(
    offices: Any, call: Any, tmp_path: Path
) -> None:
    a, b, agreement = offices
    words = ("handoff", "ask", agreement, b.party, "disclose", "Where is it", "--text", "One number.")
    ground = ("--urgency", "emergency", "--ground", "A child is missing.", "--reader", f"Azman={KEY}")
    made = call(a, *words, *ground)["id"]
    a.parcel(b)
    call(b, "handoff", "say", made, "accept", "--text", "Now.")
    item = seal_file(b"calls", "calls.csv", [Opener(name="Azman", key=KEY)], a.people.home().card.age)
    (tmp_path / "x.sealed").write_bytes(write_file(item))
    said = call(b, "handoff", "say", made, "report", "--text", "All.", "--item", str(tmp_path / "x.sealed"), code=6)
    assert "two-persons" in str(said)
    b.release(made, "All.", item)
    (word,) = call(b, "handoff", "words", made)
    assert word["state"] == "given" and "(lead)" in word["first"] and "(legal)" in word["second"]
    b.parcel(a)
    for office in (a, b):
        assert call(office, "handoff", "list")[0]["basis"] == "missing"
        assert call(office, "sealed", "list", made)[0]["basis"] == "missing"
    assert call(a, "handoff", "basis", made, "Treaty of 2004, article 12")["lacks_basis"] is False
    assert call(a, "sealed", "list", made)[0]["basis"] == ""
