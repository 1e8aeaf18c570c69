"""Roots and compact ranges of stored lanes at any size, from the nearest checkpoint below it."""

from __future__ import annotations

from kouprey.federation import store as rows
from kouprey.kernel.seal.tree import Frontier, leaf_hash
from kouprey.kernel.storage.engine import Reader
from kouprey.kernel.words.errors import Refused

_CHUNK = 16_384


def frontier_at(reader: Reader, lane_id: int, size: int) -> Frontier:
    """The compact range of [0, size) of a lane, over the headers as they are stored now."""
    kept = rows.find_checkpoint_below(reader, lane_id, size)
    frontier = Frontier() if kept is None else Frontier.from_bytes(kept.size, kept.frontier)
    for start in range(frontier.size, size, _CHUNK):
        frontier.extend(map(leaf_hash, rows.list_headers(reader, lane_id, start, min(start + _CHUNK, size))))
    if frontier.size != size:
        raise Refused(
            "A lane is damaged.",
            f"It holds {frontier.size} of {size} headers.",
            "Run `kouprey doctor`.",
            code="damaged-lane",
        )
    return frontier


def tail_ends(reader: Reader, lane: rows.Lane, most: int, most_bytes: int) -> tuple[list[Frontier], int]:
    """The compact ranges at which the tail of a lane is to be signed, over its headers as they are stored now.

    With them the checksum of those headers. Between two ends are at most so many entries, and about so many bytes.
    """
    frontier = frontier_at(reader, lane.id, lane.signed_size)
    ends: list[Frontier] = []
    tail = 0
    while frontier.size < lane.size or not ends:
        start = frontier.size
        end = rows.end_within(reader, lane.id, start, min(start + most, lane.size), most_bytes)
        frontier = frontier.copy()
        headers = rows.list_headers(reader, lane.id, start, end)
        frontier.extend(map(leaf_hash, headers))
        tail = rows.sum_tail(headers, tail)
        ends.append(frontier)
        if frontier.size != end:
            break  # A row is missing; whoever compares says so.
    return ends, tail
