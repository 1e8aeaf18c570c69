"""A stream in batches: what is made durable at a time, with what was refused on the way, and how far that has come."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from typing import BinaryIO, NamedTuple

from kouprey.exchange.model import Arrival, Refusal
from kouprey.exchange.wire.stream import Passage

BATCH = 2_000
"""Objects made durable at a time."""
BATCH_BYTES = 4 << 20
"""And no more bytes than these, but for a single object that has more."""


class Batch(NamedTuple):
    """What is written at a time, and what was refused before it; `reached` and `digest` are those of the Passage."""

    arrivals: Sequence[Arrival]
    refusals: Sequence[Refusal]
    last: bool
    reached: int = 0
    digest: bytes = b""


def batches(stream: Iterable[Arrival | Refusal], passage: Passage | None = None) -> Generator[Batch, None, None]:
    """Everything in a stream, given by a passage or not; the last batch may be empty."""
    arrivals: list[Arrival] = []
    refusals: list[Refusal] = []
    size = 0

    def batch(last: bool) -> Batch:
        return Batch(arrivals, refusals, last, *((passage.reached, passage.digest()) if passage is not None else ()))

    for each in stream:
        if isinstance(each, Refusal):
            refusals.append(each)
        else:
            arrivals.append(each)
            size += len(each.raw)
        if len(arrivals) + len(refusals) >= BATCH or size >= BATCH_BYTES:
            yield batch(last=False)
            arrivals, refusals, size = [], [], 0
    yield batch(last=True)


class Inline:
    """Batches of a stream, read by this process as they are asked for."""

    def __init__(self, stream: BinaryIO) -> None:
        self._passage = Passage(stream)

    def skip(self, beyond: int, digest: bytes) -> bool:
        """See Passage."""
        return self._passage.skip(beyond, digest)

    def batches(self) -> Generator[Batch, None, None]:
        """Everything that is left."""
        return batches(self._passage, self._passage)

    def close(self) -> None:
        """Nothing is held."""
