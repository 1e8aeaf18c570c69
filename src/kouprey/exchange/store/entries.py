"""What the entries of lanes brought or gave, as far as a reader may see it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import groupby
from typing import NamedTuple

from kouprey.exchange.store.seeing import Eyes, visible_version
from kouprey.kernel.storage.engine import Reader, Row, any_of
from kouprey.kernel.storage.labels import visible_join

Key = int | tuple[str, int]
"""A publication's number, or origin and index of an entry that came."""

# The title of some types is made of ids or codes: people know them by what they refer to, so their bodies come along.
_COLUMNS = (
    "object.stix_id, object.type, body.title, "
    "CASE WHEN object.type IN ('relationship', 'sighting', 'opinion') THEN body.bytes END"
)


class EntryObject(NamedTuple):
    """The object of an entry; `raw` is None for types that have a title, `by` is "" for what was received."""

    stix_id: str
    type: str
    title: str
    raw: bytes | None
    by: str


def list_given_objects(reader: Reader, eyes: Eyes, publications: Collection[int]) -> dict[Key, EntryObject]:
    """Publication number -> what was given, where the reader may see that version and that body of it."""
    where, params = any_of(reader, "publication.number", publications)
    rows = reader.all(
        f"SELECT publication.number, {_COLUMNS}, publication.published_by FROM publication"
        " JOIN body ON body.id = publication.body_id JOIN version ON version.id = publication.version_id"
        f" JOIN object ON object.id = version.object_id {visible_version(reader)} WHERE {where}"
        f" AND EXISTS (SELECT 1 FROM assertion {visible_join('assertion.label_set_id')}"
        " WHERE assertion.version_id = publication.version_id AND assertion.body_id = publication.body_id)",
        (*eyes.params, *params, *eyes.params),
    )
    return {int(row[0]): _object(row[1:]) for row in rows}


def list_received_objects(reader: Reader, eyes: Eyes, entries: Iterable[tuple[str, int]]) -> dict[Key, EntryObject]:
    """(origin, index) -> what an entry brought, where the reader may see its assertion and that version."""
    found: dict[Key, EntryObject] = {}
    for origin, group in groupby(sorted(entries), key=lambda entry: entry[0]):
        where, params = any_of(reader, "assertion.entry_index", [index for _, index in group])
        # Repeating that an origin is not empty lets the index be used, which holds no others.
        rows = reader.all(
            f"SELECT assertion.entry_index, {_COLUMNS}, '' FROM assertion"
            f" {visible_join('assertion.label_set_id')} JOIN body ON body.id = assertion.body_id"
            " JOIN version ON version.id = assertion.version_id JOIN object ON object.id = version.object_id"
            f" WHERE assertion.origin <> '' AND assertion.origin = ? AND {where}"
            f" AND EXISTS (SELECT 1 FROM label_set_member {visible_join('label_set_member.label_set_id')}"
            " WHERE label_set_member.label_set_id = version.label_set_id)",
            (*eyes.params, origin, *params, *eyes.params),
        )
        found.update({(origin, int(row[0])): _object(row[1:]) for row in rows})
    return found


def _object(row: Row) -> EntryObject:
    return EntryObject(*row)
