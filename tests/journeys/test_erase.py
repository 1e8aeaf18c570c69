"""Something published is erased at both ends while the nodes run; an older backup does not bring it back."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from kouprey.federation.service import Federation
from kouprey.kernel.words.errors import Refused
from kouprey.node.actors import Actor, wait_until
from kouprey.node.story import Story

Actors = Callable[..., dict[str, Actor]]
VERIFIER = str(Path(__file__).parents[2] / "examples" / "verify_ledger.py")
CANARY = "canary-5e1f"
STIX_ID = "indicator--5e1f5e1f-0000-4000-8000-00000000e1f0"
OBJECT = {
    "type": "indicator",
    "spec_version": "2.1",
    "id": STIX_ID,
    "created": "2026-11-22T09:00:00.000Z",
    "modified": "2026-11-22T09:00:00.000Z",
    "name": CANARY,
    "description": f"{CANARY} again",
    "pattern": f"[domain-name:value = '{CANARY}.example']",
    "pattern_type": "stix",
    "valid_from": "2026-11-22T09:00:00.000Z",
}


def test_what_is_erased_stays_away(loopback_actors: Actors, tmp_path: Path) -> None:
    live_through(loopback_actors(), tmp_path, str)


@pytest.mark.long
def test_on_postgresql(loopback_actors: Actors, tmp_path: Path, fresh_postgres: Callable[[], str]) -> None:
    live_through(loopback_actors(fresh_postgres), tmp_path, fresh_postgres)


def live_through(actors: dict[str, Actor], tmp_path: Path, new_database: Callable[[], str]) -> None:
    story = Story(actors)
    operator, ministry = story.operator, story.ministry
    kept, identity, file = tmp_path / "node.kpbackup", tmp_path / "identity.txt", tmp_path / "canary.json"
    file.write_bytes(msgspec.json.encode(OBJECT))
    try:
        for chapter in story.chapters[:4]:
            story.play(chapter)
        assert operator.command("import", str(file), "--tlp", "green")["new"] == 1
        assert operator.command("publish", "--agreement", story.agreement, STIX_ID)["queued"]
        wait_until("all is confirmed", lambda: not story.waiting(operator))
        assert CANARY in str(ministry.command("show", STIX_ID))
        operator.command("backup", str(kept), "--new-identity", str(identity))

        report = operator.command("erase", STIX_ID, "--because", "Court order 12", "--yes")
        assert report["entries"] == 1, "the lane forgets it too"
        assert set(report["given"]) == {ministry.party, story.neighbour.party}
        for actor in (operator, ministry, story.neighbour):
            wait_until("its files are clean", lambda actor=actor: clean(actor))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
            assert actor.command("doctor")["bad"] == 0, "the proof still holds"
            wait_until("it is said in the lane", lambda actor=actor: gone(actor, story.agreement))  # type: ignore[misc]  # as above
        wait_until("both have confirmed it", lambda: confirmed(operator) == {ministry.party, story.neighbour.party})

        operator.stop()
        operator.folder.rename(tmp_path / "old")
        more = ("--database", new_database()) if operator.database else ("--erasures", str(tmp_path / "old"))
        restored = operator.command("restore", str(kept), str(operator.folder), "--identity", str(identity), *more)
        assert restored["erasures"] == 1 and clean(operator)
        assert operator.command("doctor")["bad"] == 0
        operator.start()
        with pytest.raises(Refused):
            operator.command("import", str(file), "--tlp", "green")
        assert b'"erased"' in file.with_name("canary.json.refusals.ndjson").read_bytes()
        assert clean(operator)
    finally:
        story.stop()


def confirmed(actor: Actor) -> set[str]:
    """Who says to have erased what this node asked to be erased."""
    with actor.services() as services:
        return {party for each in services.get(Federation).ledger.list_asked() for party, _ in each.erased}


def clean(actor: Actor) -> bool:
    """Whether no file of the node's folder holds the canary; PostgreSQL keeps its files itself."""
    return not any(CANARY.encode() in path.read_bytes() for path in actor.folder.rglob("*") if path.is_file())


def gone(actor: Actor, agreement: str) -> bool:
    """Whether the ledger, which must verify, calls one body erased: its author says so in the lane."""
    with actor.services() as services:
        exported = b"".join(services.get(Federation).ledger.export(agreement))
    file = actor.folder.with_name("ledger.jsonl")
    file.write_bytes(exported)
    verified = subprocess.run([sys.executable, VERIFIER, str(file)], capture_output=True, text=True, check=False)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    return ", 1 erased [" in verified.stdout


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KOUPREY_DATABASE", raising=False)
