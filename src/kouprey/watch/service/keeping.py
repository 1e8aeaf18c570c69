"""The kept past: events in files by source and hour of arrival, lines of JSON in frames of Zstandard.

A file is written at the length that the database knows, and counts as far as the database says. So whoever is killed
between the two has written nothing: the next one writes over it. One lock a source keeps writers apart, whatever
process they are of; it is let go when a process dies.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import msgspec
import zstandard

from kouprey.kernel.disk import sync_folder
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.time import DAY, FOREVER, Clock, Instant
from kouprey.watch import store as rows
from kouprey.watch.model import HOUR, Event, Kept, Segment

_PIECE = 1 << 20
_LEVEL = 3
_encode = msgspec.json.Encoder().encode_lines
_decode = msgspec.json.Decoder(Event).decode_lines


class Keeping:
    """Writes and reads the files of kept events."""

    def __init__(self, store: Store, folder: Path, bounds: Callable[[], Kept], clock: Clock) -> None:
        self._store = store
        self._folder = folder
        self._bounds = bounds
        self._clock = clock

    def read(self, since: Instant, until: Instant | None = None) -> Iterator[Event]:
        """Events of [since, until) in the order of their arrival by the hour; memory does not grow with their number.

        What goes while this runs is passed over; what comes meanwhile is not met.
        """
        end = FOREVER if until is None else until
        with self._store.read() as reader:
            segments = rows.list_segments(reader, since, end)
        for segment in segments:
            for event in self._events(segment):
                if since <= event.at < end:
                    yield event

    @contextmanager
    def alone(self, source: str) -> Iterator[None]:
        """No other writer of this source while this goes on, in any process."""
        folder = self._folder / source
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def append(self, source: str, events: Sequence[Event]) -> Callable[[Tx], None]:
        """Write events behind what counts, durably; what is given back makes them count. Only within `alone`."""
        if not events:
            return _nothing
        now = self._clock()
        hour = now - now % HOUR
        with self._store.read() as reader:
            held = rows.find_segment(reader, source, hour)
        frame = zstandard.ZstdCompressor(level=_LEVEL).compress(_encode(events))
        path = self._path(source, hour)
        begin = held.size if held is not None else 0
        if begin and (not path.exists() or path.stat().st_size < begin):
            # A database that was restored without its files: what it counted is not here.
            held, begin = None, 0
        made = not path.exists()
        with path.open("wb" if made else "r+b") as file:
            file.truncate(begin)
            file.seek(begin)
            file.write(frame)
            file.flush()
            os.fsync(file.fileno())
        if made:
            # A file whose name is lost with the power is lost.
            for folder in (path.parent, self._folder):
                sync_folder(folder)
        times = [event.at for event in events]
        segment = Segment(
            source=source,
            hour=hour,
            size=begin + len(frame),
            events=len(events) + (held.events if held is not None else 0),
            first_at=min([*times, held.first_at] if held is not None else times),
            last_at=max([*times, held.last_at] if held is not None else times),
        )
        return lambda tx: rows.save_segment(tx, segment)

    def tidy(self) -> int:
        """Remove what is too old or too much, the oldest first; how many files went."""
        bounds, now = self._bounds(), self._clock()
        with self._store.read() as reader:
            segments = rows.list_segments(reader, -FOREVER, FOREVER)
        over = sum(each.size for each in segments) - bounds.size
        gone = []
        for each in segments:
            if each.hour >= now - bounds.days * DAY and over <= 0:
                break
            gone.append(each)
            over -= each.size
        for each in gone:
            with self.alone(each.source):
                self._store.write(lambda tx, each=each: rows.drop_segments(tx, [each]))  # type: ignore[misc]  # at once
                self._path(each.source, each.hour).unlink(missing_ok=True)
        return len(gone)

    def total(self) -> tuple[int, int, Instant]:
        """Events kept, their bytes, and the earliest hour of arrival (0 for none)."""
        with self._store.read() as reader:
            segments = rows.list_segments(reader, -FOREVER, FOREVER)
        first = min((each.hour for each in segments), default=0)
        return sum(each.events for each in segments), sum(each.size for each in segments), first

    def _events(self, segment: Segment) -> Iterator[Event]:
        try:
            file = self._path(segment.source, segment.hour).open("rb")
        except FileNotFoundError:
            return
        part = cast(IO[bytes], _Part(file, segment.size))
        with file, zstandard.ZstdDecompressor().stream_reader(part, read_across_frames=True) as plain:
            rest = b""
            while piece := plain.read(_PIECE):
                whole, end, rest = (rest + piece).rpartition(b"\n")
                yield from _decode(whole + end)

    def _path(self, source: str, hour: Instant) -> Path:
        return self._folder / source / f"{hour // HOUR}.ndjson.zst"


class _Part:
    """The first bytes of a file."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file = file
        self._left = size

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(min(size, self._left) if size >= 0 else self._left)
        self._left -= len(data)
        return data


def _nothing(_: Tx) -> None:
    return None
