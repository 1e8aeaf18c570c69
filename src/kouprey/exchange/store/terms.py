"""The index of terms: what is written when a version gets its position, and the piece of SQL that finds it again.

SQLite keeps the terms by position, so that the newest hits come first without sorting; whatever gives a version another
position writes them anew. PostgreSQL keeps them by body. Both have the label set of the version beside the terms, so
that what a reader cannot see is not fetched first. That decides nothing: every hit is joined with what its reader may
see, and hangs on the one body he is given.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

from kouprey.exchange.store.seeing import CHOSEN_BODY, Eyes, Query, is_given
from kouprey.kernel.storage.engine import Reader, Tx, any_of
from kouprey.kernel.words.time import Instant

PLACES = 128
"""Keys for each position on SQLite: more than a version has bodies."""
_TRIED = 50
_MOST_SETS = 200
_FEW_SETS = 5
"""Label sets up to which they are asked for rather than their levels."""
_MUCH_MORE = 3
"""Levels that hold so many times what is seen say too little."""
_MOST_WORDS = 600
"""Words that the beginning of one is looked for as."""
_SET, _LEVEL, _OPEN = "~", "+", "o"
"""On PostgreSQL these stand among the terms before a label set and its most open level, and a migration has them too;
on SQLite the last stands before the level, and a label set is its number."""
_ERA = 17
"""An era is so many bodies, as a power of two: a migration has it too."""


class Entry(NamedTuple):
    """What one body is found by: its terms, or on SQLite a text that ASCII's rules cut into them.

    `place` is its number among the bodies of its version, oldest first.
    """

    version: int
    body: int
    place: int
    position: Instant
    label_set: int
    terms: str | Sequence[str]


class Reference(NamedTuple):
    """One reference of a body: `place` 0 of the object itself, 1 and 2 of the source and target of a relationship.

    `label_set` is that of the version: it stands in the indexes, and decides nothing.
    """

    target: str
    body: int
    place: int
    word: str
    label_set: int


def by_position(reader: Reader) -> bool:
    """Whether the terms have to be written anew when a version gets another position."""
    return reader.dialect == "sqlite"


def insert_terms(tx: Tx, entries: Sequence[Entry]) -> None:
    """Make bodies findable."""
    if not entries:
        return
    if tx.dialect == "sqlite":
        levels = _levels(tx, {e.label_set for e in entries})
        tx.many(
            "INSERT INTO term (rowid, words, seen) VALUES (?, ?, ?)",
            [
                (e.position * PLACES + e.place, _text(e.terms), f"{e.label_set} {_OPEN}{levels[e.label_set]}")
                for e in entries
            ],
        )
    else:
        # One statement for all: PostgreSQL is asked by the round trip.
        tx.execute(
            "INSERT INTO term (body_id, version_id, words)"
            " SELECT body_id, version_id, CAST(words AS TSVECTOR)"
            " FROM unnest(CAST(? AS BIGINT[]), CAST(? AS BIGINT[]), CAST(? AS TEXT[])) AS new (body_id, version_id,"
            " words) ON CONFLICT (body_id) DO NOTHING",
            ([e.body for e in entries], [e.version for e in entries], _vectors(tx, entries)),
        )


def relabel_terms(tx: Tx, left: Mapping[int, tuple[int, int]]) -> None:
    """Bodies whose version left one label set for another, on PostgreSQL: body -> (set left, set now)."""
    if left:
        levels = _levels(tx, {each for pair in left.values() for each in pair})
        tx.execute(
            "UPDATE term SET words = ts_delete(term.words, string_to_array(new.was, ' ')) || CAST(new.now AS TSVECTOR)"
            " FROM unnest(CAST(? AS BIGINT[]), CAST(? AS TEXT[]), CAST(? AS TEXT[])) AS new (body_id, was, now)"
            " WHERE term.body_id = new.body_id",
            (
                list(left),
                [f"{_SET}{was} {_LEVEL}{levels[was]}" for was, _ in left.values()],
                [f"'{_SET}{now}' '{_LEVEL}{levels[now]}'" for _, now in left.values()],
            ),
        )


def delete_terms(tx: Tx, places: Sequence[tuple[Instant, int]]) -> None:
    """Forget what was written for (position, number of bodies) on SQLite."""
    keys = [(position * PLACES + place,) for position, bodies in places for place in range(bodies)]
    if keys:
        tx.many("DELETE FROM term WHERE rowid = ?", keys)


def list_unfindable(reader: Reader, entries: Sequence[Entry]) -> list[int]:
    """Those bodies that are not found by their own terms; on SQLite the first of these are tried."""
    if reader.dialect == "postgres":
        same = "SELECT 1 FROM term WHERE body_id = ? AND version_id = ? AND words = CAST(? AS TSVECTOR)"
        vectors = zip(entries, _vectors(reader, entries), strict=True)
        return [e.body for e, vector in vectors if reader.value(same, (e.body, e.version, vector)) is None]
    levels = _levels(reader, {e.label_set for e in entries}) if levels_are_beside(reader) else {}
    return [e.body for e in entries if not _found(reader, e, levels.get(e.label_set))]


def _found(reader: Reader, entry: Entry, level: int | None) -> bool:
    key = entry.position * PLACES + entry.place
    if reader.value("SELECT 1 FROM term WHERE rowid = ?", (key,)) is None:
        return False
    # As ASCII's rules cut it, which leave everything beyond ASCII whole.
    terms = list(dict.fromkeys(re.findall(r"[0-9A-Za-z\x80-\U0010ffff]+", _text(entry.terms))))[:_TRIED]
    seen = [str(entry.label_set), *([] if level is None else [f"{_OPEN}{level}"])]
    wanted = " AND ".join([*(f'{{seen}} : "{each}"' for each in seen), *(f'{{words}} : "{term}"' for term in terms)])
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
    into = "INSERT INTO reference (target_key, body_id, place, word, target, label_set_id)"
    # Never all at once: one object may name tens of thousands.
    rows = ((target_key(r.target, r.body), r.body, r.place, r.word, r.target, r.label_set) for r in references)
    if tx.dialect == "sqlite":
        tx.many(f"{into} VALUES (?, ?, ?, ?, ?, ?)", rows)
    else:
        tx.execute(
            f"{into} SELECT * FROM unnest(CAST(? AS BIGINT[]), CAST(? AS BIGINT[]), CAST(? AS BIGINT[]),"
            " CAST(? AS TEXT[]), CAST(? AS TEXT[]), CAST(? AS BIGINT[]))",
            [list(column) for column in zip(*rows, strict=True)],
        )


def relabel_references(tx: Tx, left: Mapping[int, int]) -> None:
    """Bodies whose version got another label set: body -> set."""
    if left:
        tx.many("UPDATE reference SET label_set_id = ? WHERE body_id = ?", [(now, body) for body, now in left.items()])


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
        wanted = " AND ".join(_alternatives(reader, terms, open_end) for terms, open_end in phrases)
        wanted = f"{{words}} : ({wanted})"
        if beside := _beside(reader, sets, "", _OPEN):
            seen = " OR ".join(f'"{each}"' for each in beside)
            # The first is the one that is walked; a beginning of many words is only asked about what it gives.
            wanted = f"{{seen}} : ({seen}) AND {wanted}"
        query.add("AND term MATCH ? AND version.position = (term.rowid >> 7)", wanted)
        query.add(
            "AND (version.bodies = 1 OR (term.rowid & 127) = (SELECT count(*) FROM body"
            f" WHERE body.version_id = version.id AND body.id < {CHOSEN_BODY}))",
            *eyes.params,
        )
        return "term.rowid"
    wanted = _tsquery(phrases)
    if beside := _beside(reader, sets, _SET, _LEVEL):
        wanted += f" & ({' | '.join(map(repr, beside))})"
    query.add("AND term.words @@ CAST(? AS TSQUERY) AND term.version_id = version.id", wanted)
    query.add(f"AND {is_given('term.body_id')}", *eyes.params)
    # A sum has no index: PostgreSQL shall not look for few words by walking the positions.
    return "version.position + 0"


def _beside(reader: Reader, sets: Collection[int], of_set: str, of_level: str) -> list[str]:
    """What stands beside the terms of all that is under these label sets, and of little else; nothing for anything.

    Each is asked about every hit, so they should be few: levels rather than sets, unless the levels hold much more.
    """
    named = [f"{of_set}{each}" for each in sets or (0,)]
    if len(sets) <= _FEW_SETS or not levels_are_beside(reader):
        return named if len(sets) <= _MOST_SETS else []
    rows = reader.all(
        "SELECT label_set_member.label_set_id, min(label.tlp),"
        " (SELECT sum(tally.n) FROM tally WHERE tally.label_set_id = label_set_member.label_set_id)"
        " FROM label_set_member JOIN label ON label.id = label_set_member.label_id"
        " GROUP BY label_set_member.label_set_id"
    )
    wanted = set(sets)
    levels = {row[1] for row in rows if row[0] in wanted}
    under = sum(int(row[2] or 0) for row in rows if row[1] in levels)
    seen = sum(int(row[2] or 0) for row in rows if row[0] in wanted)
    if seen * _MUCH_MORE < under and len(sets) <= _MOST_SETS:
        return named
    return [f"{of_level}{each}" for each in sorted(levels)]


def levels_are_beside(reader: Reader) -> bool:
    """Whether every text has its level beside it: on SQLite they get it with the second edition, one by one."""
    if reader.dialect == "postgres":
        return True
    sql = "SELECT 1 FROM edition WHERE kind = 'search' AND edition >= 2 AND done >= upto"
    return reader.value(sql) is not None


def _alternatives(reader: Reader, terms: Sequence[str], open_end: bool) -> str:
    """A phrase for SQLite: the beginning of one word as the words that there are, when they are not too many."""
    if open_end and len(terms) == 1:
        begin = terms[0]
        rows = reader.all(
            "SELECT term FROM vocabulary WHERE term >= ? AND term < ? LIMIT ?",
            (begin, begin[:-1] + chr(ord(begin[-1]) + 1), _MOST_WORDS + 1),
        )
        if 0 < len(rows) <= _MOST_WORDS:
            return f"({' OR '.join(f'{chr(34)}{row[0]}{chr(34)}' for row in rows)})"
    return f'"{" ".join(terms)}"{"*" if open_end else ""}'


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


def _vectors(reader: Reader, entries: Sequence[Entry]) -> list[str]:
    """The literals of tsvectors: label set and level, and the terms with their places."""
    levels = _levels(reader, {entry.label_set for entry in entries})
    return [
        f"'{_SET}{entry.label_set}' '{_LEVEL}{levels[entry.label_set]}' {_placed(_text(entry.terms))}"
        for entry in entries
    ]


def _placed(text: str) -> str:
    """Terms are letters, digits and marks, so nothing in them needs care."""
    places: dict[str, list[str]] = {}
    for place, term in enumerate(text.split(), 1):
        places.setdefault(term, []).append(str(place))
    return " ".join(f"'{term}':{','.join(at)}" for term, at in places.items())


def _levels(reader: Reader, sets: Collection[int]) -> dict[int, int]:
    """The most open level of each label set, which it keeps for ever; 0 of one without labels, which nobody sees."""
    where, params = any_of(reader, "label_set_member.label_set_id", sets)
    rows = reader.all(
        "SELECT label_set_member.label_set_id, min(label.tlp) FROM label_set_member"
        f" JOIN label ON label.id = label_set_member.label_id WHERE {where} GROUP BY label_set_member.label_set_id",
        params,
    )
    return dict.fromkeys(sets, 0) | {row[0]: row[1] for row in rows}
