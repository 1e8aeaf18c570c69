"""The ledger: what waits, what is confirmed, and an export that a verifier of its own finds true and equal."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from kouprey.federation.model import LaneClass
from kouprey.kernel.words.errors import Unknown

VERIFIER = Path(__file__).parents[3] / "examples" / "verify_ledger.py"


def contents(count: int, mark: str = "o") -> list[bytes]:
    return [f'{{"mark":"{mark}-{number}"}}'.encode() for number in range(count)]


def verify(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, VERIFIER, *map(str, words)], capture_output=True, text=True, check=False)


def exported(actor: Any, agreement: str, folder: Path) -> Path:
    file = folder / f"{actor.party}.jsonl"
    file.write_bytes(b"".join(actor.federation.ledger.export(agreement)))
    return file


def test_three_parties_export_equal_ledgers(world: Any, tmp_path: Path) -> None:
    actors = [world.actor(f"{name}.example") for name in ("ministry", "operator", "neighbour")]
    world.acquaint(*actors)
    agreement = world.agree(*actors)
    a, b, c = actors
    a.publish(agreement, contents(1200))
    a.publish(agreement, contents(2, "urgent"), lane_class=LaneClass.PRIORITY)
    # A later card must not make what was signed under the earlier one unprovable.
    a.people.renew_card(urls=("https://moved.ministry.example",))
    b.settle()
    b.people.trust(a.people.home().note, by="test")
    # C meets the new card first, and gets the earlier one with the next parcel.
    c.store.write(lambda tx: tx.execute("DELETE FROM outbox"))
    c.people.trust(a.people.home().note, by="test")
    parcel = BytesIO()
    a.federation.parcels.make(c.party, parcel, by="test")
    assert c.federation.parcels.read(BytesIO(parcel.getvalue()), by="test").problems == []
    b.publish(agreement, contents(3, "b"))
    for actor in actors:
        actor.settle()
        for other in actors:
            if other is not actor:
                actor.sync(other)
    for actor in actors:
        for other in actors:
            if other is not actor:
                actor.sync(other)
    files = [exported(actor, agreement, tmp_path) for actor in actors]
    for file in files:
        done = verify(file, *(f"--trust={each.party}={each.people.home().card.root}" for each in actors))
        assert done.returncode == 0, done.stdout
    for first, second in ((0, 1), (0, 2), (1, 2)):
        done = verify("--equal", files[first], files[second])
        assert done.returncode == 0 and "EQUAL" in done.stdout, done.stdout
    assert a.federation.ledger.heads(agreement) == b.federation.ledger.heads(agreement)
    assert {actor.federation.ledger.waiting() for actor in actors} == {0}
    # The comparison can fail.
    a.publish(agreement, contents(1, "later"))
    assert verify("--equal", exported(a, agreement, tmp_path), files[1]).returncode == 1


def test_a_replica_exports_what_it_lacks_as_withheld(world: Any, tmp_path: Path) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2))
    a.federation.serving._may_leave = lambda lane, party, held, known: held.index != 1
    b.sync(a)
    files = [exported(actor, agreement, tmp_path) for actor in (a, b)]
    assert verify("--equal", *files).returncode == 0
    assert b'"withheld"' in files[1].read_bytes()


def test_where_a_publication_stands(world: Any) -> None:
    a, b, agreement = world.pair()
    first = a.publish(agreement, contents(1))
    b.sync(a)
    second = a.publish(agreement, contents(1, "second"))
    a.agreements.suspend(agreement, suspended=True, by="test")
    third = a.queue(agreement, contents(1, "third"))
    ledger = a.federation.ledger
    places = ledger.find_places([*first, *second, *third])
    assert set(places) == {*first, *second}
    early, late = places[first[0]], places[second[0]]
    assert [party for party, _, _ in early.confirmed] == [b.party] and late.confirmed == ()
    assert early.signed_at <= late.signed_at and len(early.leaf) == 32
    (waiting,) = ledger.list_waiting()
    assert (waiting.queued, waiting.unsigned, waiting.unconfirmed, waiting.total) == (1, 0, 1, 2)
    assert ledger.waiting(b.party) == 2 and ledger.waiting("nobody.example") == 0
    a.agreements.suspend(agreement, suspended=False, by="test")
    a.lanes.append_waiting()
    b.sync(a)
    # When the first was confirmed does not change with later receipts.
    assert ledger.find_places(list(first))[first[0]].confirmed == early.confirmed


def test_entries_of_a_lane_for_people(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2))
    b.sync(a)
    (lane,) = b.federation.ledger.list_lanes(party=a.party)
    genesis, first, _ = (line.entry for line in b.federation.ledger.list_of_lane(lane.tag))
    assert (genesis.kind, first.kind, first.label.owner) == ("genesis", "object", a.party)
    assert [line.entry.index for line in b.federation.ledger.list_of_lane(lane.tag, 2)] == [2]
    with pytest.raises(Unknown):
        b.federation.ledger.list_of_lane("0" * 32)
    assert b.federation.ledger.list_lanes(party="nobody.example") == []
