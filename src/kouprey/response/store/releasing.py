"""Words of two persons, as they are kept."""

from __future__ import annotations

import msgspec

from kouprey.kernel.storage.engine import Reader, Row, Tx
from kouprey.response.model.releasing import Proposed, Word, WordState

_WORD = "id, handoff, state, message, first_person, first_role, first_at, second_person, second_role, second_at, body"


def add(tx: Tx, word: Word) -> None:
    """Keep a first word."""
    tx.execute(
        f"INSERT INTO handoff_word ({_WORD}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            word.id,
            word.handoff,
            str(word.state),
            word.message,
            word.first,
            word.first_role,
            word.first_at,
            word.second,
            word.second_role,
            word.second_at,
            msgspec.json.encode(word.proposed),
        ),
    )


def move(tx: Tx, word: Word) -> bool:
    """How far it is now; False where it waits no more, because somebody was faster."""
    return (
        tx.execute(
            "UPDATE handoff_word SET state = ?, message = ?, second_person = ?, second_role = ?, second_at = ?"
            " WHERE id = ? AND state = 'waiting'",
            (str(word.state), word.message, word.second, word.second_role, word.second_at, word.id),
        )
        > 0
    )


def find(reader: Reader, handoff: str, word: str) -> Word | None:
    """One of a hand-off."""
    row = reader.one(f"SELECT {_WORD} FROM handoff_word WHERE handoff = ? AND id = ?", (handoff, word))
    return None if row is None else _word(row)


def list_words(reader: Reader, handoff: str) -> list[Word]:
    """Those of a hand-off, the newest first."""
    sql = f"SELECT {_WORD} FROM handoff_word WHERE handoff = ? ORDER BY first_at DESC, id"
    return [_word(row) for row in reader.all(sql, (handoff,))]


def _word(row: Row) -> Word:
    return Word(
        id=row[0],
        handoff=row[1],
        state=WordState(row[2]),
        message=row[3],
        first=row[4],
        first_role=row[5],
        first_at=int(row[6]),
        second=row[7],
        second_role=row[8],
        second_at=int(row[9]),
        proposed=msgspec.json.decode(bytes(row[10]), type=Proposed),
    )
