"""A running node takes in what is dropped into its spool folder, and is killed with -9 again and again meanwhile."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest

from journeys import sticks
from kouprey.exchange.service import Exchange
from kouprey.federation.service import Federation
from kouprey.node.actors import Actor, wait_until

EACH = 40


@pytest.mark.parametrize(
    ("engine", "kills", "parcels"),
    [
        # On PostgreSQL only among the acceptance sizes: it takes as long again.
        ("sqlite", 2, 4),
        pytest.param("sqlite", 60, 40, marks=pytest.mark.long),
        pytest.param("postgres", 60, 40, marks=pytest.mark.long),
    ],
)
def test_killed_while_it_takes_in(
    request: pytest.FixtureRequest, tmp_path: Path, engine: str, kills: int, parcels: int
) -> None:
    databases = (request.getfixturevalue("fresh_postgres"),) if engine == "postgres" else ()
    ministry, operator = sticks.found(tmp_path, (sticks.MINISTRY, sticks.OPERATOR), *databases)
    sticks.acquaint(ministry, operator)
    agreement = sticks.agree(ministry, operator, tmp_path)
    made = []
    for number in range(parcels):
        sticks.publish(ministry, agreement, f"n{number}", EACH, tmp_path)
        made.append(tmp_path / f"{number}.kpx")
        ministry.command("parcel", "make", operator.party, "--new", "-o", str(made[-1]))
    dice = random.Random(kills)
    dice.shuffle(made)
    into = operator.folder / "spool" / "in"
    midway = 0
    try:
        for life in range(kills):
            operator.start()
            wait_until("the folder is there", into.is_dir)
            for file in made[life::kills]:
                (into / file.name).write_bytes(file.read_bytes())
            time.sleep(2.0 + dice.uniform(0, 1.5))
            operator.stop(signal.SIGKILL)
            midway += any(into.iterdir())
        operator.start()
        wait_until("everything was taken in", lambda: not any(into.iterdir()))
    finally:
        operator.stop()
    done = operator.folder / "spool" / "done"
    assert len(list(done.glob("*.kpx"))) == len(list(done.glob("*.kpx.txt"))) == parcels
    assert not any((operator.folder / "spool" / "refused").iterdir())
    assert held(operator) == (parcels * EACH, 0, [])
    assert heads(operator, agreement) == heads(ministry, agreement)
    assert operator.command("doctor")["bad"] == 0
    print(f"{kills} kills, {midway} with something still in the folder; {parcels * EACH} objects, 0 lost, 0 doubled")


def held(actor: Actor) -> tuple[int, int, list[str]]:
    """(objects, in quarantine, what is missing) of a node."""
    with actor.services() as services:
        exchange, federation = services.get(Exchange), services.get(Federation)
        count = sum(exchange.counts(exchange.operator()).by_type.values())
        return count, len(federation.ledger.list_quarantined()), list(federation.parcels.gaps())


def heads(actor: Actor, agreement: str) -> object:
    with actor.services() as services:
        return services.get(Federation).ledger.heads(agreement)
