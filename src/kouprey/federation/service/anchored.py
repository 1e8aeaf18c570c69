"""Anchors that come: what they quote of lanes held here is kept until it can be compared."""

from __future__ import annotations

from collections.abc import Sequence

from kouprey.federation import store as rows
from kouprey.federation.model import BodyFrame, BodyState, EntryHeader, EntryKind
from kouprey.federation.store import anchors as kept
from kouprey.federation.store.anchors import WAITS, StoredAnchor
from kouprey.federation.wire.anchor import read_anchor
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.time import Instant


def note_anchors(
    tx: Tx, lane: rows.Lane, came: Sequence[tuple[EntryHeader, BodyFrame]], now: Instant
) -> dict[int, KoupreyError]:
    """Keep what the anchors among these entries quote of lanes held here; index -> why one cannot be read.

    Of lanes not held, of another agreement, of its own author, or that the author of the anchor may not read, nothing
    is kept: an anchor says something of what both of us read, and must not be a way to fill our database.
    """
    wrong: dict[int, KoupreyError] = {}
    for header, frame in came:
        if header.kind is not EntryKind.ANCHOR or frame.state is not BodyState.PRESENT:
            continue
        try:
            quoted = read_anchor(frame.body)
        except KoupreyError as error:
            wrong[header.index] = error
            continue
        for checkpoint, note in quoted:
            meant = rows.find_lane(tx, origin=checkpoint.origin)
            if (
                meant is not None
                and not meant.mine
                and meant.agreement == lane.agreement
                and meant.author != lane.author
                and lane.author in meant.audience
            ):
                kept.save_anchor(tx, StoredAnchor(meant.id, lane.author, checkpoint.size, note, WAITS, now))
    return wrong
