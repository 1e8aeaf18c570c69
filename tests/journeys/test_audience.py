"""Over three real nodes: what is for an audience of two reaches the one, and the third learns of nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kouprey.agreements.model import Group
from kouprey.agreements.service import Agreements
from kouprey.exchange.service import Exchange
from kouprey.federation.service.accounts import list_account_lanes
from kouprey.node import fiction
from kouprey.node.actors import Actor, wait_until
from kouprey.node.story import Story


def test_an_audience_of_two_among_three(
    loopback_actors: Callable[..., dict[str, Actor]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafted = Agreements.draft
    actors = loopback_actors()
    two = Group(name="two", parties=tuple(sorted((fiction.OPERATOR.party, fiction.MINISTRY.party))))

    def draft(self: Agreements, *args: Any, **more: Any) -> Any:
        return drafted(self, *args, **{**more, "groups": [two]})

    monkeypatch.setattr(Agreements, "draft", draft)
    story = Story(actors)
    try:
        for key in ("nodes", "cards", "agreement"):
            story.play(next(each for each in story.chapters if each.key == key))
        giver, taker, third = story.operator, story.ministry, story.neighbour
        ids = []
        for name in ("for-two", "for-all"):
            tool = {
                "type": "tool",
                "spec_version": "2.1",
                "id": fiction.stix_id("tool", name),
                "created": "2026-10-31T05:00:00.000Z",
                "modified": "2026-10-31T05:00:00.000Z",
                "name": name,
                "object_marking_refs": [fiction.TLP_MARKING["green"]],
            }
            file = tmp_path / f"{name}.json"
            file.write_bytes(fiction.bundle([tool]))
            giver.command("import", str(file))
            ids.append(str(tool["id"]))
        given = giver.command("publish", "--agreement", story.agreement, "--audience", "two", ids[0])
        assert given["queued"] == ids[:1]
        wait_until("the one has it", lambda: held(taker, ids[0]))
        # What is for all comes later, on another lane: whoever has it has asked for everything meant for him.
        giver.command("publish", "--agreement", story.agreement, ids[1])
        for actor in (taker, third):
            wait_until("all have what is for all", lambda a=actor: held(a, ids[1]))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
        assert not held(third, ids[0])
        theirs = [lane.audience for lane in lanes(third) if lane.author == giver.party]
        assert theirs and all(third.party in audience for audience in theirs)
        apart = [lane.audience for lane in lanes(giver) if third.party not in lane.audience and lane.mine]
        assert apart == [two.parties]

        def why(services: Any) -> Any:
            exchange = services.get(Exchange)
            return exchange.explain(ids[0], third.party, who=exchange.operator()).decision

        # The receiver's node knows for whom it is, and under which clause.
        made = ask(taker, why)
        assert not made.allowed and (made.because[0].code, made.because[0].clause) == ("sealed", "19")
        assert "“two”" in made.because[0].text
    finally:
        story.stop()


def ask(actor: Actor, what: Callable[[Any], Any]) -> Any:
    """Something beside the running node."""
    with actor.services() as services:
        return what(services)


def held(actor: Actor, stix_id: str) -> bool:
    """Whether a node has an object."""
    return bool(ask(actor, lambda s: s.get(Exchange).list_objects(s.get(Exchange).operator(), text=stix_id).heads))


def lanes(actor: Actor) -> Any:
    """The lanes a node knows."""

    def work(services: Any) -> Any:
        with services.get(Exchange)._store.read() as reader:
            return list_account_lanes(reader)

    return ask(actor, work)
