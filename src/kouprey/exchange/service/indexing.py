"""Making what was kept findable: the terms and references of bodies, in the transaction that keeps or moves them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from kouprey.exchange.store import collections, editions, terms
from kouprey.exchange.store.intake import Shelf
from kouprey.exchange.wire.terms import cut, links_of, parted, text_of
from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.safejson import decode


def index(tx: Tx, shelf: Shelf) -> None:
    """Write the terms of everything that changed in a batch; called once, after the batch is saved."""
    entries: list[terms.Entry] = []
    references: list[terms.Reference] = []
    left: dict[int, tuple[int, int]] = {}
    relabelled: dict[int, tuple[int, int]] = {}
    referring: dict[int, int] = {}
    by_position = terms.by_position(tx)
    for version in shelf.changed:
        position, held = version.was
        # The index of SQLite has both in it, that of PostgreSQL the label set.
        changed = (position, version.carried) != (version.position, version.label_set)
        anew = held > 0 and changed and by_position
        if anew:
            left[version.id] = version.was
        elif version.carried != version.label_set:
            relabelled |= {body.id: (version.carried, version.label_set) for body in version.bodies[:held]}
        if held and version.carried != version.label_set:
            referring |= {body.id: version.label_set for body in version.bodies[:held]}
        for place, body in enumerate(version.bodies[held:], held):
            if body.extract is None:
                continue
            references += _references(body.id, version.label_set, body.extract.links)
            if not anew:
                text = body.extract.text
                said = text if by_position else cut(text)
                entries.append(terms.Entry(version.id, body.id, place, version.position, version.label_set, said))
    terms.delete_terms(tx, list(left.values()))
    terms.relabel_terms(tx, relabelled)
    terms.insert_terms(tx, entries)
    terms.relabel_references(tx, referring)
    terms.insert_references(tx, references)
    _write_anew(tx, list(left))


def move(tx: Tx, versions: Sequence[int]) -> None:
    """Give versions and all their memberships new positions, in the order given, and keep them findable."""
    if terms.by_position(tx):
        placed = terms.list_placed(tx, versions)
        terms.delete_terms(tx, [(position, len(bodies)) for position, _, bodies in placed.values()])
        collections.move(tx, versions)
        _write_anew(tx, versions)
    else:
        collections.move(tx, versions)


def renew(tx: Tx, versions: Sequence[int]) -> None:
    """Derive the terms and references of versions again from their bodies."""
    placed = terms.list_placed(tx, versions)
    bodies = [body for *_, listed in placed.values() for body, _ in listed]
    if terms.by_position(tx):
        terms.delete_terms(tx, [(position, len(listed)) for position, _, listed in placed.values()])
    else:
        terms.delete_terms_of(tx, bodies)
    terms.delete_references(tx, bodies)
    _write_anew(tx, versions)
    terms.insert_references(
        tx,
        [
            each
            for _, label_set, listed in placed.values()
            for body, raw in listed
            for each in _references(body, label_set, _links(raw))
        ],
    )


def list_faults(reader: Reader, versions: Sequence[int]) -> tuple[list[int], list[int]]:
    """Bodies of these versions that are not found by what they say, and whose references are not what they say."""
    entries: list[terms.Entry] = []
    wanted: set[tuple[int, int, str, str, int, int]] = set()
    for version, (position, label_set, bodies) in terms.list_placed(reader, versions).items():
        for place, (body, raw) in enumerate(bodies):
            value = _decoded(raw)
            if value:
                entries.append(_entry(reader, version, body, place, position, label_set, parted(text_of(value))))
                said = _references(body, label_set, dict.fromkeys(links_of(value)))
                wanted |= {
                    (body, r.place, r.word, r.target, terms.target_key(r.target, r.body), r.label_set) for r in said
                }
    told = editions.list_references(reader, [entry.body for entry in entries])
    return terms.list_unfindable(reader, entries), sorted({each[0] for each in told ^ wanted})


def _write_anew(tx: Tx, versions: Sequence[int]) -> None:
    if versions:
        terms.insert_terms(
            tx,
            [
                _entry(tx, version, body, place, position, label_set, parted(text_of(_decoded(raw))))
                for version, (position, label_set, bodies) in terms.list_placed(tx, versions).items()
                for place, (body, raw) in enumerate(bodies)
            ],
        )


def _entry(
    reader: Reader, version: int, body: int, place: int, position: int, label_set: int, text: str
) -> terms.Entry:
    said = text if terms.by_position(reader) else cut(text)
    return terms.Entry(version, body, place, position, label_set, said)


def _decoded(raw: bytes) -> dict[str, Any]:
    """What a body says; nothing when its bytes are damaged: that must not keep a version from moving."""
    try:
        value: dict[str, Any] = decode(raw)
    except Damaged:
        return {}
    return value


def _links(raw: bytes) -> Iterator[tuple[str, int, str]]:
    return iter(dict.fromkeys(links_of(_decoded(raw))))


def _references(body: int, label_set: int, links: Iterable[tuple[str, int, str]]) -> Iterator[terms.Reference]:
    for target, place, word in links:
        yield terms.Reference(target, body, place, word, label_set)
