"""Statements, drafts, approvals and rumours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from kouprey.advisories.model import Approval, Content, Draft, DraftState, Rumour
from kouprey.kernel.storage.engine import Reader, Row, Tx, any_of
from kouprey.kernel.words.time import Instant


class Kept(NamedTuple):
    """A statement as it is kept; `erased` ones have no body."""

    publisher: str
    number: int
    id: str
    hash: str
    issued: Instant
    body: bytes
    key: str
    signature: bytes
    came_at: Instant
    agreement: str
    origin: str
    entry_index: int
    erased: bool


_STATEMENT = ", ".join(Kept._fields)
_DRAFT = "id, content, revision, state, statement, made_by, made_at, changed_by, changed_at"
_RUMOUR = "id, text, url, media, heard_from, came_at, taken_by, draft, aside_by, aside_at"


def revision(reader: Reader) -> int:
    """A number that is another one after whatever the public sees has changed."""
    return int(reader.value("SELECT revision FROM statement_shelf WHERE id = 1") or 0)


def touch(tx: Tx) -> None:
    """What the public sees has changed."""
    tx.execute("UPDATE statement_shelf SET revision = revision + 1 WHERE id = 1")


def add_statement(tx: Tx, kept: Kept) -> bool:
    """Keep one; False when there is one of this number, or of this id, already."""
    places = ", ".join("?" * len(kept))
    sql = f"INSERT INTO statement ({_STATEMENT}) VALUES ({places}) ON CONFLICT DO NOTHING"
    added = tx.execute(sql, (*kept[:-1], int(kept.erased))) > 0
    if added:
        touch(tx)
    return added


def list_statements(reader: Reader, publisher: str = "") -> list[Kept]:
    """All, or those of one publisher, in the order of the chains."""
    where, params = ("WHERE publisher = ?", (publisher,)) if publisher else ("", ())
    sql = f"SELECT {_STATEMENT} FROM statement {where} ORDER BY publisher, number"
    return [_kept(row) for row in reader.all(sql, params)]


def find_number(reader: Reader, publisher: str, number: int) -> Kept | None:
    """One by its place in the chain."""
    row = reader.one(f"SELECT {_STATEMENT} FROM statement WHERE publisher = ? AND number = ?", (publisher, number))
    return None if row is None else _kept(row)


def find_id(reader: Reader, publisher: str, statement: str) -> Kept | None:
    """One by its id."""
    row = reader.one(f"SELECT {_STATEMENT} FROM statement WHERE publisher = ? AND id = ?", (publisher, statement))
    return None if row is None else _kept(row)


def find_last(reader: Reader, publisher: str) -> Kept | None:
    """The newest of a publisher."""
    sql = f"SELECT {_STATEMENT} FROM statement WHERE publisher = ? ORDER BY number DESC LIMIT 1"
    row = reader.one(sql, (publisher,))
    return None if row is None else _kept(row)


def list_ids(reader: Reader, publisher: str) -> list[str]:
    """The ids of all statements of a publisher."""
    return [str(row[0]) for row in reader.all("SELECT id FROM statement WHERE publisher = ?", (publisher,))]


def count_statements(reader: Reader, publisher: str) -> int:
    """How many a publisher has."""
    return int(reader.value("SELECT count(*) FROM statement WHERE publisher = ?", (publisher,)) or 0)


def erase_statements(tx: Tx, origin: str, author: str, indices: Sequence[int]) -> int:
    """Take the words out of what came from its author in these entries; how many. Number and hash stay."""
    where, params = any_of(tx, "entry_index", indices)
    sql = f"UPDATE statement SET body = ?, erased = 1 WHERE origin = ? AND publisher = ? AND erased = 0 AND {where}"
    gone = tx.execute(sql, (b"", origin, author, *params))
    if gone:
        touch(tx)
    return gone


def list_sent(reader: Reader) -> dict[str, set[int]]:
    """Agreement -> the numbers of ours that went out under it."""
    found: dict[str, set[int]] = {}
    for agreement, number in reader.all("SELECT agreement, number FROM statement_sent"):
        found.setdefault(str(agreement), set()).add(int(number))
    return found


def add_sent(tx: Tx, agreement: str, number: int, publication: int, at: Instant) -> None:
    """That one of ours went out."""
    tx.execute(
        "INSERT INTO statement_sent (agreement, number, position, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (agreement, number, publication, at),
    )


def set_mirror(tx: Tx, publisher: str, shown: bool, by: str, at: Instant) -> None:
    """Whether everybody can read the statements of a partner here."""
    tx.execute(
        "INSERT INTO statement_mirror (publisher, shown, changed_by, changed_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (publisher) DO UPDATE SET shown = excluded.shown, changed_by = excluded.changed_by,"
        " changed_at = excluded.changed_at",
        (publisher, int(shown), by, at),
    )
    touch(tx)


def list_mirrored(reader: Reader) -> set[str]:
    """Partners whose statements everybody can read here."""
    return {str(row[0]) for row in reader.all("SELECT publisher FROM statement_mirror WHERE shown = 1")}


def save_draft(tx: Tx, draft: Draft) -> None:
    """Keep a draft, or what has changed in it."""
    row = (
        draft.id,
        msgspec.json.encode(draft.content).decode(),
        draft.revision,
        str(draft.state),
        draft.statement,
        draft.made_by,
        draft.made_at,
        draft.changed_by,
        draft.changed_at,
    )
    tx.execute(
        f"INSERT INTO statement_draft ({_DRAFT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
        " content = excluded.content, revision = excluded.revision, state = excluded.state,"
        " statement = excluded.statement, changed_by = excluded.changed_by, changed_at = excluded.changed_at",
        row,
    )


def find_draft(reader: Reader, draft: str) -> Draft | None:
    """One with the approvals of its revision."""
    row = reader.one(f"SELECT {_DRAFT} FROM statement_draft WHERE id = ?", (draft,))
    return None if row is None else _draft(row, _approvals(reader, [str(row[0])]))


def list_drafts(reader: Reader, state: DraftState, limit: int) -> list[Draft]:
    """Those of one state, what was changed last first."""
    sql = f"SELECT {_DRAFT} FROM statement_draft WHERE state = ? ORDER BY changed_at DESC, id LIMIT ?"
    rows = reader.all(sql, (str(state), limit))
    approvals = _approvals(reader, [str(row[0]) for row in rows])
    return [_draft(row, approvals) for row in rows]


def add_approval(tx: Tx, draft: Draft, approval: Approval) -> bool:
    """Keep one of this revision; False when this person has approved it already."""
    sql = "INSERT INTO statement_approval (draft, revision, person, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
    return tx.execute(sql, (draft.id, draft.revision, approval.person, approval.at)) > 0


def add_rumour(tx: Tx, rumour: Rumour) -> None:
    """Keep what was heard."""
    tx.execute(f"INSERT INTO rumour ({_RUMOUR}) VALUES ({', '.join('?' * 10)})", msgspec.structs.astuple(rumour))


def find_rumour(reader: Reader, rumour: str) -> Rumour | None:
    """One by its id."""
    row = reader.one(f"SELECT {_RUMOUR} FROM rumour WHERE id = ?", (rumour,))
    return None if row is None else _rumour(row)


def list_rumours(reader: Reader, limit: int) -> list[Rumour]:
    """What was heard, the newest first."""
    return [
        _rumour(row) for row in reader.all(f"SELECT {_RUMOUR} FROM rumour ORDER BY came_at DESC, id LIMIT ?", (limit,))
    ]


def list_of_draft(reader: Reader, draft: str) -> list[Rumour]:
    """The rumours that a draft answers, the first report first."""
    sql = f"SELECT {_RUMOUR} FROM rumour WHERE draft = ? ORDER BY came_at, id"
    return [_rumour(row) for row in reader.all(sql, (draft,))]


def change_rumour(tx: Tx, rumour: Rumour) -> None:
    """Keep by which draft it is answered, and whether it was set aside; its words never change."""
    tx.execute(
        "UPDATE rumour SET draft = ?, aside_by = ?, aside_at = ? WHERE id = ?",
        (rumour.draft, rumour.aside_by, rumour.aside_at, rumour.id),
    )


def list_answered(reader: Reader, limit: int) -> list[tuple[str, Instant, Instant, int]]:
    """(statement, first report, issued, how many rumours) of what was published to rumours, the newest first."""
    sql = (
        "SELECT statement.id, min(rumour.came_at), statement.issued, count(*) FROM rumour"
        " JOIN statement_draft ON statement_draft.id = rumour.draft"
        " JOIN statement ON statement.id = statement_draft.statement AND statement.agreement = ''"
        " GROUP BY statement.id, statement.issued ORDER BY statement.issued DESC LIMIT ?"
    )
    return [(str(row[0]), int(row[1]), int(row[2]), int(row[3])) for row in reader.all(sql, (limit,))]


def _approvals(reader: Reader, drafts: Sequence[str]) -> dict[tuple[str, int], list[Approval]]:
    where, params = any_of(reader, "draft", drafts)
    sql = f"SELECT draft, revision, person, at FROM statement_approval WHERE {where} ORDER BY at, person"
    found: dict[tuple[str, int], list[Approval]] = {}
    for draft, number, person, at in reader.all(sql, params):
        found.setdefault((str(draft), int(number)), []).append(Approval(person=str(person), at=int(at)))
    return found


def _kept(row: Row) -> Kept:
    made = Kept(*row)
    return made._replace(body=bytes(made.body), signature=bytes(made.signature), erased=bool(made.erased))


def _draft(row: Row, approvals: Mapping[tuple[str, int], list[Approval]]) -> Draft:
    fields = dict(zip(_DRAFT.split(", "), row, strict=True))
    content = msgspec.json.decode(fields.pop("content"), type=Content)
    state = DraftState(fields.pop("state"))
    given = approvals.get((fields["id"], fields["revision"]), [])
    return Draft(content=content, state=state, approvals=tuple(given), **fields)


def _rumour(row: Row) -> Rumour:
    return Rumour(**dict(zip(_RUMOUR.split(", "), row, strict=True)))
