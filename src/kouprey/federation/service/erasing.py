"""Erasing: bodies leave the lanes, the proof stays, and an entry of ours asks those who have them to follow."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from kouprey.federation import store as rows
from kouprey.federation.model import ERASE_MEDIA_TYPE, EntryBody, EntryKind
from kouprey.federation.service.lanes import Lanes
from kouprey.federation.wire import entry
from kouprey.kernel.storage.engine import Tx


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


def _ask(tx: Tx, lanes: Lanes, lane_id: int, index: int) -> None:
    """Say in the lane itself that a body is erased (docs/spec/lane.md, kind 2), unless the lane has ended."""
    lane = rows.find_lane(tx, lane_id=lane_id)
    tip = None if lane is None else lanes._open_for(tx, lane.agreement, lane.lane_class)
    if tip is None or tip.id != lane_id:
        return
    # Why it was erased is nobody's business but ours.
    content = msgspec.json.encode({"targets": [[index, index + 1]], "authority": "", "reason": "erased"})
    body = entry.render_body(EntryBody(media_type=ERASE_MEDIA_TYPE, label=None, content=content))
    lanes._insert(tx, tip, [tx.positions(1)], [EntryKind.ERASE], [body])
    tx.after_commit(lanes.waiting.set)
