"""What was given under an agreement, still stands, and was not given to one of its parties."""

from __future__ import annotations

from typing import NamedTuple

from kouprey.exchange.store.seeing import Eyes, Query, only_newest, visible_version
from kouprey.kernel.storage.engine import Reader, any_of
from kouprey.kernel.words.time import Instant

# What we asked the others to take back, to mark otherwise or to ignore stands no longer as it was given.
_STANDS = (
    "publication.agreement = ? AND publication.at >= ? AND NOT EXISTS (SELECT 1 FROM concern WHERE"
    " concern.stix_id = object.stix_id AND concern.author = ? AND concern.agreement = publication.agreement"
    " AND concern.kind IN ('recall', 'retag', 'false-positive') AND concern.at >= publication.at)"
)


class Lacking(NamedTuple):
    """A version that others were given: its object, and the numbers under which it went to them."""

    version: int
    stix_id: str
    type: str
    numbers: tuple[int, ...]
    parties: tuple[str, ...]
    """All to whom it went."""


def list_lacking(
    reader: Reader, eyes: Eyes, agreement: str, party: str, *, home: str, since: Instant, after: int, limit: int
) -> list[Lacking]:
    """The newest visible versions that were given under an agreement and not to `party`, the first held here first.

    `after`: the version a page before this one ended with, 0 for none. A version that a newer one has followed, that
    says of itself that it is revoked, or that we (`home`) have recalled since, is not among them.
    """
    stands = (agreement, since, home)
    query = Query("SELECT DISTINCT publication.version_id, object.stix_id, version.type FROM publication")
    query.add("JOIN version ON version.id = publication.version_id JOIN object ON object.id = version.object_id")
    query.add("JOIN body ON body.id = publication.body_id AND body.revoked = 0")
    query.add(visible_version(reader), *eyes.params)
    query.add(f"WHERE {_STANDS} AND publication.version_id > ?", *stands, after)
    query.add("AND NOT EXISTS (SELECT 1 FROM publication theirs WHERE theirs.version_id = publication.version_id")
    query.add("AND theirs.agreement = publication.agreement")
    query.add("AND replace(' ' || theirs.parties || ' ', ?, '') <> ' ' || theirs.parties || ' ')", f" {party} ")
    only_newest(query, eyes)
    query.add("ORDER BY publication.version_id LIMIT ?", limit)
    found = reader.all(query.sql, query.params)
    where, params = any_of(reader, "publication.version_id", [row[0] for row in found])
    numbers: dict[int, list[int]] = {}
    parties: dict[int, set[str]] = {}
    for version, number, given in reader.all(
        "SELECT publication.version_id, publication.number, publication.parties FROM publication"
        " JOIN version ON version.id = publication.version_id JOIN object ON object.id = version.object_id"
        f" WHERE {_STANDS} AND {where} ORDER BY publication.number",
        (*stands, *params),
    ):
        numbers.setdefault(version, []).append(number)
        parties.setdefault(version, set()).update(given.split())
    return [
        Lacking(version, stix_id, kind, tuple(numbers[version]), tuple(sorted(parties[version])))
        for version, stix_id, kind in found
    ]
