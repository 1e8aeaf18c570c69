"""The serve gate: what leaves is asked again each time, and what may not leave reaches nobody."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
import zstandard

from kouprey.agreements.model import Terms
from kouprey.federation import store as rows
from kouprey.kernel.seal.box import open_box
from kouprey.kernel.words.tlp import TLP


def contents(count: int, mark: str = "o") -> list[bytes]:
    return [f'{{"mark":"{mark}-{number}"}}'.encode() for number in range(count)]


def canaries(folder: Any, canary: bytes) -> list[str]:
    """Files below a folder with these bytes."""
    return [str(file) for file in folder.rglob("*") if file.is_file() and canary in file.read_bytes()]


def test_suspension_holds_both_gates_at_once_and_loses_nothing(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    a.publish(agreement, contents(1, "before"))
    b.sync(a)
    a.publish(agreement, contents(1, "unsent"))
    a.agreements.suspend(agreement, suspended=True, by="test")
    a.publish(agreement, contents(2, "queued"))
    b.sync(a)
    assert len(b.got) == 1
    parcel = BytesIO()
    assert a.federation.parcels.make(b.party, parcel, by="test").lanes == ()
    (waiting,) = a.federation.ledger.list_waiting()
    assert (waiting.queued, waiting.unconfirmed) == (2, 1)
    a.agreements.suspend(agreement, suspended=False, by="test")
    a.lanes.append_waiting()
    b.sync(a)
    assert len(b.got) == 4


def test_tightening_is_felt_at_once_at_the_serve_gate(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, [b"amber"], tlp=TLP.AMBER)
    a.publish(agreement, [b"green"], tlp=TLP.GREEN)
    terms = Terms(tlp_ceiling="green")
    a.agreements.draft("Tighter", [b.party], terms, starts=1_000_000, amends=agreement, by="t")
    signed = a.agreements.sign(agreement, by="t")
    b.agreements.receive_note(signed.note, signed.document_bytes, by="t")
    signed = b.agreements.sign(agreement, by="t")
    a.agreements.receive_note(signed.note, signed.document_bytes, by="t")
    b.sync(a)
    assert b.got == [b"green"]
    with b.store.read() as reader:
        assert reader.value("SELECT count(*) FROM lane_entry WHERE state = ?", (rows.WITHHELD,)) == 1


def test_an_object_above_the_ceiling_reaches_nobody_by_any_road(world: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    canary = b"CANARY-7f3a9d51"
    a, b, agreement = world.pair()
    c = world.actor("neighbour.example")
    world.acquaint(a, c)
    said: list[bytes] = []
    world.wire.twist = lambda url, answer: said.append(answer.body) or answer
    a.publish(agreement, contents(2))
    # Published once by a mistake of the publish gate: the serve gate asks the policy of today all the same.
    a.publish(agreement, [b'{"secret":"' + canary + b'"}'], tlp=TLP.RED)
    a.publish(agreement, contents(1, "after"))
    b.sync(a)
    c.sync(a)
    parcels = []
    for party in (b.party, c.party):
        out = BytesIO()
        a.federation.parcels.make(party, out, by="t", since={a.own_lanes()[0].origin: 0})
        parcels.append(out.getvalue())
    opened = zstandard.ZstdDecompressor().stream_reader(BytesIO(open_box(parcels[0], b.ring.age_secrets))).read()
    assert contents(1, "after")[0] in opened, "the parcel does carry entries"
    assert canary not in opened
    b.federation.parcels.read(BytesIO(parcels[0]), by="t")
    assert b.got == [*contents(2), *contents(1, "after")]
    assert said and not [body for body in said if canary in body]
    for other in (b, c):
        other.close()
        assert canaries(other.folder, canary) == []
    a.close()
    assert canaries(a.folder, canary), "the search does find it where it is"
    assert canary.decode() not in caplog.text
