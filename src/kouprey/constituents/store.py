"""All SQL of constituents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kouprey.constituents.model import (
    Constituent,
    Contact,
    Feedback,
    Letter,
    LetterState,
    Network,
    Rhythm,
    Wish,
    Word,
)
from kouprey.kernel.storage.engine import Reader, Row, Tx, any_of
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP

_CONSTITUENT = "id, name, language, clearance, content, rhythm, hour, since, note, created_at, archived_at"
_LETTER = (
    "contact, period, constituent, after_position, upto_position, state, attempts, due, error, remedy, made_at,"
    " ended_at"
)


def save(tx: Tx, each: Constituent) -> None:
    """Keep one, new or changed."""
    tx.execute(
        f"INSERT INTO constituent ({_CONSTITUENT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, language = excluded.language,"
        " clearance = excluded.clearance, content = excluded.content, rhythm = excluded.rhythm, hour = excluded.hour,"
        " since = excluded.since, note = excluded.note, archived_at = excluded.archived_at",
        (
            each.id,
            each.name,
            each.language,
            int(each.clearance),
            int(each.content),
            str(each.rhythm),
            each.hour,
            each.since,
            each.note,
            each.created_at,
            each.archived_at,
        ),
    )


def find(reader: Reader, constituent: str) -> Constituent | None:
    row = reader.one(f"SELECT {_CONSTITUENT} FROM constituent WHERE id = ?", (constituent,))
    return None if row is None else _constituent(row)


def list_all(reader: Reader) -> list[Constituent]:
    """By name, those that are archived last."""
    rows = reader.all(
        f"SELECT {_CONSTITUENT} FROM constituent ORDER BY CASE WHEN archived_at > 0 THEN 1 ELSE 0 END, lower(name), id"
    )
    return [_constituent(row) for row in rows]


def list_networks(reader: Reader, constituent: str) -> list[Network]:
    rows = reader.all(
        "SELECT kind, text FROM constituent_network WHERE constituent = ? ORDER BY kind, text", (constituent,)
    )
    return [Network(kind=row[0], text=row[1]) for row in rows]


def count_networks(reader: Reader) -> dict[str, int]:
    """Constituent -> how many networks and names it has."""
    rows = reader.all("SELECT constituent, count(*) FROM constituent_network GROUP BY constituent")
    return {row[0]: int(row[1]) for row in rows}


def replace_networks(tx: Tx, constituent: str, networks: Iterable[Network]) -> None:
    """These and no others."""
    tx.execute("DELETE FROM constituent_network WHERE constituent = ?", (constituent,))
    tx.many(
        "INSERT INTO constituent_network (constituent, kind, text) VALUES (?, ?, ?)",
        [(constituent, each.kind, each.text) for each in networks],
    )


def save_contact(tx: Tx, contact: Contact) -> None:
    tx.execute(
        "INSERT INTO constituent_contact (id, constituent, name, address, paused_until) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (constituent, address) DO UPDATE SET name = excluded.name",
        (contact.id, contact.constituent, contact.name, contact.address, contact.paused_until),
    )


def remove_contact(tx: Tx, constituent: str, contact: str) -> None:
    tx.execute("DELETE FROM constituent_contact WHERE constituent = ? AND id = ?", (constituent, contact))


def pause_contact(tx: Tx, contact: str, until: Instant) -> None:
    tx.execute("UPDATE constituent_contact SET paused_until = ? WHERE id = ?", (until, contact))


def find_contact(reader: Reader, contact: str) -> Contact | None:
    row = reader.one(
        "SELECT id, constituent, name, address, paused_until FROM constituent_contact WHERE id = ?", (contact,)
    )
    return None if row is None else _contact(row)


def list_contacts(reader: Reader, constituent: str) -> list[Contact]:
    rows = reader.all(
        "SELECT id, constituent, name, address, paused_until FROM constituent_contact WHERE constituent = ?"
        " ORDER BY lower(name), address",
        (constituent,),
    )
    return [_contact(row) for row in rows]


def insert_letter(tx: Tx, letter: Letter) -> None:
    """Queue a letter; one of the same contact and period is queued once, whoever tries again."""
    tx.execute(
        f"INSERT INTO constituent_letter ({_LETTER}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (contact, period) DO NOTHING",
        (
            letter.contact,
            letter.period,
            letter.constituent,
            letter.after,
            letter.upto,
            str(letter.state),
            letter.attempts,
            letter.due,
            letter.error,
            letter.remedy,
            letter.made_at,
            letter.ended_at,
        ),
    )


def change_letter(
    tx: Tx,
    letter: Letter,
    state: LetterState,
    *,
    held: tuple[LetterState, ...],
    due: Instant = 0,
    attempts: int = 0,
    error: str = "",
    remedy: str = "",
    ended_at: Instant = 0,
) -> bool:
    """Bring a letter to another state if it still is in one of `held`; whether it was."""
    words = ", ".join(f"'{each}'" for each in held)
    return (
        tx.execute(
            "UPDATE constituent_letter SET state = ?, due = ?, attempts = ?, error = ?, remedy = ?, ended_at = ?"
            f" WHERE contact = ? AND period = ? AND state IN ({words})",
            (str(state), due, attempts, error, remedy, ended_at, letter.contact, letter.period),
        )
        == 1
    )


def find_letter(reader: Reader, contact: str, period: str) -> Letter | None:
    row = reader.one(f"SELECT {_LETTER} FROM constituent_letter WHERE contact = ? AND period = ?", (contact, period))
    return None if row is None else _letter(row)


def list_due(reader: Reader, now: Instant, limit: int) -> list[Letter]:
    """What is to be sent, and what a process left behind in the middle (their `due` is when it had to be done)."""
    rows = reader.all(
        f"SELECT {_LETTER} FROM constituent_letter WHERE state IN ('waiting', 'sending', 'handing') AND due <= ?"
        " ORDER BY due LIMIT ?",
        (now, limit),
    )
    return [_letter(row) for row in rows]


def list_letters(reader: Reader, constituent: str, limit: int) -> list[Letter]:
    """The newest first."""
    rows = reader.all(
        f"SELECT {_LETTER} FROM constituent_letter WHERE constituent = ? ORDER BY made_at DESC, contact LIMIT ?",
        (constituent, limit),
    )
    return [_letter(row) for row in rows]


def count_troubled(reader: Reader) -> int:
    """Letters a person has to look at."""
    return int(reader.value("SELECT count(*) FROM constituent_letter WHERE state IN ('failed', 'unsure')") or 0)


def add_feedback(tx: Tx, said: Feedback) -> None:
    tx.execute(
        "INSERT INTO constituent_feedback (constituent, stix_id, word, note, said_by, at) VALUES (?, ?, ?, ?, ?, ?)",
        (said.constituent, said.stix_id, str(said.word), said.note, said.by, said.at),
    )


def list_feedback(reader: Reader, constituent: str, limit: int, stix_id: str = "") -> list[Feedback]:
    """The newest first; of one object, or of all."""
    more, params = (" AND stix_id = ?", (stix_id,)) if stix_id else ("", ())
    rows = reader.all(
        "SELECT constituent, stix_id, word, note, said_by, at FROM constituent_feedback WHERE constituent = ?"
        f"{more} ORDER BY id DESC LIMIT ?",
        (constituent, *params, limit),
    )
    return [
        Feedback(constituent=row[0], stix_id=row[1], word=Word(row[2]), note=row[3], by=row[4], at=int(row[5]))
        for row in rows
    ]


def list_words(reader: Reader, constituent: str, ids: Sequence[str]) -> dict[str, Word]:
    """Object -> what was said of it last."""
    where, params = any_of(reader, "stix_id", ids)
    found = reader.all(
        f"SELECT stix_id, word FROM constituent_feedback WHERE constituent = ? AND {where} ORDER BY id",
        (constituent, *params),
    )
    return {row[0]: Word(row[1]) for row in found}


def add_wish(tx: Tx, constituent: str, text: str, by: str, at: Instant) -> None:
    tx.execute(
        "INSERT INTO constituent_request (constituent, text, asked_by, at, settled_at, settled_by)"
        " VALUES (?, ?, ?, ?, 0, '')",
        (constituent, text, by, at),
    )


def list_wishes(reader: Reader, constituent: str, limit: int) -> list[Wish]:
    """Those nobody has settled first, the newest first among them."""
    rows = reader.all(
        "SELECT id, constituent, text, asked_by, at, settled_at, settled_by FROM constituent_request"
        " WHERE constituent = ? ORDER BY CASE WHEN settled_at = 0 THEN 0 ELSE 1 END, id DESC LIMIT ?",
        (constituent, limit),
    )
    return [
        Wish(
            id=int(row[0]),
            constituent=row[1],
            text=row[2],
            by=row[3],
            at=int(row[4]),
            settled_at=int(row[5]),
            settled_by=row[6],
        )
        for row in rows
    ]


def settle_wish(tx: Tx, constituent: str, wish: int, by: str, at: Instant) -> bool:
    """Mark as done, or (at 0) as open again; whether there is such a wish."""
    sql = "UPDATE constituent_request SET settled_at = ?, settled_by = ? WHERE constituent = ? AND id = ?"
    return tx.execute(sql, (at, by, constituent, wish)) == 1


def count_wishes(reader: Reader) -> dict[str, int]:
    """Constituent -> how many of its wishes are open."""
    rows = reader.all("SELECT constituent, count(*) FROM constituent_request WHERE settled_at = 0 GROUP BY constituent")
    return {row[0]: int(row[1]) for row in rows}


def _constituent(row: Row) -> Constituent:
    id_, name, language, clearance, content, rhythm, hour, since, note, created_at, archived_at = row
    return Constituent(
        id=id_,
        name=name,
        language=language,
        clearance=TLP(clearance),
        content=TLP(content),
        rhythm=Rhythm(rhythm),
        hour=int(hour),
        since=int(since),
        note=note,
        created_at=int(created_at),
        archived_at=int(archived_at),
    )


def _contact(row: Row) -> Contact:
    return Contact(id=row[0], constituent=row[1], name=row[2], address=row[3], paused_until=int(row[4]))


def _letter(row: Row) -> Letter:
    return Letter(
        contact=row[0],
        period=row[1],
        constituent=row[2],
        after=int(row[3]),
        upto=int(row[4]),
        state=LetterState(row[5]),
        attempts=int(row[6]),
        due=int(row[7]),
        error=row[8],
        remedy=row[9],
        made_at=int(row[10]),
        ended_at=int(row[11]),
    )
