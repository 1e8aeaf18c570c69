"""Batches of lines as events: what can be read is, and what cannot is named by its line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from kouprey.kernel.words.time import DAY, Instant
from kouprey.watch.model import HOUR, Event, Format, Refusal
from kouprey.watch.wire import shapes
from kouprey.watch.wire.collected import of_ecs
from kouprey.watch.wire.network import of_suricata, of_zeek
from kouprey.watch.wire.plain import of_plain

LONGEST_LINE = 1 << 20
"""Bytes of one line."""
NAMED = 100
"""Refused lines of which the reason is told; the others are counted."""
_OLDEST = 10 * 366 * DAY

Read = Callable[[Any], tuple[Instant, str, list[tuple[str, str]]]]
"""A record -> its time (0 for none), who acted, and the values in it."""


class Lines(msgspec.Struct, frozen=True):
    """What was read: events, the line (from 0) each of them stood in, what was refused, and how many lines there were.

    An event without a value is among them with none.
    """

    events: list[Event]
    places: Sequence[int]
    refused: int
    refusals: tuple[Refusal, ...]
    raw: list[bytes]


def read_lines(form: Format, body: bytes, source: str, now: Instant) -> Lines:
    """Every line of a batch. Empty lines are nothing; a line that cannot be read is refused, and only that one."""
    read = _READS[form]
    if form is Format.PLAIN:
        return _one_by_one(body, _text, read, source, now)
    if form is Format.ECS:
        return _one_by_one(body, _same, read, source, now)
    raw = [line for line in body.split(b"\n") if line.strip()]
    decoder = shapes.zeek if form is Format.ZEEK else shapes.eve
    try:
        records = decoder.decode_lines(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _one_by_one(body, decoder.decode, read, source, now)
    if len(records) != len(raw) or max(map(len, raw), default=0) > LONGEST_LINE:
        return _one_by_one(body, decoder.decode, read, source, now)
    latest = now + HOUR
    events = []
    for record in records:
        at, host, values = read(record)
        if not now - _OLDEST < at <= latest:
            at = now
        events.append(Event(at, source, host, tuple(values)))
    return Lines(events, range(len(events)), 0, (), raw)


def _one_by_one(body: bytes, decode: Callable[[bytes], Any], read: Read, source: str, now: Instant) -> Lines:
    raw = [line for line in body.split(b"\n") if line.strip()]
    events, places, refusals, refused = list[Event](), list[int](), list[Refusal](), 0
    numbers = [number for number, line in enumerate(body.split(b"\n"), 1) if line.strip()]
    for place, line in enumerate(raw):
        try:
            if len(line) > LONGEST_LINE:
                raise ValueError(f"It is longer than {LONGEST_LINE:,} bytes.")
            at, host, values = read(decode(line))
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            refused += 1
            if len(refusals) < NAMED:
                refusals.append(Refusal(numbers[place], str(error)[:300].replace("\x00", "")))
            continue
        if not now - _OLDEST < at <= now + HOUR:
            at = now
        events.append(Event(at, source, host, tuple(values)))
        places.append(place)
    return Lines(events, places, refused, tuple(refusals), raw)


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace")


def _same(line: bytes) -> bytes:
    return line


_READS: dict[Format, Read] = {
    Format.ZEEK: of_zeek,
    Format.SURICATA: of_suricata,
    Format.ECS: of_ecs,
    Format.PLAIN: of_plain,
}
