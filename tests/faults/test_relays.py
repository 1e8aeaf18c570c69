"""What those learn who carry parcels for others, a node or a stick: sizes and times. And what they can do to them."""

from __future__ import annotations

import base64
import random
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from federation.conftest import World
from kouprey.federation.service import Spool
from kouprey.kernel.words.errors import KoupreyError

SECRET = b'{"secret":"indicator--canary of the cut"}'


@pytest.fixture
def world(tmp_path: Path) -> Any:
    made = World(tmp_path, None)
    yield made
    made.close()


def packed(a: Any, b: Any, **how: Any) -> bytes:
    out = BytesIO()
    a.federation.parcels.make(b.party, out, by="test", **how)
    return out.getvalue()


def tellings(a: Any, b: Any, agreement: str) -> dict[str, bytes]:
    """Everything inside that would tell a carrier something, as bytes it could look for."""
    (lane,) = a.own_lanes()
    return {
        "content": SECRET,
        "author": a.party.encode(),
        "reader": b.party.encode(),
        "agreement": agreement.encode(),
        "title": b"An agreement",
        "origin": lane.origin.encode(),
        "tag": lane.tag.encode(),
        "media type": b"application/stix+json",
        "key of the reader": b.people.home().card.age.encode(),
        "a manifest": b'"made_by"',
        "zstd": b"\x28\xb5\x2f\xfd",
    }


def spellings(said: bytes) -> list[bytes]:
    coded = base64.b64encode(said).rstrip(b"=")[:-1]
    return [said, said.hex().encode(), coded] if len(said) > 4 else [said]


def test_a_relay_learns_sizes_and_nothing_else(world: Any) -> None:
    a, b, agreement = world.pair()
    relay = world.actor("neighbour.example")
    world.acquaint(a, b, relay)
    # The relay shares another agreement with the maker: that opens nothing either.
    world.agree(a, relay, title="Another")
    a.publish(agreement, [SECRET] * 5)
    sealed = packed(a, b)
    for what, said in tellings(a, b, agreement).items():
        for form in spellings(said):
            assert form not in sealed, what
    head, _, rest = sealed.partition(b"\n---")
    stanzas = [line for line in head.split(b"\n") if line.startswith(b"-> ") and b"-grease" not in line]
    assert head.startswith(b"age-encryption.org/v1\n") and rest
    assert len(stanzas) == 1 and re.fullmatch(rb"-> X25519 [A-Za-z0-9+/]{43}", stanzas[0]), "one key of no name"
    again = packed(a, b)
    shared = {sealed[at : at + 16] for at in range(len(sealed) - 16)} & {
        again[at : at + 16] for at in range(len(again))
    }
    # What is common to both is what every file begins with, and nothing behind its head.
    assert all(piece in b"age-encryption.org/v1\n-> X25519 " for piece in shared), "the same twice is not seen"

    # Whoever drops it at the relay's node, by page or folder, changes nothing there and is told nothing of it.
    before = state(relay)
    with pytest.raises(KoupreyError) as refused:
        relay.federation.parcels.read(BytesIO(sealed), by="test")
    assert refused.value.code == "cannot-open"
    now = [0.0]
    spool = Spool(relay.folder / "spool", relay.federation.parcels, passing=lambda: now[0])
    spool.prepare()
    (spool.folder / "in" / "carried.kpx").write_bytes(sealed)
    for _ in range(4):
        spool.take_in()
        now[0] += 61
    (told,) = spool.list_past("refused")
    for what, said in tellings(a, b, agreement).items():
        assert said.decode("latin-1") not in told.said, what
    assert state(relay) == before
    (carried,) = (spool.folder / "refused").glob("*.kpx")
    assert b.federation.parcels.read(BytesIO(carried.read_bytes()), by="test").entries == 6


def state(node: Any) -> tuple[Any, Any]:
    with node.store.read() as reader:
        counts = [
            reader.value(f"SELECT count(*) FROM {table}") for table in ("lane", "lane_ahead", "parcel_read", "meta")
        ]
    return counts, node.got


def test_two_relays_that_do_what_they_like(world: Any) -> None:
    a, b, agreement = world.pair()
    made = []
    for number in range(8):
        a.publish(agreement, [b'{"n":%d}' % number] * (number + 1))
        made.append(packed(a, b, fresh=True))
    dice = random.Random(8)
    by_one, by_other = made[::2], made[1::2]
    withheld = by_other.pop(1)
    carried = [*by_one, *by_one, *by_other]
    spoilt = []
    for sealed in carried[:6]:
        at = dice.randrange(len(sealed))
        spoilt += [sealed[:at], sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], sealed + b"\0"]
    carried += spoilt
    dice.shuffle(carried)
    refused = 0
    for sealed in carried:
        try:
            b.federation.parcels.read(BytesIO(sealed), by="test")
        except KoupreyError as error:
            assert error.code == "cannot-open"
            refused += 1
    assert refused == len(spoilt)
    (lane,) = a.own_lanes()
    assert b.federation.parcels.wants(a.party) == [f"please send {lane.tag[:12]} 7-10 of 37"]
    answer = packed(a, b, slips=b.federation.parcels.wants(a.party)[0])
    assert b.federation.parcels.read(BytesIO(answer), by="test").problems == []
    assert b.federation.ledger.heads(agreement) == a.federation.ledger.heads(agreement)
    assert b.federation.parcels.read(BytesIO(withheld), by="test").entries == 0
    assert len(b.got) == 36
