"""`docs/start/two-nodes.md`, followed word for word: what is typed there is typed here, in at most ten commands."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from journeys.conftest import FAST, free_ports
from kouprey.node.actors import wait_until

PAGE = (Path(__file__).parents[2] / "docs" / "start" / "two-nodes.md").read_text()
SECTION = re.compile(r"^## (.+?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECTIONS = dict(SECTION.findall(PAGE))
TEN = ("Two nodes", "Trust", "The agreement", "The first exchange")


def commands(section: str) -> list[str]:
    """The lines of a section that are typed."""
    blocks = [text for language, text in BLOCK.findall(SECTIONS[section]) if not language]
    return [line for text in blocks for line in text.splitlines() if line]


class Terminal:
    """A folder in which the page is followed; its ports stand for those of the page."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = dict(zip(("8420", "8421"), map(str, free_ports(2)), strict=True))
        self.serving: list[subprocess.Popen[bytes]] = []

    def words(self, line: str) -> list[str]:
        for said, ours in self.ports.items():
            line = line.replace(said, ours)
        first, *rest = shlex.split(line)
        assert first == "kouprey", line
        if rest[0] == "init" and "--listen" not in rest:
            # The page takes the standard port, which may be taken on the machine of a test.
            rest += ["--listen", f"127.0.0.1:{self.ports['8420']}"]
        return [sys.executable, "-m", "kouprey", *rest]

    def type(self, line: str) -> str:
        """What a command says; it must end well, and whatever it asks is answered with yes."""
        # A terminal, because a question to nobody is refused.
        ours, theirs = os.openpty()
        os.write(ours, b"y\n")
        try:
            done = subprocess.run(
                self.words(line),
                cwd=self.folder,
                stdin=theirs,
                capture_output=True,
                text=True,
                check=False,
                timeout=120,
            )
        finally:
            os.close(ours)
            os.close(theirs)
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def serve(self, line: str) -> None:
        log = (self.folder / "server.log").open("ab")
        environment = {**os.environ, **FAST}
        self.serving.append(
            subprocess.Popen(self.words(line), cwd=self.folder, stdout=subprocess.PIPE, stderr=log, env=environment)
        )
        log.close()
        pipe = self.serving[-1].stdout
        assert pipe is not None and pipe.readline()


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    made = Terminal(tmp_path)
    yield made
    for each in made.serving:
        each.terminate()
        each.wait()
        if each.stdout is not None:
            each.stdout.close()


def test_it_takes_ten_commands() -> None:
    looking = ("kouprey ledger show", "kouprey lookup")
    typed = [line for section in TEN for line in commands(section) if not line.startswith(looking)]
    assert len(typed) == 10


def test_the_page_leads_to_a_first_exchange(terminal: Terminal) -> None:
    for section in TEN:
        for language, text in BLOCK.findall(SECTIONS[section]):
            if language == "json":
                (terminal.folder / "bundle.json").write_text(text)
                continue
            for line in text.splitlines():
                if line.startswith("kouprey serve"):
                    terminal.serve(line)
                elif line.startswith("kouprey agreement sign"):
                    # "Within seconds" the proposal is there.
                    wait_until("the proposal came", lambda: "First exchange" in terminal.type(LISTED))
                    terminal.type(line)
                elif line.startswith("kouprey publish"):
                    wait_until(
                        "it is in force", lambda: "in force" in terminal.type(LISTED.replace("operator", "cert"))
                    )
                    assert "1" in terminal.type(line)
                elif line.startswith("kouprey lookup"):
                    wait_until("the indicator came", lambda line=line: "false invitations" in terminal.type(line))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
                else:
                    terminal.type(line)
    wait_until("its receipt came", lambda: confirmed(terminal))


def confirmed(terminal: Terminal) -> bool:
    """Whether the operator has confirmed all that the CERT has signed."""
    told = json.loads(terminal.type("kouprey ledger show --data cert --json"))
    lanes = [each for each in told["lanes"] if each["direction"] == "given"]
    return bool(lanes) and all(
        any(said.startswith(f"operator.example {each['signed']} ") for said in each["confirmed"]) for each in lanes
    )


@pytest.mark.long
def test_without_a_link_it_arrives_by_parcel(terminal: Terminal) -> None:
    for section in ("Two nodes", "Trust", "Without a link"):
        for line in commands(section):
            terminal.serve(line) if line.startswith("kouprey serve") else terminal.type(line)


LISTED = "kouprey agreement list --data operator"
