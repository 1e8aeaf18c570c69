"""What goes into a parcel: what its reader has not confirmed, what no parcel has carried yet, or just what is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kouprey.federation import rules
from kouprey.federation import store as rows
from kouprey.federation.model import EPOCH_MAX, IndexRange, LanePart
from kouprey.federation.wire.entry import read_header
from kouprey.federation.wire.slip import Slip
from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.words.errors import Refused, Unknown

GROUP = 1000
"""Entries of one lane group, when there is a signed checkpoint to end it."""
GROUP_BYTES = 32 << 20
"""Bytes of the bodies of one group: its reader holds them all until it has verified the group."""
_ENTRY_BYTES = 100
"""About what an entry takes beside its body."""

Picked = tuple[rows.Lane, LanePart]


@dataclass(frozen=True)
class Choice:
    """What of our lanes a parcel brings; without anything said, everything its reader has not confirmed.

    `since`: lanes by origin to send from an entry on. `only`: these ranges by origin, and nothing else. `fresh`: what
    no parcel for this reader has brought yet. `most`: about so many bytes, 0 for all; at least one stretch.
    """

    since: Mapping[str, int] = field(default_factory=dict)
    only: Mapping[str, Sequence[IndexRange]] | None = None
    fresh: bool = False
    most: int = 0


def pick(reader: Reader, lanes: Sequence[rows.Lane], party: str, choice: Choice) -> Iterator[Picked]:
    """Stretches of lanes, each ending at a signed checkpoint, priority lanes first."""
    carried = rows.list_carried(reader, party) if choice.fresh else {}
    left = choice.most
    for lane in lanes:
        for asked in _asked(reader, lane, party, choice, carried.get(lane.id, 0)):
            start = asked.start
            while start < min(asked.end, lane.signed_size):
                most = min(GROUP_BYTES, left) if choice.most else GROUP_BYTES
                within = rows.end_within(reader, lane.id, start, min(start + GROUP, asked.end, lane.signed_size), most)
                kept = rows.find_checkpoint_within(reader, lane.id, start, within)
                if kept is None:
                    break
                if choice.most:
                    headers = rows.list_headers(reader, lane.id, start, kept.size)
                    size = sum(read_header(each).length + _ENTRY_BYTES for each in headers)
                    if size > left and left < choice.most:
                        return
                    left -= min(size, left)
                ended = lane.state == rows.CLOSED
                yield lane, LanePart(origin=lane.origin, start=start, end=kept.size, ended=ended)
                start = kept.size


def _asked(reader: Reader, lane: rows.Lane, party: str, choice: Choice, carried: int) -> Sequence[IndexRange]:
    if choice.only is not None:
        return choice.only.get(lane.origin, ())
    start = choice.since.get(lane.origin, max(confirmed(reader, lane.id, party), carried))
    return [IndexRange(start, EPOCH_MAX)]


def confirmed(reader: Reader, lane_id: int, party: str) -> int:
    """How far a party has confirmed a lane of ours."""
    return max((held.size for held in rows.list_receipts(reader, lane_id) if held.party == party), default=0)


def note_picked(tx: Tx, picked: Sequence[Picked], party: str) -> None:
    """The parcel with these stretches is whole: what is fresh for the next begins behind them.

    What would leave a gap behind it, as an answer to a slip may, does not count.
    """
    carried = rows.list_carried(tx, party)
    for lane, part in picked:
        reached = max(confirmed(tx, lane.id, party), carried.get(lane.id, 0))
        if part.start <= reached:
            carried[lane.id] = max(reached, part.end)
            rows.note_carried(tx, party, lane.id, carried[lane.id])


def answer_slips(lanes: Sequence[rows.Lane], slips: Sequence[Slip], party: str) -> Choice:
    """What slips ask of these lanes of ours.

    Raises Unknown (`unknown-lane`) for a tag that is none of them, and Refused (`misheard`) for more than there is.
    """
    only: dict[str, list[IndexRange]] = {}
    for slip in slips:
        lane = next((lane for lane in lanes if lane.tag.startswith(slip.tag)), None)
        if lane is None:
            raise Unknown(
                f"No lane of ours for {party} begins with {slip.tag}.",
                "A digit was misheard, or the slip is for somebody else.",
                "Let them read the twelve digits out again, one by one.",
                code="unknown-lane",
            )
        known = max([slip.size, *(part.start for part in slip.parts)])
        if known > lane.signed_size:
            raise Refused(
                f"The slip asks for more than there is of {rules.lane_tag(lane.origin)[:12]}.",
                f"It speaks of entry {known}, and {lane.signed_size} are signed.",
                "A number was misheard: let them read the slip out again.",
                code="misheard",
            )
        only.setdefault(lane.origin, []).extend(slip.parts)
    return Choice(only={origin: _joined(parts) for origin, parts in only.items()})


def _joined(parts: Sequence[IndexRange]) -> list[IndexRange]:
    """Ranges in order, without overlaps."""
    joined: list[IndexRange] = []
    for part in sorted(parts, key=lambda part: part.start):
        if joined and part.start <= joined[-1].end:
            joined[-1] = IndexRange(joined[-1].start, max(joined[-1].end, part.end))
        else:
            joined.append(part)
    return joined
