"""A serving node is backed up, destroyed and restored: it comes back in a new epoch, and nobody is accused."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kouprey.federation.service import Federation
from kouprey.node import fiction
from kouprey.node.actors import Actor, wait_until
from kouprey.node.story import Story

Actors = Callable[..., dict[str, Actor]]


def test_a_node_is_backed_up_destroyed_and_restored(loopback_actors: Actors, tmp_path: Path) -> None:
    live_through(loopback_actors(), tmp_path, str)


@pytest.mark.long
def test_a_node_on_postgresql(loopback_actors: Actors, tmp_path: Path, fresh_postgres: Callable[[], str]) -> None:
    live_through(loopback_actors(fresh_postgres), tmp_path, fresh_postgres)


def live_through(actors: dict[str, Actor], tmp_path: Path, new_database: Callable[[], str]) -> None:
    """The operator loses its machine after something was published that is in no backup."""
    story = Story(actors)
    operator = story.operator
    kept, identity = tmp_path / "node.kpbackup", tmp_path / "identity.txt"
    try:
        for chapter in story.chapters[:4]:
            story.play(chapter)
        publish(story, "indicator", "server-1")
        made = operator.command("backup", str(kept), "--new-identity", str(identity))
        assert made["size"] == kept.stat().st_size
        assert b"AGE-SECRET" not in kept.read_bytes() and not list(tmp_path.glob("*.part"))
        assert not list(operator.folder.glob(".backup-*")), "no open copy is left behind"
        publish(story, "indicator", "server-2")
        before = sizes(story.ministry, story.agreement)

        operator.stop()
        shutil.rmtree(operator.folder)
        more = ("--database", new_database()) if operator.database else ()
        operator.command("restore", str(kept), str(operator.folder), "--identity", str(identity), *more)
        assert not list(operator.folder.glob("guard.db*")), "the guard is not in a backup"
        doctor = operator.command("doctor")
        assert doctor["bad"] == 0, "bodies and everything derived from them came back"
        operator.start()
        publish(story, "campaign", "paper-lantern")
    finally:
        story.stop()

    after = sizes(story.ministry, story.agreement)
    assert before.items() <= after.items(), "what the ministry held before is held and unchanged"
    assert len(set(after) - set(before)) == 1, "the operator goes on in one new epoch"
    for peer in (story.ministry, story.neighbour):
        with peer.services() as services:
            ledger = services.get(Federation).ledger
            lanes = [lane for lane in ledger.list_lanes(agreement=story.agreement) if lane.author == operator.party]
            assert sorted(lane.state for lane in lanes) == ["closed", "open"], "nobody is accused"
            assert not ledger.list_quarantined()


def publish(story: Story, kind: str, name: str) -> None:
    """Publish one more thing of the operator and wait until both others have confirmed everything."""
    report = story.operator.command("publish", "--agreement", story.agreement, fiction.stix_id(kind, name))
    assert report["queued"], report
    wait_until("all is confirmed", lambda: not story.waiting(story.operator))


def sizes(actor: Actor, agreement: str) -> dict[str, int]:
    """Lanes that others write, as this node holds them."""
    with actor.services() as services:
        lanes = services.get(Federation).ledger.list_lanes(agreement=agreement)
        return {lane.origin: lane.size for lane in lanes if not lane.mine}


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KOUPREY_DATABASE", raising=False)
