"""What a database can say of its own health: pages, references, interned labels, listeners, positions."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import apsw
import msgspec

from kouprey.kernel.storage import labels, outbox
from kouprey.kernel.storage.engine import Reader
from kouprey.kernel.words import decision
from kouprey.kernel.words.time import Instant

_MOST = 20


def check_sqlite(path: Path) -> list[str]:
    """What SQLite finds wrong with the pages, indexes and references of a file; empty when nothing."""
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            found = [str(row[0]) for row in connection.execute(f"PRAGMA integrity_check({_MOST})") if row[0] != "ok"]
            loose = connection.execute("PRAGMA foreign_key_check").fetchall()[:_MOST]
            return found + [f"row {row[1]} of {row[0]} refers to nothing in {row[2]}" for row in loose]
        finally:
            connection.close()
    except apsw.Error as error:
        return [str(error)]


def list_damaged_labels(reader: Reader) -> Iterator[str]:
    """Interned labels and profiles that are not what their hash says, and sets that name labels there are not."""
    for label_id, digest in reader.all("SELECT id, digest FROM label ORDER BY id"):
        try:
            held = labels.read_label(reader, label_id)
            whole = sha256(msgspec.json.encode(held, order="deterministic")).digest() == digest
        except ValueError:
            whole = False
        if not whole:
            yield f"label {label_id}"
    for profile_id, digest, text in reader.all("SELECT id, digest, reader FROM profile ORDER BY id"):
        try:
            held_reader = msgspec.json.decode(text, type=decision.Reader)
            whole = sha256(msgspec.json.encode(held_reader, order="deterministic")).digest() == digest
            # A flipped key would be passed over in reading, and its default taken.
            whole = whole and msgspec.json.encode(held_reader) == text
        except ValueError:
            whole = False
        if not whole:
            yield f"profile {profile_id}"
    known = {str(row[0]) for row in reader.all("SELECT id FROM label")}
    for set_id, members in reader.all("SELECT id, members FROM label_set ORDER BY id"):
        if not set(members.split(",")) - {""} <= known:
            yield f"label set {set_id}"


def list_failing(reader: Reader) -> list[outbox.ListenerState]:
    """Listeners that could not take a fact."""
    return [each for each in outbox.list_listeners(reader) if each.failures]


def last_position(reader: Reader) -> Instant:
    """The last position given."""
    return int(reader.value("SELECT last FROM position_clock WHERE id = 1") or 0)
