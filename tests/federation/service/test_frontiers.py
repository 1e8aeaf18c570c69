"""Roots of stored lanes at any size are those of a tree of its own making."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.federation import store as rows
from kouprey.federation.service.frontiers import frontier_at
from kouprey.kernel.seal.tree import Frontier, leaf_hash
from kouprey.kernel.words.errors import Refused


def test_every_size_between_checkpoints(world: Any) -> None:
    a, _, agreement = world.pair()
    for count in (1, 6, 9):
        a.publish(agreement, [b"x"] * count)
    with a.store.read() as reader:
        (lane,) = rows.list_lanes(reader)
        headers = rows.list_headers(reader, lane.id, 0, lane.size)
        assert len(headers) == 17
        for size in range(18):
            expected = Frontier()
            expected.extend(map(leaf_hash, headers[:size]))
            assert frontier_at(reader, lane.id, size).to_bytes() == expected.to_bytes()
        with pytest.raises(Refused):
            frontier_at(reader, lane.id, 18)
