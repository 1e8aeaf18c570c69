"""The index of terms: what is written when a version gets its position, and the piece of SQL that finds it again.

SQLite keeps the terms by position, so that the newest hits come first without sorting; whatever gives a version another
position writes them anew. PostgreSQL keeps them by body. Neither decides what is seen: every hit is joined with what
its reader may see, and hangs on the one body he is given.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from kouprey.exchange.store.seeing import CHOSEN_BODY, Eyes, Query, is_given
from kouprey.kernel.storage.engine import Reader, Tx, any_of
from kouprey.kernel.words.time import Instant

PLACES = 128
"""Keys for each position on SQLite: more than a version has bodies."""
_TRIED = 50
_MOST_SETS = 200
_ERA = 17
"""An era is so many bodies, as a power of two: a migration has it too."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one body is found by: its terms, or on SQLite a text that ASCII's rules cut into them.

    `place` is its number among the bodies of its version, oldest first.
    """

    version: int
    body: int
    place: int
    position: Instant
    label_set: int
    terms: str | Sequence[str]


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference of a body: `place` 0 of the object itself, 1 and 2 of the source and target of a relationship."""

    target: str
    body: int
    place: int
    word: str


def by_position(reader: Reader) -> bool:
    """Whether the terms have to be written anew when a version gets another position."""
    return reader.dialect == "sqlite"


def insert_terms(tx: Tx, entries: Sequence[Entry]) -> None:
    """Make bodies findable."""
    if not entries:
        return
    if tx.dialect == "sqlite":
        tx.many(
            "INSERT INTO term (rowid, words, seen) VALUES (?, ?, ?)",
            [(e.position * PLACES + e.place, _text(e.terms), str(e.label_set)) for e in entries],
        )
    else:
        # One statement for all: PostgreSQL is asked by the round trip.
        tx.execute(
            "INSERT INTO term (body_id, version_id, words)"
            " SELECT body_id, version_id, CAST(words AS TSVECTOR)"
            " FROM unnest(CAST(? AS BIGINT[]), CAST(? AS BIGINT[]), CAST(? AS TEXT[])) AS new (body_id, version_id,"
            " words) ON CONFLICT (body_id) DO NOTHING",
            ([e.body for e in entries], [e.version for e in entries], [_vector(e.terms) for e in entries]),
        )


def delete_terms(tx: Tx, places: Sequence[tuple[Instant, int]]) -> None:
    """Forget what was written for (position, number of bodies) on SQLite."""
    keys = [(position * PLACES + place,) for position, bodies in places for place in range(bodies)]
    if keys:
        tx.many("DELETE FROM term WHERE rowid = ?", keys)


def list_unfindable(reader: Reader, entries: Sequence[Entry]) -> list[int]:
    """Those bodies that are not found by their own terms; on SQLite the first of these are tried."""
    if reader.dialect == "postgres":
        return [
            e.body
            for e in entries
            if reader.value(
                "SELECT 1 FROM term WHERE body_id = ? AND version_id = ? AND words = CAST(? AS TSVECTOR)",
                (e.body, e.version, _vector(e.terms)),
            )
            is None
        ]
    return [e.body for e in entries if not _found(reader, e)]


def _found(reader: Reader, entry: Entry) -> bool:
    key = entry.position * PLACES + entry.place
    if reader.value("SELECT 1 FROM term WHERE rowid = ?", (key,)) is None:
        return False
    # As ASCII's rules cut it, which leave everything beyond ASCII whole.
    terms = list(dict.fromkeys(re.findall(r"[0-9A-Za-z\x80-\U0010ffff]+", _text(entry.terms))))[:_TRIED]
    wanted = " AND ".join([f'{{seen}} : "{entry.label_set}"', *(f'{{words}} : "{term}"' for term in terms)])
    return reader.value("SELECT 1 FROM term WHERE term MATCH ? AND rowid = ?", (wanted, key)) is not None


def delete_terms_of(tx: Tx, bodies: Collection[int]) -> None:
    """Forget what was written for bodies on PostgreSQL."""
    where, params = any_of(tx, "body_id", bodies)
    tx.execute(f"DELETE FROM term WHERE {where}", params)


def delete_references(tx: Tx, bodies: Collection[int]) -> None:
    """Forget what bodies refer to."""
    where, params = any_of(tx, "body_id", bodies)
    tx.execute(f"DELETE FROM reference WHERE {where}", params)


def insert_references(tx: Tx, references: Sequence[Reference]) -> None:
    """Keep what bodies refer to."""
    if not references:
        return
    into = "INSERT INTO reference (target_key, body_id, place, word, target)"
    # Never all at once: one object may name tens of thousands.
    rows = ((target_key(r.target, r.body), r.body, r.place, r.word, r.target) for r in references)
    if tx.dialect == "sqlite":
        tx.many(f"{into} VALUES (?, ?, ?, ?, ?)", rows)
    else:
        tx.execute(
            f"{into} SELECT * FROM unnest(CAST(? AS BIGINT[]), CAST(? AS BIGINT[]), CAST(? AS BIGINT[]),"
            " CAST(? AS TEXT[]), CAST(? AS TEXT[]))",
            [list(column) for column in zip(*rows, strict=True)],
        )


def target_key(stix_id: str, body: int) -> int:
    """By what a reference of a body to an id is looked up; whoever does compares the id too.

    The era of the body stands before five bytes of a hash. So new references go to the end of their index: spread over
    all of it, each would have to write a page of its own, and the more is held the longer a batch would take.
    """
    return (body >> _ERA << 40) + _short_hash(stix_id)


def target_keys(reader: Reader, stix_ids: Collection[str]) -> list[int]:
    """Everything that `target_key` can have given for these, whatever the body."""
    eras = (int(reader.value("SELECT max(id) FROM body") or 0) >> _ERA) + 1
    hashes = [_short_hash(each) for each in stix_ids]
    return [(era << 40) + each for era in range(eras) for each in hashes]


def _short_hash(stix_id: str) -> int:
    return int.from_bytes(blake2b(stix_id.encode(), digest_size=8).digest()[3:])


def list_placed(reader: Reader, versions: Collection[int]) -> dict[int, tuple[Instant, int, list[tuple[int, bytes]]]]:
    """For each version: position, label set, and its bodies oldest first."""
    where, params = any_of(reader, "version.id", versions)
    found: dict[int, tuple[Instant, int, list[tuple[int, bytes]]]] = {}
    for version, position, label_set, body, raw in reader.all(
        "SELECT version.id, version.position, version.label_set_id, body.id, body.bytes FROM version"
        f" JOIN body ON body.version_id = version.id WHERE {where} ORDER BY body.id",
        params,
    ):
        found.setdefault(version, (position, label_set, []))[2].append((body, bytes(raw)))
    return found


def from_terms(
    query: Query,
    reader: Reader,
    eyes: Eyes,
    phrases: Sequence[tuple[Sequence[str], bool]],
    sets: Collection[int],
) -> str:
    """Add the condition that the body given to the reader has these phrases; the column to order by.

    `FROM` must name `term` first (SQLite walks it backwards) and `version`. A phrase is its terms and whether the last
    is only a beginning. `sets` are the label sets worth looking at: a shorter road, no decision.
    """
    if reader.dialect == "sqlite":
        # A set that does not exist: whoever sees nothing finds nothing, and the expression stays one.
        sets = sets or (0,)
        wanted = " AND ".join(f'"{" ".join(terms)}"{"*" if open_end else ""}' for terms, open_end in phrases)
        wanted = f"{{words}} : ({wanted})"
        if len(sets) <= _MOST_SETS:
            seen = " OR ".join(f'"{each}"' for each in sets)
            wanted += f" AND {{seen}} : ({seen})"
        query.add("AND term MATCH ? AND version.position = (term.rowid >> 7)", wanted)
        query.add(
            "AND (version.bodies = 1 OR (term.rowid & 127) = (SELECT count(*) FROM body"
            f" WHERE body.version_id = version.id AND body.id < {CHOSEN_BODY}))",
            *eyes.params,
        )
        return "term.rowid"
    wanted = _tsquery(phrases)
    query.add("AND term.words @@ CAST(? AS TSQUERY) AND term.version_id = version.id", wanted)
    query.add(f"AND {is_given('term.body_id')}", *eyes.params)
    # A sum has no index: PostgreSQL shall not look for few words by walking the positions.
    return "version.position + 0"


def with_terms(query: Query, eyes: Eyes, phrases: Sequence[tuple[Sequence[str], bool]]) -> None:
    """Add the same condition on PostgreSQL for a `version` that is looked at anyway."""
    # The OFFSET keeps PostgreSQL from making a join of it, which it would begin with all hits.
    query.add(f"AND EXISTS (SELECT 1 FROM term WHERE term.body_id = {CHOSEN_BODY}", *eyes.params)
    query.add("AND term.words @@ CAST(? AS TSQUERY) OFFSET 0)", _tsquery(phrases))


def finds_newest_first(reader: Reader) -> bool:
    """Whether the index of terms gives its hits in order of position, one by one; PostgreSQL's gives all at once."""
    return reader.dialect == "sqlite"


def _tsquery(phrases: Sequence[tuple[Sequence[str], bool]]) -> str:
    return " & ".join(
        "(" + " <-> ".join(f"'{term}'" for term in terms) + (":*" if open_end else "") + ")"
        for terms, open_end in phrases
    )


def _text(terms: str | Sequence[str]) -> str:
    return terms if isinstance(terms, str) else " ".join(terms)


def _vector(terms: str | Sequence[str]) -> str:
    """The literal of a tsvector; terms are letters, digits and marks, so nothing in them needs care."""
    places: dict[str, list[str]] = {}
    for place, term in enumerate(_text(terms).split(), 1):
        places.setdefault(term, []).append(str(place))
    return " ".join(f"'{term}':{','.join(at)}" for term, at in places.items())
