"""Making what was kept findable: the terms and references of bodies, in the transaction that keeps or moves them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from kouprey.exchange.store import collections, terms
from kouprey.exchange.store.intake import Shelf
from kouprey.exchange.wire.terms import links_of, parted, terms_of, text_of
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.safejson import decode


def index(tx: Tx, shelf: Shelf) -> None:
    """Write the terms of everything that changed in a batch; called once, after the batch is saved."""
    entries: list[terms.Entry] = []
    references: list[terms.Reference] = []
    left: dict[int, tuple[int, int]] = {}
    for version in shelf.changed:
        position, held = version.was
        anew = held > 0 and position != version.position and terms.by_position(tx)
        if anew:
            left[version.id] = version.was
        for place, body in enumerate(version.bodies[held:], held):
            value = body.value or {}
            references.extend(_references(body.id, value))
            if not anew:
                entries.append(_entry(tx, version.id, body.id, place, version.position, version.label_set, value))
    terms.delete_terms(tx, list(left.values()))
    terms.insert_terms(tx, entries)
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


def _write_anew(tx: Tx, versions: Sequence[int]) -> None:
    if versions:
        terms.insert_terms(
            tx,
            [
                _entry(tx, version, body, place, position, label_set, decode(raw))
                for version, (position, label_set, bodies) in terms.list_placed(tx, versions).items()
                for place, (body, raw) in enumerate(bodies)
            ],
        )


def _entry(
    tx: Tx, version: int, body: int, place: int, position: int, label_set: int, value: dict[str, Any]
) -> terms.Entry:
    text = text_of(value)
    said = parted(text) if terms.by_position(tx) else terms_of(text)
    return terms.Entry(version, body, place, position, label_set, said)


def _references(body: int, value: dict[str, Any]) -> Iterator[terms.Reference]:
    for target, place, word in dict.fromkeys(links_of(value)):
        yield terms.Reference(target, body, place, word)
