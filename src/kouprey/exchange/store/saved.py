"""Saved searches: whose they are, what they look for, and up to where each person has looked."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from kouprey.exchange.model.searching import News, SavedSearch, Search
from kouprey.exchange.store.facets import find_hits
from kouprey.exchange.store.narrowing import Sought
from kouprey.exchange.store.seeing import Eyes
from kouprey.kernel.storage.engine import Reader, Row, Tx
from kouprey.kernel.words.time import Instant

_COLUMNS = "id, name, person, shared, search, saved_at"


def insert_saved(tx: Tx, made: SavedSearch) -> None:
    tx.execute(
        f"INSERT INTO saved_search ({_COLUMNS}, deleted_at) VALUES (?, ?, ?, ?, ?, ?, 0)",
        (made.id, made.name, made.person, int(made.shared), _written(made.search), made.saved_at),
    )


def list_saved(reader: Reader, person: str) -> list[SavedSearch]:
    """A person's own, then what others share, each by name."""
    rows = reader.all(
        f"SELECT {_COLUMNS} FROM saved_search WHERE deleted_at = 0 AND (person = ? OR shared = 1)"
        " ORDER BY CASE WHEN person = ? THEN 0 ELSE 1 END, name, id",
        (person, person),
    )
    return [_saved(row) for row in rows]


def find_deleted(reader: Reader, person: str, search: str) -> SavedSearch | None:
    row = reader.one(
        f"SELECT {_COLUMNS} FROM saved_search WHERE id = ? AND person = ? AND deleted_at > 0", (search, person)
    )
    return None if row is None else _saved(row)


def change_saved(tx: Tx, search: str, *, name: str, shared: bool) -> None:
    tx.execute("UPDATE saved_search SET name = ?, shared = ? WHERE id = ?", (name, int(shared), search))


def mark_deleted(tx: Tx, search: str, at: Instant) -> None:
    """With 0 it is there again."""
    tx.execute("UPDATE saved_search SET deleted_at = ? WHERE id = ?", (at, search))


def forget_deleted(tx: Tx, before: Instant) -> None:
    """Remove what was deleted before an instant, with who looked at it."""
    gone = "SELECT id FROM saved_search WHERE deleted_at > 0 AND deleted_at < ?"
    tx.execute(f"DELETE FROM saved_search_look WHERE search_id IN ({gone})", (before,))
    tx.execute("DELETE FROM saved_search WHERE deleted_at > 0 AND deleted_at < ?", (before,))


def set_look(tx: Tx, search: str, person: str, position: Instant) -> None:
    """Somebody has looked up to a position, and never further back than before."""
    tx.execute(
        "INSERT INTO saved_search_look (search_id, person, position) VALUES (?, ?, ?) ON CONFLICT (search_id, person)"
        " DO UPDATE SET position = excluded.position WHERE excluded.position > saved_search_look.position",
        (search, person, position),
    )


def list_looks(reader: Reader, person: str) -> dict[str, Instant]:
    """Search -> up to where this person has looked."""
    rows = reader.all("SELECT search_id, position FROM saved_search_look WHERE person = ?", (person,))
    return {row[0]: row[1] for row in rows}


def count_news(reader: Reader, eyes: Eyes, sought: Sought, after: Instant, most: int) -> News:
    """How many hits this reader has above a position, up to `most`."""
    if sought.collection:
        # Joining a collection is news in it, of whatever age the version is.
        sought, above = replace(sought, joined=after), None
    else:
        above = after
    found, more = find_hits(reader, eyes, sought, after=above, most=most)
    return News(count=len(found), more=more)


def _written(search: Search) -> str:
    return msgspec.json.encode(search).decode()


def _saved(row: Row) -> SavedSearch:
    return SavedSearch(
        id=row[0],
        name=row[1],
        person=row[2],
        shared=bool(row[3]),
        search=msgspec.json.decode(row[4], type=Search),
        saved_at=row[5],
    )
