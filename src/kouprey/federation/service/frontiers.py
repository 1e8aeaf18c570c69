"""Roots and compact ranges of stored lanes at any size, from the nearest checkpoint below it."""

from __future__ import annotations

from kouprey.federation import store as rows
from kouprey.kernel.seal.tree import Frontier, leaf_hash
from kouprey.kernel.storage.engine import Reader
from kouprey.kernel.words.errors import Damaged, Refused

_CHUNK = 16_384


def frontier_at(reader: Reader, lane_id: int, size: int) -> Frontier:
    """The compact range of [0, size) of a lane, over the headers as they are stored now."""
    frontier = _nearest(reader, lane_id, size)
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


def _nearest(reader: Reader, lane_id: int, size: int) -> Frontier:
    """The compact range beside the largest checkpoint of at most this size that still gives what was signed."""
    while (kept := rows.find_checkpoint_below(reader, lane_id, size)) is not None:
        if (frontier := whole_frontier(kept.size, kept.frontier, kept.root)) is not None:
            return frontier
        # Damaged: one bit of it would be signed with all that follows.
        size = kept.size - 1
    return Frontier()


def whole_frontier(size: int, stored: bytes, root: bytes) -> Frontier | None:
    """A stored compact range, or None when it is not of the root that was signed."""
    try:
        frontier = Frontier.from_bytes(size, stored)
    except (Damaged, ValueError):
        return None
    return frontier if frontier.root() == root else None


def signed_frontier(reader: Reader, lane: rows.Lane) -> Frontier:
    """The compact range of what is signed of a lane; Refused (`damaged-lane`) when it is not what was signed."""
    kept = rows.find_checkpoint(reader, lane.id, lane.signed_size)
    if kept is not None and (frontier := whole_frontier(kept.size, lane.frontier, kept.root)) is not None:
        return frontier
    frontier = frontier_at(reader, lane.id, lane.signed_size)
    if lane.signed_size and (kept is None or kept.root != frontier.root()):
        raise Refused(
            "A lane is damaged.",
            f"Its first {lane.signed_size} headers are not what was signed.",
            "Run `kouprey doctor`.",
            code="damaged-lane",
        )
    return frontier


def tail_ends(reader: Reader, lane: rows.Lane, most: int, most_bytes: int) -> tuple[list[Frontier], int]:
    """The compact ranges at which the tail of a lane is to be signed, over its headers as they are stored now.

    With them the checksum of those headers. Between two ends are at most so many entries, and about so many bytes.
    """
    frontier = signed_frontier(reader, lane)
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
