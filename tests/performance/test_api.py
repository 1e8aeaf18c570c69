"""The figures for programs and on the command line; paper only for who is cleared for everything."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kouprey.agreements.model import Terms
from kouprey.agreements.service import Agreements
from kouprey.kernel.cli.frame import Invocation, Lazy, build, run
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.time import wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.people.service import People
from kouprey.performance import api, cli
from performance.conftest import TARGETS

ROOT = build([Lazy("measures", "kouprey.performance.cli:measures", "measures")], version="1")


@pytest.fixture
def agreed(programs: Any) -> str:
    """An agreement of both nodes, with targets."""
    ours, theirs = (programs.nodes[party].services for party in (programs.home, programs.partner))
    ours.get(People).trust(programs.card(programs.partner), by="test")
    theirs.get(People).trust(programs.card(programs.home), by="test")
    parties = (programs.home, programs.partner)
    starts = wall_clock() - 10**7
    drafted = ours.get(Agreements).draft("Exchange", parties, Terms(targets=TARGETS), starts=starts, by="test")
    signed = ours.get(Agreements).sign(drafted.agreement, by="test")
    theirs.get(Agreements).receive_note(signed.note, signed.document_bytes, by="test")
    signed = theirs.get(Agreements).sign(drafted.agreement, by="test")
    ours.get(Agreements).receive_note(signed.note, signed.document_bytes, by="test")
    return str(drafted.agreement)


def test_figures_table_and_paper(programs: Any, agreed: str) -> None:
    place = f"agreements/{agreed}/measures"
    high, low = programs.client(Role.LEAD), programs.client(Role.LEAD, TLP.AMBER)
    told = high.get(place).json()
    assert told["verdict"] == "unknown" and told["whole"] and len(told["measures"]) == 8
    assert not low.get(place).json()["whole"] and len(low.get(place).json()["measures"]) == 7
    assert high.get(f"{place}/table").text.startswith(
        "quarter,measure,unit,value,p90,n,target,baseline,state,agreement,title,clause\r\n"
    )
    assert high.get(place, params={"quarter": "soon"}).json()["code"] == "bad-quarter"
    assert high.get(place, params={"quarter": "2990-Q1"}).json()["code"] == "bad-quarter"
    assert high.get("agreements/agr_0/measures").json()["code"] == "unknown-agreement"
    assert low.get(f"{place}/paper").json()["code"] == "not-cleared"
    paper = high.get(f"{place}/paper", params={"language": "km"}).json()
    assert b64decode(paper["pdf"]).startswith(b"%PDF") and "kouprey report v1" in paper["note"]
    assert callable(api.routes)


def test_the_command_line_shows_prints_and_verifies(
    programs: Any, agreed: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    at = programs.home

    @contextmanager
    def opener(_: Invocation) -> Iterator[Services]:
        yield programs.nodes[at].services

    def call(*words: str) -> Any:
        code = run(ROOT, ["measures", *words, "--json"], opener=opener)
        out, err = capfdbinary.readouterr()
        return json.loads(err)["code"] if code else json.loads(out)

    assert {row["measure"] for row in call("show", agreed)} >= {"share-back", "outstanding-recalls"}
    assert run(ROOT, ["measures", "show", agreed, "--csv"], opener=opener) == 0
    assert capfdbinary.readouterr()[0].startswith(b"quarter,measure")
    made = call("print", agreed, "--into", str(tmp_path))
    at = programs.partner
    assert call("verify", made["pdf"], made["note"])["party"] == programs.home, "the partner's node has our card"
    Path(made["pdf"]).write_bytes(b"%PDF-other")
    assert call("verify", made["pdf"], made["note"]) == "other-paper"
    assert call("verify", str(tmp_path / "none"), made["note"]) == "no-file"
    assert call("show", agreed, "--quarter", "2026") == "bad-quarter"
    assert callable(cli.measures)
