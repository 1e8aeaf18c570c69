"""Reading events from files and feed folders, one at a time, with a reason for each that cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from kouprey.exchange.service import cut
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.misp.model import Given, Refusal
from kouprey.misp.wire.events import MAX_EVENT, read_event, unread
from kouprey.misp.wire.feed import MANIFEST, MAX_MANIFEST, Listed, read_manifest


def read_events(stream: BinaryIO, file: str) -> Iterator[Given | Refusal]:
    """Every event in a stream of any length, plain, gzip or Zstandard; memory holds one at a time."""
    for piece in cut(stream, "response", most=MAX_EVENT):
        if piece.raw is None:
            yield refusal(unread(piece.problem), file, piece.offset)
            continue
        try:
            yield Given(read_event(piece.raw), piece.raw, file, piece.offset)
        except Damaged as error:
            yield refusal(error, file, piece.offset)


def list_feed(folder: Path) -> list[Listed]:
    """The events a feed folder says it has; Damaged when it has no manifest that can be read."""
    path = folder / MANIFEST
    if not path.is_file():
        raise Damaged(
            f"{folder.name} is no MISP feed.",
            f"There is no {MANIFEST} in it.",
            "Name the folder that holds manifest.json, or the event files themselves.",
            code="bad-manifest",
        )
    if path.stat().st_size > MAX_MANIFEST:
        raise Damaged("The manifest of the feed is too large.", f"It has more than {MAX_MANIFEST} bytes.")
    return read_manifest(path.read_bytes())


def read_feed(folder: Path, listed: list[Listed], skip: Callable[[Listed], bool]) -> Iterator[Given | Refusal | None]:
    """The events of a feed in the order of its manifest, each as its file gives it; None for one that is skipped."""
    for each in listed:
        file = f"{each.uuid}.json"
        path = folder / file
        try:
            if skip(each):
                yield None
                continue
            if not path.is_file():
                raise _missing(each)
            if path.stat().st_size > MAX_EVENT:
                raise unread("too-large")
            raw = path.read_bytes()
            if each.sha256 and sha256(raw).hexdigest() != each.sha256:
                raise _changed(each)
            value = read_event(raw)
            if str(value.get("uuid")).lower() != each.uuid.lower():
                raise _changed(each)
            yield Given(value, raw, file, 0)
        except Damaged as error:
            yield refusal(error, file, 0, each.uuid)


def refusal(error: KoupreyError, file: str, offset: int, event: str = "", stix_id: str = "") -> Refusal:
    """A failure as it is written down for whoever sent the file."""
    return Refusal(
        file=file,
        offset=offset,
        event=event,
        stix_id=stix_id,
        code=error.code,
        what=error.what,
        why=error.why,
        remedy=error.remedy,
    )


def _missing(listed: Listed) -> Damaged:
    return Damaged(
        f"The event {listed.uuid} is not in the feed.",
        "The manifest names it, but its file is missing.",
        "Fetch the feed again, whole.",
        code="missing-event",
    )


def _changed(listed: Listed) -> Damaged:
    return Damaged(
        f"The event {listed.uuid} is not what the manifest says.",
        "Its SHA-256 differs from `integrity:sha256`, or its file holds an event of another name.",
        "Fetch the feed again; if it stays so, ask its author.",
        code="bad-integrity",
    )
