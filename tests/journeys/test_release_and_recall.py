"""Over real nodes: asked for, released by two persons, sent; recalled, acknowledged there, no longer outstanding."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kouprey.agreements.model import ApprovalRule
from kouprey.agreements.service import Agreements
from kouprey.exchange.service import Exchange
from kouprey.kernel.words.tlp import TLP
from kouprey.node import fiction
from kouprey.node.actors import Actor, wait_until
from kouprey.node.story import Story
from kouprey.people.model import Role
from kouprey.people.service import People


def ask(actor: Actor, what: Callable[[Any], Any]) -> Any:
    """Something of the exchange beside the running node."""
    with actor.services() as services:
        return what(services)


@pytest.mark.parametrize("engine", [pytest.param("sqlite", marks=pytest.mark.long), "postgres"])
def test_released_sent_recalled_and_acknowledged(
    request: pytest.FixtureRequest,
    loopback_actors: Callable[..., dict[str, Actor]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    engine: str,
) -> None:
    databases = (request.getfixturevalue("fresh_postgres"),) if engine == "postgres" else ()
    drafted = Agreements.draft

    def draft(self: Agreements, title: str, parties: Any, terms: Any, **more: Any) -> Any:
        rules = (ApprovalRule(tlp="green", role="liaison"), ApprovalRule(tlp="green", role="legal"))
        return drafted(self, title, parties, msgspec.structs.replace(terms, approvals=rules), **more)

    monkeypatch.setattr(Agreements, "draft", draft)
    story = Story(loopback_actors(*databases))
    try:
        for key in ("nodes", "cards", "agreement"):
            story.play(next(each for each in story.chapters if each.key == key))
        giver, taker = story.operator, story.ministry
        tool = {
            "type": "tool",
            "spec_version": "2.1",
            "id": fiction.stix_id("tool", "hammer"),
            "created": "2026-10-31T05:00:00.000Z",
            "modified": "2026-10-31T05:00:00.000Z",
            "name": "Hammer",
            "object_marking_refs": [fiction.TLP_MARKING["green"]],
        }
        file = tmp_path / "tool.json"
        file.write_bytes(fiction.bundle([tool]))
        giver.command("import", str(file))
        stix_id = str(tool["id"])
        report = giver.command("publish", "--agreement", story.agreement, stix_id)
        assert [each["stix_id"] for each in report["waiting"]] == [stix_id] and not report["queued"]

        def release(role: Role) -> str:
            def work(services: Any) -> str:
                people, exchange = services.get(People), services.get(Exchange)
                person = people.save_person(f"Somebody {role}", (role,), TLP.RED, by="test")
                (waiting,) = exchange.list_approvals(exchange.operator())
                (spoken,) = exchange.release(people.reader_of(person), [waiting.id], by=person.id)
                return str(spoken.state)

            return str(ask(giver, work))

        assert release(Role.LIAISON) == "waiting"
        assert not held(taker, stix_id)
        assert release(Role.LEGAL) == "sent"
        wait_until("it has arrived", lambda: held(taker, stix_id))

        def recall(services: Any) -> Any:
            exchange = services.get(Exchange)
            return exchange.raise_concern(exchange.operator(), stix_id, "recall", text="It was wrong.", by="operator")

        ((made,),) = (ask(giver, recall),)
        wait_until("the recall has arrived", lambda: ask(taker, lambda s: asked(s)))

        def answer(services: Any) -> Any:
            exchange = services.get(Exchange)
            return exchange.answer_concern(exchange.operator(), made.id, "followed", text="Gone.", by="operator")

        assert not [each for each in ask(taker, answer).outstanding if each == taker.party]
        wait_until("the answer has arrived", lambda: taker.party not in owing(giver, made.id))
        assert story.neighbour.party in owing(giver, made.id)
    finally:
        story.stop()


def held(actor: Actor, stix_id: str) -> bool:
    """Whether a node has an object."""
    return bool(ask(actor, lambda s: s.get(Exchange).list_objects(s.get(Exchange).operator(), text=stix_id).heads))


def asked(services: Any) -> list[str]:
    """What partners asked of a node."""
    exchange = services.get(Exchange)
    return [each.kind for each in exchange.list_asked(exchange.operator())]


def owing(actor: Actor, concern: str) -> tuple[str, ...]:
    """Who owes an answer."""
    found = ask(actor, lambda s: s.get(Exchange).get_concern(s.get(Exchange).operator(), concern))
    return tuple(found.outstanding)
