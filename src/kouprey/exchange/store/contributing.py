"""SQL for what programs give and take out: conflicts as far as they may know, and memberships that end."""

from __future__ import annotations

from collections.abc import Collection

from kouprey.exchange.store.seeing import Eyes, Query, visible_version
from kouprey.kernel.storage.engine import Reader, Tx, any_of
from kouprey.kernel.storage.labels import visible_join
from kouprey.kernel.words.time import Instant


def list_seen_conflicts(reader: Reader, eyes: Eyes, versions: Collection[int]) -> set[int]:
    """Those of some versions of which this reader sees more than one body."""
    where, params = any_of(reader, "assertion.version_id", versions)
    rows = reader.all(
        f"SELECT assertion.version_id FROM assertion {visible_join('assertion.label_set_id')} WHERE {where}"
        " GROUP BY assertion.version_id HAVING count(DISTINCT assertion.body_id) > 1",
        (*eyes.params, *params),
    )
    return {int(row[0]) for row in rows}


def end_memberships(tx: Tx, eyes: Eyes, collection: str, stix_id: str, instants: Collection[Instant]) -> int:
    """Take versions of an object that this reader sees out of a collection (by id); how many were in it."""
    query = Query("SELECT version.id FROM object JOIN version ON version.object_id = object.id")
    query.add(visible_version(tx), *eyes.params)
    where, params = any_of(tx, "version.instant", instants)
    query.add(f"WHERE object.stix_id = ? AND {where}", stix_id, *params)
    seen = [int(row[0]) for row in tx.all(query.sql, query.params)]
    where, params = any_of(tx, "version_id", seen)
    return tx.execute(f"DELETE FROM membership WHERE collection_id = ? AND {where}", (collection, *params))
