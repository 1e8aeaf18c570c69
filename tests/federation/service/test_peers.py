"""Who stands at the door: each request once, by the key on a trusted card."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.kernel.seal.httpsig import sign_request
from kouprey.kernel.words.errors import Damaged, Forbidden, Unidentified
from kouprey.kernel.words.time import wall_clock

URL = "http://ministry.example:8420/link/v1/lanes"


def signed(actor: Any) -> dict[str, str]:
    return sign_request("GET", URL, {}, b"", f"{actor.party}/node", actor.ring.node, wall_clock())


def test_a_peer_is_known_once_for_each_request(each_world: Any) -> None:
    a, b, _ = each_world.pair()
    headers = signed(b)
    assert a.federation.peers.identify("GET", URL, headers, b"") == b.party
    with pytest.raises(Damaged) as refused:
        a.federation.peers.identify("GET", URL, headers, b"")
    assert refused.value.code == "replayed"


def test_strangers_ourselves_and_paused_peers(world: Any) -> None:
    a, b, _ = world.pair()
    stranger = world.actor("stranger.example")
    for nobody in (stranger, a):
        with pytest.raises(Unidentified):
            a.federation.peers.identify("GET", URL, signed(nobody), b"")
    a.federation.links.pause(b.party, paused=True, by="test")
    with pytest.raises(Forbidden):
        a.federation.peers.identify("GET", URL, signed(b), b"")
