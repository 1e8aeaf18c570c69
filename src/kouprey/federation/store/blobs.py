"""SQL of files in parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kouprey.federation.store.entries import place_of
from kouprey.kernel.storage.engine import Reader, Tx, any_of
from kouprey.kernel.words.time import Instant

WANTED, WHOLE, REFUSED, BROKEN, COMING_IN = range(5)
"""Parts are missing; all are here and the whole is verified; it is too large; it is not what its manifest says; it is
being taken in from a person here."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file by its manifest; `held` bytes of `size` are here. `publication` is 0 unless it is ours."""

    file: str
    lane_id: int
    entry_index: int
    publication: int
    agreement: str
    author: str
    label: bytes
    name: str
    media_type: str
    size: int
    sha256: str
    chunks: bytes
    held: int
    state: int
    why: str
    at: Instant


_COLUMNS = (
    "file, lane_id, entry_index, publication, agreement, author, label, name, media_type, size, sha256, chunks, held,"
    " state, why, at"
)


def _read(row: Sequence[object]) -> StoredFile:
    texts = [str(row[at]) for at in (0, 4, 5, 7, 8, 10, 14)]
    file, agreement, author, name, media_type, sha256, why = texts
    numbers = [int(str(row[at])) for at in (1, 2, 3, 9, 12, 13, 15)]
    lane_id, index, publication, size, held, state, at = numbers
    label, chunks = bytes(row[6]), bytes(row[11])  # type: ignore[call-overload]  # a row is what the engine gives
    return StoredFile(
        file,
        lane_id,
        index,
        publication,
        agreement,
        author,
        label,
        name,
        media_type,
        size,
        sha256,
        chunks,
        held,
        state,
        why,
        at,
    )


def save_file(tx: Tx, each: StoredFile) -> None:
    """Keep what a manifest says; of one that came before the place alone changes: its author has given it again."""
    tx.execute(
        f"INSERT INTO blob_file ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (file) DO UPDATE SET lane_id = excluded.lane_id, entry_index = excluded.entry_index",
        (
            each.file,
            each.lane_id,
            each.entry_index,
            each.publication,
            each.agreement,
            each.author,
            each.label,
            each.name,
            each.media_type,
            each.size,
            each.sha256,
            each.chunks,
            each.held,
            each.state,
            each.why,
            each.at,
        ),
    )


def find_file(reader: Reader, file: str) -> StoredFile | None:
    """One by its id."""
    row = reader.one(f"SELECT {_COLUMNS} FROM blob_file WHERE file = ?", (file,))
    return None if row is None else _read(row)


def find_file_at(reader: Reader, lane_id: int, index: int) -> StoredFile | None:
    """The file whose manifest is this entry, received or ours."""
    row = reader.one(
        f"SELECT {_COLUMNS} FROM blob_file WHERE lane_id = ? AND entry_index = ? AND publication = 0", (lane_id, index)
    )
    if row is None and (number := _publication_at(reader, place_of(lane_id, index))):
        row = reader.one(f"SELECT {_COLUMNS} FROM blob_file WHERE publication > 0 AND publication = ?", (number,))
    return None if row is None else _read(row)


def _publication_at(reader: Reader, place: int) -> int:
    """The publication number of an entry of ours; 0 of what has none."""
    run = reader.one(
        "SELECT place, n, publication FROM lane_run WHERE place <= ? ORDER BY place DESC LIMIT 1", (place,)
    )
    if run is None or not run[2] or place >= run[0] + run[1]:
        return 0
    return int(run[2] + place - run[0])


def list_files(reader: Reader, *, author: str = "", sha256: str = "", states: Sequence[int] = ()) -> list[StoredFile]:
    """Files, the newest first; "" and () for all."""
    where = " AND ".join(text for text, given in (("author = ?", author), ("sha256 = ?", sha256)) if given)
    params: tuple[object, ...] = tuple(given for given in (author, sha256) if given)
    if states:
        text, more = any_of(reader, "state", states)
        where, params = f"{where} AND {text}" if where else text, (*params, *more)
    chosen = f" WHERE {where}" if where else ""
    rows = reader.all(f"SELECT {_COLUMNS} FROM blob_file{chosen} ORDER BY at DESC, file", params)
    return list(map(_read, rows))


def set_file(tx: Tx, file: str, *, state: int, why: str = "", publication: int = -1) -> None:
    """Another state; a publication number once there is one."""
    tx.execute(
        "UPDATE blob_file SET state = ?, why = ?, publication = CASE WHEN ? < 0 THEN publication ELSE ? END"
        " WHERE file = ?",
        (state, why, publication, publication, file),
    )


def insert_chunk(tx: Tx, file: str, number: int, salt: bytes, content: bytes) -> bool:
    """Keep a part; False when it is here, or when its file is not any more."""
    added = tx.execute(
        "INSERT INTO blob_chunk (file, number, salt, content) SELECT file, ?, ?, ? FROM blob_file WHERE file = ?"
        " ON CONFLICT (file, number) DO NOTHING",
        (number, salt, content, file),
    )
    if added:
        tx.execute("UPDATE blob_file SET held = held + ? WHERE file = ?", (len(content), file))
    return added == 1


def drop_chunk(tx: Tx, file: str, number: int) -> None:
    """A part that is damaged: it is asked for again."""
    found = tx.one("SELECT length(content) FROM blob_chunk WHERE file = ? AND number = ?", (file, number))
    if found is not None:
        tx.execute("DELETE FROM blob_chunk WHERE file = ? AND number = ?", (file, number))
        tx.execute("UPDATE blob_file SET held = held - ? WHERE file = ?", (int(found[0]), file))


def drop_chunks(tx: Tx, file: str) -> None:
    """All parts of a file."""
    tx.execute("DELETE FROM blob_chunk WHERE file = ?", (file,))
    tx.execute("UPDATE blob_file SET held = 0 WHERE file = ?", (file,))


def drop_file(tx: Tx, file: str) -> None:
    """A file and its parts, for good."""
    tx.execute("DELETE FROM blob_chunk WHERE file = ?", (file,))
    tx.execute("DELETE FROM blob_file WHERE file = ?", (file,))


def drop_file_at(tx: Tx, lane_id: int, index: int) -> None:
    """The file whose manifest is this entry goes with it."""
    found = find_file_at(tx, lane_id, index)
    if found is not None:
        drop_file(tx, found.file)


def drop_published_files(tx: Tx, publications: Sequence[int]) -> None:
    """Files of ours whose manifests are never appended."""
    where, params = any_of(tx, "publication", publications)
    for row in tx.all(f"SELECT file FROM blob_file WHERE publication > 0 AND {where}", params):
        drop_file(tx, str(row[0]))


def list_chunk_numbers(reader: Reader, file: str) -> list[int]:
    """Which parts are here."""
    return [int(row[0]) for row in reader.all("SELECT number FROM blob_chunk WHERE file = ? ORDER BY number", (file,))]


def find_chunk(reader: Reader, file: str, number: int) -> tuple[bytes, bytes] | None:
    """(salt, content) of a part."""
    row = reader.one("SELECT salt, content FROM blob_chunk WHERE file = ? AND number = ?", (file, number))
    return None if row is None else (bytes(row[0]), bytes(row[1]))
