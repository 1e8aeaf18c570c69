"""Anchors: what we hold of others is fixed in our lanes, and what others have fixed is compared with what we hold."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from kouprey.agreements.service import Agreements
from kouprey.federation import store as rows
from kouprey.federation.model import EntryKind, LaneClass
from kouprey.federation.service.admit import Admission
from kouprey.federation.service.epochs import may_append
from kouprey.federation.service.evidence import Evidence
from kouprey.federation.service.frontiers import frontier_at
from kouprey.federation.service.lanes import Lanes
from kouprey.federation.store import anchors as kept
from kouprey.federation.store.anchors import AGREES, CONTRADICTS, StoredAnchor
from kouprey.federation.wire.anchor import HEADS_MAX, render_anchor
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Reader, Store, Tx
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.time import DAY, Clock, wall_clock
from kouprey.people.service import People

_log = logging.getLogger(__name__)

LOOKED_AT = 1_000
"""Headers of a lane that are looked at for something else than an anchor; more than these hold something else."""


class Anchors:
    """Writes ours once a day, and compares those of others as soon as what they quote is held."""

    def __init__(
        self,
        store: Store,
        people: People,
        agreements: Agreements,
        lanes: Lanes,
        admission: Admission,
        evidence: Evidence,
        clock: Clock = wall_clock,
    ) -> None:
        self._store = store
        self._people = people
        self._agreements = agreements
        self._lanes = lanes
        self._admission = admission
        self._evidence = evidence
        self._clock = clock

    def write(self) -> int:
        """Fix the newest checkpoints of others in our lanes, where that tells its readers something; how many entries.

        At most once a day in each agreement, only under those of three parties or more, and only when something other
        than anchors has come since: anchors must not provoke one another.
        """
        count = 0
        for agreement, standing in self._agreements.standings().items():
            if len(standing.parties) < 3 or not may_append(standing, self._clock()):
                continue
            with self._store.read() as reader:
                news = self._news(reader, agreement, frozenset(standing.parties))
            if news:
                count += self._store.write(lambda tx, agreement=agreement, news=news: self._write(tx, agreement, news))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
        return count

    def _news(self, reader: Reader, agreement: str, parties: frozenset[str]) -> list[tuple[rows.Lane, bytes]]:
        """(lane, newest note) of what is to be anchored, or nothing when there is no need yet.

        Only lanes that every party may read: an anchor must not tell of one to whom it is not for.
        """
        home, due, found = self._people.home_id, False, []
        for lane in rows.list_lanes(reader, mine=False, agreement=agreement):
            note = rows.find_checkpoint(reader, lane.id, lane.signed_size)
            if note is None or lane.state == rows.FROZEN or not parties <= set(lane.audience):
                continue
            before = next((each for each in kept.list_anchors(reader, lane.id) if each.party == home), None)
            if before is not None and before.at > self._clock() - DAY:
                return []
            start = 0 if before is None else before.size
            if start < lane.signed_size:
                found.append((lane, note.note))
                due = due or _says_something(reader, lane, start)
        return found[:HEADS_MAX] if due else []

    def _write(self, tx: Tx, agreement: str, news: Sequence[tuple[rows.Lane, bytes]]) -> int:
        now, home = self._clock(), self._people.home_id
        self._lanes.queue(
            tx,
            agreement,
            [render_anchor([note for _, note in news])],
            lane_class=LaneClass.BULK,
            kind=EntryKind.ANCHOR,
        )
        for lane, note in news:
            kept.save_anchor(tx, StoredAnchor(lane.id, home, lane.signed_size, note, AGREES, now))
        return 1

    def judge(self) -> int:
        """Compare what others have anchored with what is held; how many contradict it.

        A checkpoint that its author signed and whose root is not that of as many entries here is a second history: the
        lane is frozen, and proven to be forked where we hold a checkpoint of that very size.
        """
        with self._store.read() as reader:
            waiting = kept.list_anchors(reader, waiting=True)
            lanes: Mapping[int, rows.Lane | None] = {
                each.lane_id: rows.find_lane(reader, lane_id=each.lane_id) for each in waiting
            }
        return sum(self._judge(each, lane) for each in waiting if (lane := lanes[each.lane_id]) is not None)

    def _judge(self, anchor: StoredAnchor, lane: rows.Lane) -> bool:
        if anchor.size > lane.size:
            return False
        try:
            quoted = self._admission.keys.open(anchor.note, lane.origin, lane.author)
        except KoupreyError as error:
            _log.warning("%s anchors a checkpoint of lane %s that does not count: %s", anchor.party, lane.tag, error)
            self._store.write(lambda tx: kept.drop_anchor(tx, anchor))
            return False
        with self._store.read() as reader:
            agrees = frontier_at(reader, lane.id, quoted.size).root() == quoted.root
        self._store.write(lambda tx: kept.judge_anchor(tx, anchor, AGREES if agrees else CONTRADICTS))
        if not agrees and not self._proven(anchor, lane):
            self._freeze(anchor, lane)
        return not agrees

    def _proven(self, anchor: StoredAnchor, lane: rows.Lane) -> bool:
        """Whether it is proof for anybody: two checkpoints of one size."""
        return self._evidence.keep_equal(lane, anchor.note, anchor.party)

    def _freeze(self, anchor: StoredAnchor, lane: rows.Lane) -> None:
        why = (
            f"{anchor.party} has anchored a checkpoint of {anchor.size} entries that {lane.author} signed; ours differ"
        )

        def work(tx: Tx) -> None:
            current = rows.find_lane(tx, lane_id=lane.id)
            if current is not None and current.state == rows.OPEN:
                rows.set_state(tx, lane.id, rows.FROZEN, why)
            detail = {"by": anchor.party, "size": anchor.size, "theirs": anchor.note.decode("utf-8", "replace")}
            audit.append(tx, at=self._clock(), actor="node", action="lane.fork", subject=lane.origin, detail=detail)

        self._store.write(work)
        _log.error("%s (lane %s).", why, lane.tag)


def _says_something(reader: Reader, lane: rows.Lane, start: int) -> bool:
    """Whether a lane has grown by more than anchors."""
    if lane.signed_size - start > LOOKED_AT:
        return True
    return any(header[4] != EntryKind.ANCHOR for header in rows.list_headers(reader, lane.id, start, lane.signed_size))
