"""A node is restored from an older copy of its folder: a new epoch, no accusation, and the exchange goes on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kouprey.federation.service import Federation
from kouprey.node import fiction
from kouprey.node.actors import Actor, wait_until
from kouprey.node.story import Story


@pytest.mark.long
def test_an_older_copy_without_its_guard(loopback_actors: Callable[..., dict[str, Actor]], tmp_path: Path) -> None:
    story = Story(loopback_actors())
    operator = story.operator
    try:
        for chapter in story.chapters[:4]:
            story.play(chapter)
        publish(story, "indicator", "server-1")
        copy = tmp_path / "copy"
        operator.stop()
        shutil.copytree(operator.folder, copy, ignore=shutil.ignore_patterns("guard.db*", "server.log"))
        operator.start()
        publish(story, "indicator", "server-2")
        before = sizes(story.ministry, story.agreement)

        operator.stop()
        shutil.rmtree(operator.folder)
        shutil.copytree(copy, operator.folder)
        operator.start()
        publish(story, "campaign", "paper-lantern")
    finally:
        story.stop()

    after = sizes(story.ministry, story.agreement)
    assert before.items() <= after.items(), "what the ministry held before is held and unchanged"
    fresh = set(after) - set(before)
    assert len(fresh) == 1, "the operator goes on in one new epoch"
    for peer in (story.ministry, story.neighbour):
        with peer.services() as services:
            ledger = services.get(Federation).ledger
            lanes = [lane for lane in ledger.list_lanes(agreement=story.agreement) if not lane.mine]
            states = sorted(lane.state for lane in lanes if lane.author == operator.party)
            assert states == ["closed", "open"], "one epoch has ended, one goes on, and nobody is accused"
            assert not ledger.list_quarantined()
    with operator.services() as services:
        closed = [lane for lane in services.get(Federation).ledger.list_lanes() if lane.state == "closed"]
        assert len(closed) == 1
        # By its guard, or by a partner that was heard first.
        why = closed[0].note
        assert "guard" in why or "signed by us" in why, "the node itself says why"


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
