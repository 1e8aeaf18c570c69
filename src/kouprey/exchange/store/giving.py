"""What publishing needs to know of objects, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from kouprey.exchange.store.seeing import Eyes, Query, only_newest, visible_version
from kouprey.kernel.storage.engine import Reader, Tx, any_of
from kouprey.kernel.storage.labels import get_labels, visible_join
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import Instant


@dataclass(slots=True)
class Candidate:
    """The newest version of an object: its bodies, the served one first, each with the labels of its assertions."""

    version: int
    stix_id: str
    creators: tuple[str, ...]
    raws: dict[int, bytes] = field(default_factory=dict)
    labels: dict[int, list[Label]] = field(default_factory=dict)
    said: dict[int, list[tuple[Label, int]]] = field(default_factory=dict)
    """Body -> the same labels, each with the number of the source that said it."""
    shown: set[Label] = field(default_factory=set)
    """Those of them that the reader may see: grounds that rest on others are not told."""

    @property
    def all_labels(self) -> tuple[Label, ...]:
        return tuple(label for of_body in self.labels.values() for label in of_body)


class LabelBook:
    """Labels by the set that holds each alone, read once."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: dict[int, Label] = {}

    def get(self, alone: int) -> Label:
        if alone not in self._known:
            (self._known[alone],) = get_labels(self._reader, alone).values()
        return self._known[alone]


def list_candidates(
    reader: Reader, eyes: Eyes, stix_ids: Collection[str], book: LabelBook, *, bodies: bool
) -> dict[str, Candidate]:
    """The newest version of each of these objects that the reader may see, with all labels of all its assertions."""
    where, params = any_of(reader, "object.stix_id", stix_ids)
    query = Query("SELECT version.id, object.stix_id, object.creators, version.body_id FROM object")
    query.add("JOIN version ON version.object_id = object.id").add(visible_version(reader), *eyes.params)
    query.add(f"WHERE {where}", *params)
    only_newest(query, eyes)
    found: dict[int, Candidate] = {}
    for version, stix_id, creators, served in reader.all(query.sql, query.params):
        found[version] = Candidate(version, stix_id, tuple(creators.split()), labels={served: []})
    where, params = any_of(reader, "version_id", found.keys())
    for version, body, alone, source, shown in reader.all(
        "SELECT assertion.version_id, assertion.body_id, assertion.label_set_id, assertion.source_id,"
        " CASE WHEN visible.label_set_id IS NULL THEN 0 ELSE 1 END FROM assertion"
        f" LEFT {visible_join('assertion.label_set_id')} WHERE {where} ORDER BY assertion.body_id",
        (*eyes.params, *params),
    ):
        label = book.get(alone)
        found[version].labels.setdefault(body, []).append(label)
        found[version].said.setdefault(body, []).append((label, source))
        if shown:
            found[version].shown.add(label)
    if bodies:
        for version, body, raw in reader.all(f"SELECT version_id, id, bytes FROM body WHERE {where}", params):
            found[version].raws[body] = raw
    return {candidate.stix_id: candidate for candidate in found.values()}


def list_published(reader: Reader, agreement: str, versions: Collection[int]) -> dict[tuple[int, int], set[str]]:
    """(version, body) -> the parties of an agreement that have been given it."""
    where, params = any_of(reader, "version_id", versions)
    rows = reader.all(
        f"SELECT version_id, body_id, parties FROM publication WHERE {where} AND agreement = ?", (*params, agreement)
    )
    found: dict[tuple[int, int], set[str]] = {}
    for version, body, parties in rows:
        found.setdefault((version, body), set()).update(parties.split())
    return found


@dataclass(frozen=True, slots=True)
class Publication:
    """A line of what was given."""

    number: int
    version: int
    body: int
    agreement: str
    parties: tuple[str, ...]
    tlp: int
    pruned: bool
    by: str
    at: Instant
    because: str


def insert_publications(tx: Tx, publications: Iterable[Publication]) -> None:
    tx.many(
        "INSERT INTO publication (number, version_id, body_id, agreement, parties, tlp, pruned, published_by, at,"
        " because) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (p.number, p.version, p.body, p.agreement, " ".join(p.parties), p.tlp, int(p.pruned), p.by, p.at, p.because)
            for p in publications
        ],
    )


def list_published_ids(reader: Reader, agreement: str, stix_ids: Collection[str]) -> dict[str, set[str]]:
    """Object -> the parties of an agreement that were given any version of it."""
    where, params = any_of(reader, "object.stix_id", stix_ids)
    found: dict[str, set[str]] = {}
    for stix_id, parties in reader.all(
        "SELECT DISTINCT object.stix_id, publication.parties FROM object"
        " JOIN version ON version.object_id = object.id"
        " JOIN publication ON publication.version_id = version.id AND publication.agreement = ?"
        f" WHERE {where}",
        (agreement, *params),
    ):
        found.setdefault(stix_id, set()).update(parties.split())
    return found


def object_exists(reader: Reader, stix_id: str) -> bool:
    """True when any version is held, whoever may see it."""
    return reader.value("SELECT id FROM object WHERE stix_id = ?", (stix_id,)) is not None


def list_held_labels(reader: Reader, stix_ids: Collection[str], book: LabelBook) -> dict[str, tuple[Label, ...]]:
    """For each of these objects that is held: all labels of its newest version, whoever may see it."""
    where, params = any_of(reader, "object.stix_id", stix_ids)
    rows = reader.all(
        "SELECT object.stix_id, assertion.label_set_id FROM object JOIN version ON version.object_id = object.id"
        f" JOIN assertion ON assertion.version_id = version.id WHERE {where}"
        " AND NOT EXISTS (SELECT 1 FROM version other WHERE other.object_id = object.id"
        " AND other.instant > version.instant)",
        params,
    )
    found: dict[str, tuple[Label, ...]] = {}
    for stix_id, alone in rows:
        found[stix_id] = (*found.get(stix_id, ()), book.get(alone))
    return found
