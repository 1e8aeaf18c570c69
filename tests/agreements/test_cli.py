"""The commands by which two parties come to an agreement, read it, and stop it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.cli.frame import Invocation, Lazy, build, run
from kouprey.kernel.words.capability import Services

# Decisions and rows are tested on both engines; this is about parties, not about engines.
pytestmark = pytest.mark.parametrize("stores", ["sqlite"], indirect=True)
A, B = "cert.example", "ministry.example"
ROOT = build([Lazy("agreement", "kouprey.agreements.cli:agreement", "Agreements.")], version="1")
Command = Callable[..., Any]


@pytest.fixture
def command(trio: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command at a party; its JSON answer, or the exit code of a failure with what was told."""

    def opener(party: str) -> Callable[[Invocation], AbstractContextManager[Services]]:
        @contextmanager
        def opened(_: Invocation) -> Iterator[Services]:
            services = Services()
            services.put(trio[party].agreements)
            yield services

        return opened

    def call(party: str, *words: str, plain: bool = False) -> Any:
        code = run(ROOT, ["agreement", *words, *(() if plain else ("--json",))], opener=opener(party))
        told = capsys.readouterr()
        if code:
            return code, json.loads(told.err)["code"]
        return told.out if plain else json.loads(told.out)

    return call


def test_from_draft_to_suspension(
    trio: dict[str, Any], command: Command, hand_over: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "memorandum.txt"
    text.write_text("We help each other.\n")
    drafted = command(
        A, "draft", "--title", "Exchange", "--with", B, "--tlp", "green", "--type", "sighting", "--purpose",
        "research", "--onward", "members", "--ends", "2030-01-01", "--text-file", f"en={text}",
    )  # fmt: skip
    assert drafted["state"] == "draft"
    assert drafted["ends"] == "2030-01-01T00:00:00Z"
    assert (drafted["tlp_ceiling"], drafted["types"], drafted["purposes"]) == ("green", ["sighting"], ["research"])
    name = drafted["agreement"]
    assert command(A, "sign", name, "--yes") == (6, "nothing-to-sign")
    assert command(A, "propose", name) == (6, "needs-confirmation")
    assert command(A, "propose", "exch", "--yes")["missing"] == [B]
    hand_over(trio)
    assert command(B, "propose", name, "--yes") == (6, "nothing-to-sign")
    assert command(B, "discard", name) == (6, "no-draft")
    assert command(B, "sign", name, "--yes")["state"] == "in force"
    hand_over(trio)
    (row,) = command(A, "list")
    assert (row["agreement"], row["state"], row["missing"]) == (name, "in force", [])

    shown = command(A, "show", name, plain=True)
    for words in ("in force", "2. Highest marking: nothing above TLP:GREEN", "Signed   " + B, "We help each other."):
        assert words in shown
    assert [line[:3] for line in shown.splitlines()[3:13]] == [f"{number:>2}." for number in range(1, 11)]

    assert command(B, "suspend", name)["state"] == "suspended"
    assert command(B, "resume", name)["state"] == "in force"
    assert command(A, "show", name, "--version", "7") == (4, "unknown")
    assert command(A, "show", "nothing") == (4, "unknown-agreement")


def test_signing_shows_first_what_is_signed(
    trio: dict[str, Any], command: Command, hand_over: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    name = command(A, "draft", "--title", "Exchange", "--with", B)["agreement"]
    code = run(
        ROOT,
        ["agreement", "propose", name, "--yes"],
        opener=lambda _: _one(trio[A].agreements),
    )
    told = capsys.readouterr()
    assert code == 0
    assert "Highest marking: nothing above TLP:AMBER" in told.err
    assert told.out == f"Signed. Awaited: {B}.\n"


@contextmanager
def _one(service: object) -> Iterator[Services]:
    services = Services()
    services.put(service)
    yield services


def test_an_amendment_is_shown_by_its_number(trio: dict[str, Any], command: Command, hand_over: Any) -> None:
    name = command(A, "draft", "--title", "Exchange", "--with", B)["agreement"]
    command(A, "propose", name, "--yes")
    hand_over(trio)
    command(B, "sign", name, "--yes")
    hand_over(trio)
    amended = command(A, "draft", "--title", "More", "--with", B, "--tlp", "red", "--amends", name)
    assert (amended["agreement"], amended["version"], amended["state"]) == (name, 2, "draft")
    assert command(A, "show", name)["version"] == 1
    assert command(A, "show", name, "--version", "2")["tlp_ceiling"] == "red"
    assert command(A, "discard", name) == {"agreement": name, "discarded": 1}
    assert command(A, "show", name, "--version", "2") == (4, "unknown")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--ends", "soon"], (7, "bad-day")),
        (["--ends", "2020-01-01"], (7, "bad-agreement")),
        (["--text-file", "en=/nowhere/there.txt"], (4, "no-file")),
        (["--text-file", "/nowhere"], (4, "no-file")),
        (["--amends", "agr_0"], (4, "unknown-agreement")),
        (["--with", "stranger.example"], (4, "unknown-party")),
        (["--tlp", "purple"], (2, "usage")),
    ],
)
def test_what_cannot_be_drafted(trio: Any, command: Command, words: list[str], code: tuple[int, str]) -> None:
    assert command(A, "draft", "--title", "T", "--with", B, *words) == code
    assert command(A, "list") == []
