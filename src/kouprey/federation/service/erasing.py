"""Erasing: bodies leave the lanes, the proof stays, and an entry of ours asks those who have them to follow."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kouprey.federation import store as rows
from kouprey.federation.model import EntryKind
from kouprey.federation.service.lanes import Lanes
from kouprey.federation.wire import entry
from kouprey.kernel.storage.engine import Reader, Tx


def erase_bodies(tx: Tx, lanes: Lanes, publications: Sequence[int], received: Collection[tuple[str, int]]) -> int:
    """Remove the bodies of what we published and of what came in these (origin, index); how many entries lost theirs.

    What still waits for a lane of ours never becomes an entry.
    """
    rows.cancel_outgoing(tx, publications)
    ours = set(rows.list_places(tx, publications).values())
    theirs = {(lane.id, index) for origin, index in received if (lane := rows.find_lane(tx, origin=origin)) is not None}
    count = 0
    for lane_id, index in sorted(ours | theirs):
        erased = rows.erase_entry(tx, lane_id, index)
        count += erased
        if erased and (lane_id, index) in ours:
            _ask(tx, lanes, lane_id, index)
    return count


def list_erased_entries(reader: Reader, entries: Collection[tuple[str, int]]) -> set[tuple[str, int]]:
    """Which of these (origin, index) have no body any more because it was erased."""
    found = set()
    for origin in {origin for origin, _ in entries}:
        lane = rows.find_lane(reader, origin=origin)
        indices = [index for named, index in entries if named == origin]
        if lane is not None:
            erased = rows.list_erased(reader, lane.id, min(indices), max(indices) + 1)
            found |= {(origin, index) for index in set(indices).intersection(erased)}
    return found


def _ask(tx: Tx, lanes: Lanes, lane_id: int, index: int) -> None:
    """Say that a body is erased (docs/spec/lane.md, kind 2): in its lane, or when that has ended, in the next epoch.

    It waits in the queue like everything else where nothing can be appended now.
    """
    lane = rows.find_lane(tx, lane_id=lane_id)
    if lane is None or (index >= lane.signed_size and lane.state != rows.OPEN):
        return
    # Always with the name of the lane: what waits may become an entry of another epoch.
    body = entry.render_erase(lane.origin, index, index + 1)
    parties = lane.aim.split()
    lanes.queue_rendered(tx, lane.agreement, [body], lane_class=lane.lane_class, kind=EntryKind.ERASE, parties=parties)
