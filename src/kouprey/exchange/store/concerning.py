"""Concerns: what was said about given things, who owes an answer, and what was answered."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from kouprey.exchange.model.concerning import Answer, Concern
from kouprey.exchange.store.seeing import Eyes, Query
from kouprey.kernel.storage.engine import Reader, Row, Tx, any_of
from kouprey.kernel.storage.labels import get_labels, visible_join
from kouprey.kernel.words.tlp import TLP

_COLUMNS = (
    "concern.id, concern.author, concern.agreement, concern.kind, concern.stix_id, concern.tlp, concern.text,"
    " concern.parties, concern.said_by, concern.at"
)


def insert(tx: Tx, made: Concern, label_set: int) -> bool:
    """Keep one; False when its id is known already."""
    return (
        tx.execute(
            "INSERT INTO concern (id, author, agreement, kind, stix_id, tlp, text, parties, label_set_id, said_by, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
            (
                made.id,
                made.author,
                made.agreement,
                made.kind,
                made.stix_id,
                made.tlp,
                made.text,
                " ".join(made.parties),
                label_set,
                made.said_by,
                made.at,
            ),
        )
        > 0
    )


def find(reader: Reader, concern: str) -> Concern | None:
    """By its id, whoever may see it: for entries of partners that answer it."""
    row = reader.one(f"SELECT {_COLUMNS} FROM concern WHERE concern.id = ?", (concern,))
    return None if row is None else _with_answers(reader, [_concern(row)])[0]


def level_of(reader: Reader, concern: str) -> TLP:
    """The strictest level of what it was said under."""
    set_id = reader.value("SELECT label_set_id FROM concern WHERE id = ?", (concern,))
    return max(label.tlp for label in get_labels(reader, int(set_id)).values())


def add_answer(tx: Tx, concern: str, made: Answer) -> bool:
    """Keep what a party answered; False when it has answered before, which stays."""
    return (
        tx.execute(
            "INSERT INTO concern_answer (concern_id, party, outcome, text, answered_by, at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (concern_id, party) DO NOTHING",
            (concern, made.party, made.outcome, made.text, made.by, made.at),
        )
        > 0
    )


_UNANSWERED = (
    "length(concern.parties) - length(replace(concern.parties, ' ', '')) + 1"
    " > (SELECT count(*) FROM concern_answer WHERE concern_answer.concern_id = concern.id)"
)
"""Of several parties that owe an answer each gives one at most, and nobody else does."""


def list_seen(
    reader: Reader,
    eyes: Eyes,
    *,
    author: str = "",
    not_author: str = "",
    stix_id: str = "",
    id: str = "",
    owed_by: str = "",
    unanswered: bool = False,
    limit: int,
) -> list[Concern]:
    """Those the reader may see, newest first; `unanswered` by any party that owes it, or `owed_by` one."""
    query = Query(f"SELECT {_COLUMNS} FROM concern {visible_join('concern.label_set_id')}", list(eyes.params))
    query.add("WHERE concern.author <> ?", not_author)
    for column, value in (("author", author), ("stix_id", stix_id), ("id", id)):
        if value:
            query.add(f"AND concern.{column} = ?", value)
    if unanswered:
        query.add(f"AND {_UNANSWERED}")
    if owed_by:
        query.add("AND replace(' ' || concern.parties || ' ', ?, '') <> ' ' || concern.parties || ' '", f" {owed_by} ")
        query.add("AND NOT EXISTS (SELECT 1 FROM concern_answer WHERE concern_answer.concern_id = concern.id")
        query.add("AND concern_answer.party = ?)", owed_by)
    query.add("ORDER BY concern.at DESC, concern.id LIMIT ?", limit)
    return _with_answers(reader, [_concern(row) for row in reader.all(query.sql, query.params)])


def _with_answers(reader: Reader, concerns: Collection[Concern]) -> list[Concern]:
    where, params = any_of(reader, "concern_id", [each.id for each in concerns])
    found: dict[str, list[Answer]] = {}
    for concern, party, outcome, text, by, at in reader.all(
        "SELECT concern_id, party, outcome, text, answered_by, at FROM concern_answer"
        f" WHERE {where} ORDER BY at, party",
        params,
    ):
        found.setdefault(concern, []).append(Answer(party=party, outcome=outcome, text=text, by=by, at=at))
    return [msgspec.structs.replace(each, answers=tuple(found.get(each.id, ()))) for each in concerns]


def _concern(row: Row) -> Concern:
    return Concern(
        id=row[0],
        author=row[1],
        agreement=row[2],
        kind=row[3],
        stix_id=row[4],
        tlp=row[5],
        text=row[6],
        parties=tuple(row[7].split()),
        said_by=row[8],
        at=row[9],
    )
