"""Findings of bodies: every kind once, and for each body that has any which kinds, and where."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from kouprey.exchange.model import Finding
from kouprey.kernel.storage.engine import Reader, Tx, any_of

Key = tuple[str, str, str, str]

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[list[Any]]).decode


def save(tx: Tx, found: Mapping[int, Sequence[Finding]], own_words: str) -> None:
    """Keep the findings of new bodies by their ids. Codes that begin with `own_words` have a text for each finding."""
    keys = {id(one): _key(one, own_words) for said in found.values() for one in said}
    if not keys:
        return
    kinds = _intern(tx, set(keys.values()))
    rows = []
    for body, said in found.items():
        if said:
            musts = sum([one.severity == "must" for one in said])
            placed = [_place(kinds[keys[id(one)]], one, own_words) for one in said]
            rows.append((body, musts, len(said) - musts, _encode(placed).decode()))
    tx.many("INSERT INTO finding (body_id, musts, shoulds, said) VALUES (?, ?, ?, ?)", rows)


def load(reader: Reader, bodies: Collection[int]) -> dict[int, tuple[Finding, ...]]:
    """The findings of those of these bodies that have any, in the order they were found."""
    where, params = any_of(reader, "body_id", bodies)
    rows = [(row[0], _decode(row[1])) for row in reader.all(f"SELECT body_id, said FROM finding WHERE {where}", params)]
    if not rows:
        return {}
    where, params = any_of(reader, "id", {each[0] for _, said in rows for each in said})
    kinds = {
        row[0]: row[1:]
        for row in reader.all(f"SELECT id, code, severity, source, text FROM finding_kind WHERE {where}", params)
    }
    return {body: tuple(_finding(kinds[each[0]], each) for each in said) for body, said in rows}


def list_counts(reader: Reader, bodies: Collection[int]) -> dict[int, tuple[int, int]]:
    """How many findings of those of these bodies that have any are written down to say must and should."""
    where, params = any_of(reader, "body_id", bodies)
    rows = reader.all(f"SELECT body_id, musts, shoulds FROM finding WHERE {where}", params)
    return {row[0]: (row[1], row[2]) for row in rows}


def list_invalid(reader: Reader, bodies: Collection[int]) -> set[int]:
    """Those of these bodies that break the standard."""
    where, params = any_of(reader, "body_id", bodies)
    return {row[0] for row in reader.all(f"SELECT body_id FROM finding WHERE musts > 0 AND {where}", params)}


def list_strict(reader: Reader) -> frozenset[str]:
    """The ids of the collections that hold nothing that breaks the standard."""
    return frozenset(row[0] for row in reader.all("SELECT id FROM collection WHERE strict = 1"))


def _key(one: Finding, own_words: str) -> Key:
    return one.code, one.severity, one.source, "" if one.code.startswith(own_words) else one.text


def _place(kind: int, one: Finding, own_words: str) -> list[object]:
    return [kind, one.path, one.text] if one.code.startswith(own_words) else [kind, one.path]


def _finding(kind: Sequence[Any], placed: Sequence[Any]) -> Finding:
    code, severity, source, text = kind
    return Finding(code, placed[1], severity, placed[2] if len(placed) > 2 else text, source)


def _intern(tx: Tx, keys: Collection[Key]) -> dict[Key, int]:
    known = _known(tx, keys)
    if new := sorted(keys - known.keys()):
        tx.many("INSERT INTO finding_kind (code, severity, source, text) VALUES (?, ?, ?, ?)", new)
        known = _known(tx, keys)
    return known


def _known(tx: Tx, keys: Iterable[Key]) -> dict[Key, int]:
    where, params = any_of(tx, "code", {key[0] for key in keys})
    rows = tx.all(f"SELECT code, severity, source, text, id FROM finding_kind WHERE {where}", params)
    return {(row[0], row[1], row[2], row[3]): row[4] for row in rows}
