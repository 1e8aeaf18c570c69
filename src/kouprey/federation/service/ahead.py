"""What a parcel brings before what lies below it: verified by itself, kept, and taken in when the gap is filled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kouprey.federation import rules
from kouprey.federation import store as rows
from kouprey.federation.model import BodyState, IndexRange, LaneGroup, LanePart, ReasonCode
from kouprey.federation.service.admit import Admission, Admitted, Offer
from kouprey.federation.wire import link
from kouprey.federation.wire.entry import read_headers
from kouprey.kernel.seal.tree import Frontier
from kouprey.kernel.storage.engine import Reader, Store
from kouprey.kernel.words.errors import KoupreyError, Refused
from kouprey.kernel.words.time import Clock

AHEAD_BYTES = 256 << 20
"""Bytes kept of one author while something before them is missing."""

_LATER = frozenset({ReasonCode.SUSPENDED, ReasonCode.BUSY, ReasonCode.THROTTLED, ReasonCode.WRONG_AGREEMENT})
"""Refusals that pass: what is refused so goes on waiting."""


class Waiting:
    """Keeps stretches of lanes whose beginning is missing, and takes them in when it has come by whatever road."""

    def __init__(self, store: Store, admission: Admission, clock: Clock) -> None:
        self._store = store
        self._admission = admission
        self._clock = clock

    def keep(self, group: LaneGroup, offer: Offer, made_by: str) -> None:
        """Verify a stretch by itself and keep it.

        Raises Damaged or Refused when a proof does not hold, or too much of its author waits already (`throttled`):
        that passes, for what waits is taken in when the gap before it has been filled.
        """
        with self._store.read() as reader:
            lane = rows.find_lane(reader, origin=offer.origin)
        author = made_by if lane is None else lane.author
        checkpoint = self._admission.keys.open(offer.checkpoint, offer.origin, author)
        version = lane.agreement_version if lane is not None else offer.headers[0].version
        frontier = Frontier.from_bytes(offer.start, b"".join(group.frontier))
        after = rules.verify_range(frontier, offer.headers, checkpoint, agreement_version=version)
        if after.size != checkpoint.size:
            raise Refused("The range must end at a signed checkpoint.", code=ReasonCode.BAD_RANGE)
        frames = [offer.bodies[header.index] for header in offer.headers]
        for header, frame in zip(offer.headers, frames, strict=True):
            if frame.state is BodyState.PRESENT:
                rules.verify_body(header, frame.salt, frame.body)
        ahead = rows.Ahead(
            origin=offer.origin,
            first=offer.start,
            beyond=after.size,
            author=author,
            via=made_by,
            checkpoint=offer.checkpoint,
            headers=b"".join(header.to_bytes() for header in offer.headers),
            frames=b"".join(map(link.render_frame, frames)),
            ended=offer.regained,
            at=self._clock(),
        )
        with self._store.read() as reader:
            waiting = rows.sum_ahead(reader, author)
        if waiting + len(ahead.frames) > AHEAD_BYTES:
            held = 0 if lane is None else lane.size
            raise Refused(
                "Entries before these are missing.",
                f"The range begins at {offer.start}, we hold {held}, and {waiting >> 20} MiB wait here already.",
                f"Ask for them: {rules.please_send(offer.origin, (IndexRange(held, offer.start),), offer.start)}.",
                code=ReasonCode.THROTTLED,
            )
        self._store.write(lambda tx: rows.keep_ahead(tx, ahead))

    def take_in(self) -> Iterator[tuple[rows.Ahead, Admitted | KoupreyError]]:
        """Take in every stretch whose gap has been filled: what became of each.

        What may not be taken in now, as during a suspension, goes on waiting. A process that is killed between taking
        in and forgetting takes in again, which changes nothing.
        """
        past = ""
        while True:
            with self._store.read() as reader:
                ahead = rows.find_next_ahead(reader, past)
            if ahead is None:
                return
            outcome: Admitted | KoupreyError
            try:
                # Read anew: what was damaged while it waited is refused, forgotten and asked for again.
                outcome = self._admission.admit(_offer(ahead), via=f"parcel from {ahead.via}")
            except KoupreyError as error:
                if error.code in _LATER:
                    past = ahead.origin
                    continue
                outcome = error
            self._forget(ahead)
            yield ahead, outcome

    def _forget(self, ahead: rows.Ahead) -> None:
        self._store.write(lambda tx: rows.drop_ahead(tx, ahead.origin, ahead.first, ahead.beyond))


def _offer(ahead: rows.Ahead) -> Offer:
    frames = {frame.index: frame for frame in link.read_frames(ahead.frames)}
    return Offer(
        ahead.origin, ahead.first, ahead.checkpoint, read_headers(ahead.headers), (), frames, regained=ahead.ended
    )


def find_gaps(lane_size: int, ahead: Sequence[IndexRange]) -> tuple[tuple[IndexRange, ...], int]:
    """(missing ranges, size known) of a lane of which so much is held, and these stretches wait."""
    size = max(part.end for part in ahead)
    return rules.missing_ranges(size, [IndexRange(0, lane_size), *ahead]), size


def lacking(reader: Reader, party: str) -> Iterator[tuple[str, tuple[IndexRange, ...], int]]:
    """(origin, missing ranges, size known) of every lane of a party that we follow or have heard of.

    No range is missing where everything that we know of is held; then there may be more.
    """
    ahead = rows.list_ahead(reader, party)
    held = {lane.origin: lane for lane in rows.list_lanes(reader, mine=False, author=party)}
    for origin, lane in held.items():
        if origin in ahead:
            yield origin, *find_gaps(lane.size, ahead.pop(origin))
        elif lane.state == rows.OPEN:
            yield origin, (), lane.size
    for origin, parts in ahead.items():
        yield origin, *find_gaps(0, parts)


def as_wanted(origin: str, missing: Sequence[IndexRange], size: int) -> Iterator[LanePart]:
    """What a manifest says to be missing of a lane: its gaps, and whatever follows what is known."""
    for part in missing:
        yield LanePart(origin=origin, start=part.start, end=part.end)
    yield LanePart(origin=origin, start=size, end=size + 1)
