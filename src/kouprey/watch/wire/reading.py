"""Batches of lines as events: what can be read is, and what cannot is named by its line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from kouprey.kernel.words.time import Instant
from kouprey.watch.model import Event, Format, Refusal
from kouprey.watch.wire import shapes
from kouprey.watch.wire.collected import of_ecs
from kouprey.watch.wire.network import of_suricata, of_zeek
from kouprey.watch.wire.plain import of_plain

LONGEST_LINE = 1 << 20
"""Bytes of one line."""
NAMED = 100
"""Refused lines of which the reason is told; the others are counted."""

_PIECE = 16 << 10

Read = Callable[[Any, str, Instant], Event]
"""A record, the name of its source, and the time of its arrival -> the event."""


class Lines(msgspec.Struct, frozen=True):
    """What was read: events, the line (from 0) each of them stood in, and what was refused.

    An event without a value is among them with none.
    """

    events: list[Event]
    places: Sequence[int]
    refused: int
    refusals: tuple[Refusal, ...]


def read_lines(form: Format, body: bytes, source: str, now: Instant) -> Lines:
    """Every line of a batch. Empty lines are nothing; a line that cannot be read is refused, and only that one."""
    read, decoder = _READS[form], _WHOLE.get(form)
    if decoder is None:
        return _one_by_one(body, _same, read, source, now)
    events = list[Event]()
    count = body.count(b"\n") + (not body.endswith(b"\n") and body != b"")
    try:
        # Piece by piece, so that records are still near when events are made of them.
        for piece in _pieces(body):
            events += [read(record, source, now) for record in decoder.decode_lines(piece)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _one_by_one(body, decoder.decode, read, source, now)
    if len(events) != count:
        # There are empty lines, so that the number of a record is not that of its line.
        return _one_by_one(body, decoder.decode, read, source, now)
    return Lines(events, range(len(events)), 0, ())


def _pieces(body: bytes) -> Iterator[bytes]:
    """The body in pieces of whole lines, of about _PIECE bytes."""
    begin = 0
    while begin < len(body):
        end = body.find(b"\n", begin + _PIECE) + 1 or len(body)
        yield body[begin:end]
        begin = end


def _one_by_one(body: bytes, decode: Callable[[bytes], Any], read: Read, source: str, now: Instant) -> Lines:
    events, places, refusals, refused = list[Event](), list[int](), list[Refusal](), 0
    for place, line in enumerate(body.split(b"\n")):
        if not line.strip():
            continue
        try:
            if len(line) > LONGEST_LINE:
                raise ValueError(f"It is longer than {LONGEST_LINE:,} bytes.")
            event = read(decode(line), source, now)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            refused += 1
            if len(refusals) < NAMED:
                refusals.append(Refusal(place + 1, str(error)[:300].replace("\x00", "")))
            continue
        events.append(event)
        places.append(place)
    return Lines(events, places, refused, tuple(refusals))


def _same(line: bytes) -> bytes:
    return line


_READS: dict[Format, Read] = {
    Format.ZEEK: of_zeek,
    Format.SURICATA: of_suricata,
    Format.ECS: of_ecs,
    Format.PLAIN: of_plain,
}
_WHOLE: dict[Format, msgspec.json.Decoder[Any]] = {Format.ZEEK: shapes.zeek, Format.SURICATA: shapes.eve}
