"""Attacks on lanes and parcels by a party with real keys: forged erasures, names and lanes, each refused."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any
from unittest import mock

import pytest

from federation.conftest import World
from kouprey.federation import store as rows
from kouprey.federation.model import (
    ERASE_MEDIA_TYPE,
    BodyFrame,
    BodyState,
    EntryBody,
    EntryKind,
    IndexRange,
)
from kouprey.federation.service import erase_bodies
from kouprey.federation.service.admit import Offer
from kouprey.federation.wire import parcel
from kouprey.kernel.words.errors import KoupreyError


@pytest.fixture
def three(tmp_path: Any) -> Any:
    """Three parties of one agreement; the third is hostile."""
    world = World(tmp_path, None)
    a, b, c = (world.actor(f"{name}.example") for name in ("ministry", "operator", "mallory"))
    world.acquaint(a, b, c)
    yield a, b, c, world.agree(a, b, c)
    world.close()


def bodies(actor: Any) -> list[bytes]:
    with actor.store.read() as reader:
        return [bytes(row[0]) for row in reader.all("SELECT body FROM lane_entry")]


def refusal(call: Any) -> str:
    with pytest.raises(KoupreyError) as refused:
        call()
    return refused.value.code


def test_an_erase_entry_reaches_only_into_its_own_lane(three: Any) -> None:
    """Targets are indices of the lane it stands in: nobody can so much as name somebody else's entries."""
    a, b, c, agreement = three
    a.publish(agreement, [b"canary", b"more"])
    b.sync(a)
    c.publish(agreement, [b"of c", b"of c too"])
    for words in (
        b'{"targets":[[0,99]],"authority":"","reason":"x"}',
        b'{"targets":[[1,2]],"authority":"","reason":"x"}',
    ):
        body = EntryBody(media_type=ERASE_MEDIA_TYPE, label=None, content=words)
        c.store.write(lambda tx, body=body: c.lanes.queue(tx, agreement, [body], kind=EntryKind.ERASE))
    c.lanes.append_waiting()
    b.sync(c)
    assert any(b"canary" in body for body in bodies(b)) and b"canary" in b.got
    assert b.sync(a) == 0 and not [lane for lane in b.federation.ledger.list_lanes() if lane.state == "frozen"]


def test_an_erased_body_is_not_taken_again(three: Any) -> None:
    """Offered by link, by parcel from the beginning, and frame by frame: it is gone, and stays gone."""
    a, b, _, agreement = three
    a.publish(agreement, [b"one", b"canary"])
    b.sync(a)
    (lane,) = a.own_lanes()
    with a.store.read() as reader:
        known = rows.find_lane(reader, origin=lane.origin)
        assert known is not None
        held = rows.list_entries(reader, known.id, 2, 3)[0]
    b.store.write(lambda tx: erase_bodies(tx, b.lanes, [], [(lane.origin, 2)]))
    frame = BodyFrame(2, BodyState.PRESENT, held.salt, held.body)
    assert b.federation.admission.fill(lane.origin, [frame], via="a stale peer") == 0
    out = BytesIO()
    a.federation.parcels.make(b.party, out, by="test", since={lane.origin: 0})
    assert b.federation.parcels.read(BytesIO(out.getvalue()), by="test").entries == 0
    b.sync(a)
    assert not any(b"canary" in body for body in bodies(b))


@pytest.mark.parametrize("name", ["../../etc/cron.d/x", "a" * 33, "A" * 32, "0" * 31 + "/", ""])
def test_a_parcel_cannot_name_a_path(three: Any, name: str) -> None:
    """The only name in a parcel is a number of 32 hex digits, and no file is called by it."""
    _, b, c, _ = three
    out = BytesIO()
    # Our own writer would not make it.
    with mock.patch.object(parcel, "check_manifest", lambda *_: None):
        manifest = parcel.new_manifest(
            parcel=name, made_by=c.party, made_at="2026-11-27T00:00:00Z", seq=1, recipients=(b.party,), lanes=[]
        )
        age = b.people.home().card.age
        parcel.write_parcel(out, manifest, c.ring.node, [age], papers=[], receipts=[], groups=[])
    assert refusal(lambda: b.federation.parcels.read(BytesIO(out.getvalue()), by="test")) == "bad-manifest"


def test_a_lane_of_another_agreement_is_not_taken_for_this_one(three: Any) -> None:
    """The keys are the same under both; the origin is the hash of a genesis that names its agreement."""
    a, b, c, agreement = three
    a.publish(agreement, [b"one"])
    (lane,) = a.own_lanes()
    page = a.federation.serving.headers(b.party, lane.tag, 0)
    frames = a.federation.serving.bodies(b.party, lane.tag, [IndexRange(0, 2)])
    offer = Offer(lane.origin, 0, page.checkpoint, page.headers, (), {frame.index: frame for frame in frames})
    c.publish(agreement, [b"other"])
    (other,) = c.own_lanes()
    mixed = replace(offer, origin=other.origin)
    assert refusal(lambda: b.federation.admission.admit(mixed, via="test")) == "wrong-origin"
    assert b.got == [] and b.federation.admission.admit(offer, via="test").stored == 2
