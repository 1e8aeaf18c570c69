"""An agreement of five: one suspends its part, one joins late, one leaves; nothing is served after the sender knew."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from journeys.conftest import FAST, free_ports
from kouprey.kernel.storage import audit
from kouprey.kernel.words.errors import Refused
from kouprey.kernel.words.time import Instant
from kouprey.node import watching
from kouprey.node.actors import Actor, wait_until
from kouprey.node.assemble import open_node
from kouprey.node.fiction import TLP_MARKING, Cast, stix_id
from kouprey.people.service import People

TITLE = "Five who share"
FIRST, LEAVER, PAUSER, OTHER, LATE = (
    Cast(key, f"cert.{key}.example", f"CERT of {key.title()}", "Somebody", "liaison")
    for key in ("ara", "bera", "cida", "dola", "eno")
)
STOPS = ("agreement.suspended", "agreement.left")


class Five:
    """Five nodes, of which the first writes and the others are served."""

    def __init__(self, folder: Path, database: Callable[[], str]) -> None:
        everybody = (FIRST, LEAVER, PAUSER, OTHER, LATE)
        self.folder = folder
        self.actors = {
            cast.key: Actor(
                cast=cast,
                folder=folder / cast.key,
                address=f"127.0.0.1:{port}",
                url=f"http://127.0.0.1:{port}",
                database=database(),
                guard=database(),
                environment=FAST,
            )
            for cast, port in zip(everybody, free_ports(len(everybody)), strict=True)
        }
        self.agreement = ""

    def __getitem__(self, cast: Cast) -> Actor:
        return self.actors[cast.key]

    def begin(self) -> None:
        """All nodes run, trust each other's cards and are linked with each other."""
        for actor in self.actors.values():
            words = ["--party", actor.party, "--name", actor.cast.name, "--listen", actor.address, "--url", actor.url]
            stores = ["--database", actor.database, "--guard-database", actor.guard] if actor.database else []
            actor.command("init", str(actor.folder), *words, *stores)
            with actor.services() as services:
                (self.folder / f"{actor.cast.key}.card").write_bytes(services.get(People).home().note)
        for actor, other in permutations(self.actors.values(), 2):
            actor.command("party", "trust", str(self.folder / f"{other.cast.key}.card"), "--yes")
        for actor, other in permutations(self.actors.values(), 2):
            actor.command("link", "add", other.party, other.link_url, "--allow-private")
        for actor in self.actors.values():
            actor.start()

    def stop(self) -> None:
        for actor in self.actors.values():
            actor.stop()

    def agree(self, *parties: Cast, amends: str = "") -> None:
        """The first proposes to these, they sign, and it is in force for all of them."""
        first, others = self[FIRST], [self[each] for each in parties]
        named = [word for other in others for word in ("--with", other.party)]
        amending = ["--amends", amends] if amends else []
        drafted = first.command("agreement", "draft", "--title", TITLE, "--tlp", "amber", *named, *amending)
        self.agreement = str(drafted["agreement"])
        first.command("agreement", "propose", self.agreement, "--yes")
        number = 2 if amends else 1
        for other in others:
            wait_until(f"version {number} reaches {other.party}", lambda o=other: self.version(o) >= number)  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
            other.command("agreement", "sign", self.agreement, "--yes")
        for actor in (first, *others):
            wait_until(f"version {number} binds {actor.party}", lambda a=actor: self.bound(a) == number)  # type: ignore[misc]  # mypy cannot infer a lambda with defaults

    def version(self, actor: Actor) -> int:
        """The highest version a node has heard of."""
        from kouprey.agreements.service import Agreements

        if not watching.state(actor, self.agreement):
            return 0
        with actor.services() as services:
            return int(services.get(Agreements).list_versions(self.agreement)[-1].number)

    def bound(self, actor: Actor) -> int:
        """The version all have signed, as a node knows it."""
        from kouprey.agreements.service import Agreements

        with actor.services() as services:
            standing = services.get(Agreements).standings()[self.agreement]
            return standing.version if standing.signed else 0

    def publish(self, name: str, *, by: Cast = FIRST) -> str:
        """One indicator under the agreement; its id."""
        actor = self[by]
        made = indicator(watching.identity(actor), name)
        file = self.folder / f"{name}.json"
        file.write_text(json.dumps(made))
        actor.command("import", str(file))
        actor.command("publish", "--agreement", self.agreement, str(made["id"]))
        return str(made["id"])

    def holders(self, thing: str) -> set[str]:
        """The keys of those who hold it."""
        return {key for key, actor in self.actors.items() if watching.knows(actor, [thing])}

    def reaches(self, thing: str, *wanted: Cast) -> None:
        """Wait until exactly these, beside the first, hold it, and every other one has called since in vain."""
        for each in wanted:
            wait_until(f"{thing} reaches {each.key}", lambda e=each: e.key in self.holders(thing))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
        assert self.holders(thing) == {FIRST.key, *(each.key for each in wanted)}


def indicator(author: str, name: str) -> dict[str, Any]:
    at = "2026-11-02T08:00:00.000Z"
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": stix_id("indicator", name),
        "created_by_ref": author,
        "created": at,
        "modified": at,
        "name": f"Server of {name}",
        "pattern": f"[domain-name:value = '{name}.example']",
        "pattern_type": "stix",
        "valid_from": at,
        "object_marking_refs": [TLP_MARKING["green"]],
    }


def trail(actor: Actor, action: str) -> list[audit.AuditEntry]:
    node = open_node(actor.folder)
    try:
        with node.store.read() as reader:
            return audit.list_audit(reader, None, 5000, action=action)
    finally:
        node.close()


def served(actor: Actor, party: str, since: Instant) -> int:
    """Bodies that a node gave to a party since an instant, as its trail says, which is written before they leave."""
    return sum(
        int(str(each.detail.get("bodies", 0)))
        for each in trail(actor, "lane.serve")
        if each.actor == party and each.at >= since
    )


def stops(actor: Actor) -> dict[str, Instant]:
    """Party -> when this node learned that it had suspended or left."""
    return {str(each.detail["by"]): each.at for action in STOPS for each in trail(actor, action)}


@pytest.fixture
def five(tmp_path: Path) -> Iterator[Callable[..., Five]]:
    made: list[Five] = []

    def begin(database: Callable[[], str] = str) -> Five:
        made.append(Five(tmp_path, database))
        made[-1].begin()
        return made[-1]

    yield begin
    for each in made:
        each.stop()


def given_before(five: Five, of_the_other: str) -> None:
    """What was given before is not the newcomer's, until each of those who gave it gives it to them too, once."""
    of_the_first = {stix_id("indicator", name) for name in ("one", "two")}
    assert not [thing for thing in (*of_the_first, of_the_other) if LATE.key in five.holders(thing)]
    words = ("publish", "--agreement", five.agreement, "--given-before", "--to", LATE.party)
    seen = five[FIRST].command(*words, "--dry-run")
    assert (seen["found"], seen["goes"]) == (2, 2)
    assert set(five[FIRST].command(*words)["report"]["queued"]) == of_the_first
    for thing in of_the_first:
        wait_until("what was given before comes", lambda t=thing: LATE.key in five.holders(t))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
    assert LATE.key not in five.holders(of_the_other)
    assert five[OTHER].command(*words)["report"]["queued"] == [of_the_other]
    wait_until("what the other gave comes", lambda: LATE.key in five.holders(of_the_other))
    for giver in (FIRST, OTHER):
        assert five[giver].command(*words)["report"]["queued"] == []


def live(five: Five) -> None:
    five.agree(LEAVER, PAUSER, OTHER)
    five.reaches(five.publish("one"), LEAVER, PAUSER, OTHER)

    # One suspends its part: the others go on, and nothing more comes to it or from it.
    five[PAUSER].command("agreement", "suspend", five.agreement)
    wait_until("the first knows of it", lambda: PAUSER.party in stops(five[FIRST]))
    five.reaches(five.publish("two"), LEAVER, OTHER)
    with pytest.raises(Refused, match="suspended this agreement"):
        five.publish("of-the-pauser", by=PAUSER)
    kept_back = five.publish("of-the-other", by=OTHER)
    wait_until("the others have it", lambda: {FIRST.key, OTHER.key, LEAVER.key} == five.holders(kept_back))

    # One joins late: all sign again, the one that suspended too, and that stays suspended.
    five.agree(LEAVER, PAUSER, OTHER, LATE, amends=five.agreement)
    five.reaches(five.publish("three"), LEAVER, OTHER, LATE)
    assert PAUSER.key not in five.holders(kept_back)
    given_before(five, kept_back)

    # One leaves: what it has it keeps, nothing more comes, and for the others the agreement goes on.
    five[LEAVER].command("agreement", "leave", five.agreement, "--yes")
    for cast in (FIRST, OTHER, LATE):
        wait_until(f"{cast.key} knows that one has left", lambda c=cast: LEAVER.party in stops(five[c]))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
    five.reaches(five.publish("four"), OTHER, LATE)
    five.reaches(five.publish("five", by=FIRST), OTHER, LATE)

    known = stops(five[FIRST])
    assert set(known) == {PAUSER.party, LEAVER.party}
    # What is counted below is there to be counted: both were served before.
    assert all(served(five[FIRST], party, 0) > 0 for party in known)
    for actor in five.actors.values():
        for party, since in stops(actor).items():
            assert served(actor, party, since) == 0, (actor.party, party)

    # The one that suspended resumes and gets what it missed; the one that left does not.
    five[PAUSER].command("agreement", "resume", five.agreement)
    missed = [kept_back, *(stix_id("indicator", name) for name in ("two", "three", "four", "five"))]
    wait_until("what was missed comes", lambda: watching.knows(five[PAUSER], missed) == len(missed))
    for cast in (FIRST, PAUSER, OTHER, LATE):
        assert served(five[cast], LEAVER.party, known[LEAVER.party]) == 0, cast.key


@pytest.mark.long
def test_five_parties(five: Callable[..., Five]) -> None:
    live(five())


@pytest.mark.long
def test_five_parties_on_postgresql(five: Callable[..., Five], fresh_postgres: Callable[[], str]) -> None:
    live(five(fresh_postgres))
