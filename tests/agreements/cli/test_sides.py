"""Commands of one party alone, called as people call them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from kouprey.agreements.cli import lines, sides
from kouprey.agreements.model import Document, Emergency, Narrowing, PartyInDocument, Terms
from kouprey.kernel.cli.frame import Invocation, Lazy, build, run
from kouprey.kernel.words.capability import Services

ROOT = build([Lazy("agreement", "kouprey.agreements.cli:agreement", "Agreements.")], version="1")
A, B = "cert.example", "ministry.example"


@pytest.fixture
def command(trio: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Run a command at the first party; its JSON answer."""

    @contextmanager
    def opened(_: Invocation) -> Iterator[Services]:
        services = Services()
        services.put(trio[A].agreements)
        yield services

    def call(*words: str) -> Any:
        capsys.readouterr()
        assert run(ROOT, ["agreement", *words, "--json"], opener=opened) == 0
        return json.loads(capsys.readouterr().out)

    return call


def test_tighten_comment_compare_and_leave(trio: dict[str, Any], agree: Any, command: Any) -> None:
    made = agree(trio, A, B)
    name = made.agreement
    assert command("tighten", name, "--tlp", "green")["tightened_by"] == [A]
    assert command("comment", name, "Too high.", "--clause", "2")["about"] == "2"
    assert [row["words"] for row in command("comments", name)] == ["Too high."]
    command("draft", "--amends", name, "--template", "asean", "--with", B)
    found = {row["clause"]: row["way"] for row in command("changes", name, "1", "2")}
    assert found["approvals"] == "tightened" and found["onward"] == "loosened"
    assert command("leave", name, "--yes")["left"] == [A]


def test_declining_and_officers(trio: dict[str, Any], hand_over: Any, command: Any) -> None:
    drafted = trio[B].agreements.draft("Exchange", [A], Terms(), starts=trio[B].clock(), by="sovan")
    trio[B].agreements.sign(drafted.agreement, by="sovan")
    hand_over({name: trio[name] for name in (A, B)})
    assert command("decline", drafted.agreement, "Too long.")["about"] == "decline"
    command("officers", "two")
    assert trio[A].agreements.two_officers()
    command("officers", "one")
    assert not trio[A].agreements.two_officers()
    assert sides.tighten.name == "tighten"


def test_further_clauses_are_lines() -> None:
    parties = (PartyInDocument(id=A, root="a"), PartyInDocument(id=B, root="b"))
    document = Document(v=1, title="T", parties=parties, terms=Terms(emergency=Emergency(tlp="amber")))
    told = lines.further_lines(document)
    assert [line[:2] for line in told] == [str(number) for number in range(11, 20)]
    assert "up to TLP:AMBER, reviewed within 24 h" in told[3]
    said = Narrowing(agreement="", version=1, party=A, serial=1, at=0, tlp_ceiling="green", types=("sighting",))
    assert lines.narrowed_line(said) == "up to TLP:GREEN; types sighting"
