"""Actors: what happens to the command of one happens to whoever runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kouprey.kernel.words.errors import Refused
from kouprey.node import main
from kouprey.node.actors import Actor
from kouprey.node.fiction import CAST


@pytest.fixture
def actor(tmp_path: Path) -> Actor:
    return Actor(cast=CAST[0], folder=tmp_path / "node", address="127.0.0.1:8420", url="http://ministry.localhost:8420")


def test_a_command_that_fails_says_which_and_why(actor: Actor) -> None:
    with pytest.raises(Refused, match="person list"):
        actor.command("person", "list")


def test_whoever_ends_the_demo_during_a_command_ends_the_demo(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    def end(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(main, "open_for", end)
    with pytest.raises(KeyboardInterrupt):
        actor.command("person", "list")


def test_the_last_words_of_a_server_begin_where_the_interpreter_broke(actor: Actor) -> None:
    assert actor.last_words() == ""
    actor.folder.mkdir()
    log = actor.folder / "server.log"
    log.write_text("Ready\n" + "a line\n" * 1_000 + "the end")
    assert actor.last_words().endswith("the end") and "Ready" not in actor.last_words()
    script = "import faulthandler, os; faulthandler.enable(); os.abort()"
    with log.open("ab") as end:
        subprocess.run([sys.executable, "-c", script], stderr=end, check=False)
    assert actor.last_words().startswith("Fatal Python error: Aborted")
