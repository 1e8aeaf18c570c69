"""The audit on the command line: listed, exported, verified, and a trail somebody wrote to is said to be so."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from kouprey.kernel.cli.frame import Invocation, Lazy, build, run
from kouprey.kernel.storage.audit import append
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

ROOT = build([Lazy("audit", "kouprey.audit.cli:audit", "audit")], version="1")
Face = Any
Command = Callable[..., Any]


@pytest.fixture
def face(make_face: Callable[..., Face]) -> Face:
    face = make_face("ministry.example", "Ministry of Examples")

    def work(tx: Any) -> None:
        for number in range(3):
            append(tx, at=number, actor="=cmd", action="deed", subject=f"thing-{number}", detail={"number": number})

    face.store.write(work)
    return face


@pytest.fixture
def command(face: Face, capfdbinary: pytest.CaptureFixture[bytes]) -> Command:
    """Run a command; what it printed, or the exit code and code of a failure."""

    @contextmanager
    def opener(_: Invocation) -> Iterator[Services]:
        yield face.services

    def call(*words: str, plain: bool = False) -> Any:
        code = run(ROOT, ["audit", *words, *(() if plain else ("--json",))], opener=opener)
        out, err = capfdbinary.readouterr()
        if code:
            return code, json.loads(err)["code"]
        return out.decode() if plain else json.loads(out)

    return call


def test_lines_are_listed_narrowed_and_called_by_name(face: Face, command: Command) -> None:
    assert [row["about"] for row in command("list", "--action", "deed")] == ["thing-2", "thing-1", "thing-0"]
    assert len(command("list", "--text", "ing-1", "--since", "1970-01-01", "--until", "1970-01-01")) == 1
    dara = face.people.save_person("Dara", (Role.ANALYST,), TLP.AMBER, by="operator")
    (row,) = command("list", "--about", "Dara")
    assert row["about"] == "Dara" and row["detail"]["active"]
    assert [row["who"] for row in command("list", "--action", "audit.read")][:1] == ["operator"]
    assert command("list", "--about", dara.id)
    assert command("list", "--since", "soon") == (7, "bad-day")


def test_an_export_holds_no_formula(command: Command) -> None:
    lines = command("export", "--format", "csv", "--action", "deed", plain=True).splitlines()
    assert len(lines) == 4 and all(",'=cmd," in line for line in lines[1:])
    assert command("export", "--action", "deed", plain=True).count("\n") == 3


def test_a_trail_is_verified_and_a_noted_hash_found_again(face: Face, command: Command) -> None:
    first = command("verify")
    assert first["whole"] and first["lines"] >= 3
    face.people.save_person("Dara", (Role.ANALYST,), TLP.AMBER, by="operator")
    assert command("verify", "--noted", first["head"])["lines"] == first["lines"] + 1
    assert command("verify", "--noted", "ab" * 32) == command("verify", "--noted", "x") == (7, "audit-rewritten")
    face.store.write(lambda tx: tx.execute("DELETE FROM audit WHERE subject = 'thing-1'"))
    assert command("verify") == (7, "audit-broken")
