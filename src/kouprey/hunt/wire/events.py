"""Records of events: lines of JSON (flat, or nested as Windows events are), and Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import msgspec

from kouprey.kernel.words.errors import Damaged

LONGEST_LINE = 4 << 20
"""Bytes of a line that is read; a longer one is counted as unread."""
_BATCH = 20_000

Event = Mapping[str, object]


def read_events(file: BinaryIO) -> Iterator[tuple[Event | None, bytes]]:
    """Each line as an event and as it stands; None for a line that is no JSON object. Empty lines are passed over."""
    while line := file.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            while line and not line.endswith(b"\n"):
                line = file.readline(LONGEST_LINE)
            yield None, b""
            continue
        if text := line.strip():
            yield read_event(text), text


def read_event(line: bytes) -> Event | None:
    """An event of a line; None when it is no JSON object."""
    try:
        value = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return flat(value) if isinstance(value, dict) else None


def flat(value: Mapping[str, object]) -> Event:
    """An event of Windows with what stands in `Event.System` and `Event.EventData` beside one another."""
    event = value.get("Event")
    if not isinstance(event, dict):
        return value
    found: dict[str, object] = {}
    system = event.get("System")
    for name, held in (system if isinstance(system, dict) else {}).items():
        if isinstance(held, dict):
            held = held.get("#text", held.get("Name", held.get("#attributes")))
            if isinstance(held, dict):
                held = held.get("Name") or held.get("SystemTime")
        found[str(name)] = held
    if "Provider" in found:
        found.setdefault("Provider_Name", found["Provider"])
    for part in ("EventData", "UserData"):
        data = event.get(part)
        if isinstance(data, dict):
            for name, held in data.items():
                if isinstance(held, dict):
                    found.update({str(key): each for key, each in held.items() if not isinstance(each, dict)})
                else:
                    found[str(name)] = held
                    # "Threat Name" of Defender is ThreatName in rules.
                    found.setdefault(str(name).replace(" ", ""), held)
    return found


def read_parquet(path: Path) -> Iterator[tuple[Event | None, bytes]]:
    """The rows of a Parquet file as events; Damaged where it is none, or pyarrow is not installed."""
    try:
        # Imported when somebody hunts in such a file: an extra, and large.
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise Damaged(
            "Parquet cannot be read here.",
            f"{error}.",
            "Install kouprey with the extra `hunt`, or bring lines of JSON.",
            code="no-parquet",
        ) from error
    try:
        file = parquet.ParquetFile(path)
        for batch in file.iter_batches(batch_size=_BATCH):
            for row in batch.to_pylist():
                yield row, msgspec.json.encode(row, enc_hook=str)
    except (pyarrow.ArrowException, OSError) as error:
        raise Damaged("This is no Parquet file.", str(error)[:300], "Bring another.", code="bad-parquet") from error
