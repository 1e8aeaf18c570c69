"""What was given before a party joined, asked and given by programs, on a whole node."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

import pytest

from kouprey.agreements.model import Terms
from kouprey.agreements.service import Agreements
from kouprey.kernel.words.time import wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.node.assemble import open_node
from kouprey.node.founding import found
from kouprey.people.model import Role
from kouprey.people.service import People

LATE = "late.example"
IDENTITY = f"identity--{uuid5(NAMESPACE_DNS, LATE)}"


@pytest.fixture
def joins(either: Any, tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """Lets a third party join an agreement of the two."""
    settings = {"listen": "127.0.0.1:8420", "url": "", "database": "", "guard_database": ""}
    found(tmp_path / "late", party=LATE, name="Late", settings=settings, identity=IDENTITY, person="dara")
    late = open_node(tmp_path / "late")

    def deed(agreement: str) -> None:
        nodes = (either.node, either.partner, late)
        for one in nodes:
            for other in nodes:
                if one is not other:
                    one.services.get(People).trust(other.services.get(People).home().note, by="op")
        more: dict[str, Any] = {"starts": wall_clock() - 10**7, "amends": agreement, "by": "op"}
        either.agreements.draft("Test", [either.partner_id, LATE], Terms(tlp_ceiling="green"), **more)
        either.agreements.sign(agreement, by="op")
        for node in nodes[1:]:
            theirs = node.services.get(Agreements)
            carry(agreement, either.agreements, theirs, node.services.get(People).home_id)
            theirs.sign(agreement, by="op")
            carry(agreement, theirs, either.agreements, either.people.home_id)

    yield deed
    late.close()


def carry(agreement: str, giver: Agreements, taker: Agreements, party: str) -> None:
    for note, attachment in giver.agreement_notes(agreement, party):
        taker.receive_note(note, attachment, by="op")


def test_what_is_lacking_is_told_and_given_once(either: Any, joins: Callable[[str], None]) -> None:
    agreement = either.agree()
    either.keep(either.indicator(1), either.indicator(2), tlp=TLP.GREEN)
    program = either.client(Role.LEAD)
    assert program.post("/publications", json={"agreement": agreement, "everything": True}).status_code == 200
    path = f"/agreements/{agreement}/given-before"
    early = program.get(path, params={"party": LATE})
    assert (early.status_code, early.json()["code"]) == (409, "not-a-party")
    joins(agreement)
    seen = program.get(path, params={"party": LATE}).json()
    assert (seen["found"], seen["goes"], seen["held"], seen["since"]) == (2, 2, 0, "")
    assert seen["types"] == [{"type": "indicator", "found": 2, "goes": 2, "waits": 0, "held": 0}]
    assert program.get(path, params={"party": LATE, "since": "2099-01-01T00:00:00Z"}).json()["found"] == 0
    assert program.get(path, params={"party": LATE, "since": "soon"}).status_code == 400
    assert program.get(path).status_code == 400
    made = program.post(path, json={"party": LATE})
    assert made.status_code == 200 and len(made.json()["report"]["queued"]) == 2 and made.json()["more"] is False
    again = program.post(path, json={"party": LATE}).json()
    assert again["report"]["queued"] == [] and program.get(path, params={"party": LATE}).json()["found"] == 0
    assert program.get("/agreements/agr_none/given-before", params={"party": LATE}).status_code == 404
    assert either.client(Role.ANALYST).get(path, params={"party": LATE}).status_code == 403
