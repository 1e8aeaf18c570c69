"""One object as far as a reader may see it, what is counted, and what happened lately."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from kouprey.exchange.model import (
    AssertionView,
    BodyView,
    Counts,
    Event,
    PublicationView,
    Source,
    SourceKind,
    VersionView,
)
from kouprey.exchange.store import findings
from kouprey.exchange.store.seeing import CHOSEN_BODY, Eyes, Query, visible_version
from kouprey.kernel.storage.engine import Reader, any_of
from kouprey.kernel.storage.labels import get_labels, visible_join
from kouprey.kernel.words.decision import NOT_SHOWN
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP


class SeenVersion(NamedTuple):
    """A visible version: its row, and the body this reader is given."""

    id: int
    type: str
    instant: Instant
    version_text: str
    position: Instant
    received_at: Instant
    chosen: int


def list_versions(reader: Reader, eyes: Eyes, stix_id: str) -> list[SeenVersion]:
    """The visible versions of an object, newest first."""
    query = Query("SELECT version.id, version.type, version.instant, version.version_text, version.position,")
    query.add(f"version.received_at, {CHOSEN_BODY}", *eyes.params)
    query.add("FROM object JOIN version ON version.object_id = object.id")
    query.add(visible_version(reader), *eyes.params)
    query.add("WHERE object.stix_id = ? ORDER BY version.instant DESC", stix_id)
    return [SeenVersion(*row) for row in reader.all(query.sql, query.params)]


def show_versions(reader: Reader, eyes: Eyes, versions: Collection[SeenVersion]) -> tuple[VersionView, ...]:
    """Versions with their visible bodies and assertions."""
    where, params = any_of(reader, "assertion.version_id", [version.id for version in versions])
    labels: dict[int, Label] = {}
    said: dict[int, list[AssertionView]] = {}
    bodies: dict[int, list[int]] = {}
    for row in reader.all(
        "SELECT assertion.version_id, assertion.body_id, assertion.label_id, assertion.label_set_id,"
        " assertion.received_at, assertion.origin, assertion.entry_index, source.kind, source.party,"
        f" {eyes.source_name} FROM assertion {visible_join('assertion.label_set_id')}"
        " JOIN source ON source.id = assertion.source_id"
        f" WHERE {where} ORDER BY assertion.id",
        (*eyes.params, *params),
    ):
        version, body, label, alone = row[:4]
        if label not in labels:
            labels.update(get_labels(reader, alone))
        source = Source(kind=SourceKind(row[7]), party=row[8], name=row[9])
        view = AssertionView(source=source, label=labels[label], received_at=row[4], origin=row[5], entry_index=row[6])
        if body not in said:
            bodies.setdefault(version, []).append(body)
        said.setdefault(body, []).append(view)
    raws, found = _bodies(reader, said), findings.load(reader, said)
    return tuple(
        VersionView(
            instant=version.instant,
            version_text=version.version_text,
            position=version.position,
            received_at=version.received_at,
            bodies=tuple(
                BodyView(
                    raw=raws[body][0],
                    sha256=raws[body][1],
                    title=raws[body][2],
                    revoked=bool(raws[body][3]),
                    created_by=raws[body][4],
                    served=body == version.chosen,
                    assertions=tuple(said[body]),
                    findings=found.get(body, ()),
                )
                for body in sorted(bodies.get(version.id, ()))
            ),
        )
        for version in versions
    )


def _bodies(reader: Reader, ids: Collection[int]) -> dict[int, tuple[bytes, bytes, str, int, str]]:
    where, params = any_of(reader, "id", ids)
    rows = reader.all(f"SELECT id, bytes, sha256, title, revoked, created_by FROM body WHERE {where}", params)
    return {row[0]: (row[1], row[2], row[3], row[4], row[5]) for row in rows}


def source_names(reader: Reader, eyes: Eyes, versions: Collection[int]) -> dict[int, set[str]]:
    """Who says each of these versions, as far as the reader sees."""
    where, params = any_of(reader, "assertion.version_id", versions)
    names: dict[int, set[str]] = {version: set() for version in versions}
    for version, name in reader.all(
        f"SELECT assertion.version_id, {eyes.source_name} FROM assertion {visible_join('assertion.label_set_id')}"
        f" JOIN source ON source.id = assertion.source_id WHERE {where}",
        (*eyes.params, *params),
    ):
        names[version].add(name)
    return names


def list_publications(reader: Reader, eyes: Eyes, stix_id: str = "", limit: int = 200) -> tuple[PublicationView, ...]:
    """What was given of visible versions, of one object or of all, newest first.

    Where it was given under a higher marking than any the reader sees of it, an assertion he may not see decided that:
    neither the marking nor the ground is told.
    """
    level = (
        f"(SELECT max(label.tlp) FROM assertion {visible_join('assertion.label_set_id')}"
        " JOIN label_set_member ON label_set_member.label_set_id = assertion.label_set_id"
        " JOIN label ON label.id = label_set_member.label_id WHERE assertion.version_id = version.id)"
    )
    query = Query("SELECT publication.number, object.stix_id, version.version_text, publication.agreement,")
    query.add("publication.parties, publication.tlp, publication.pruned, publication.published_by, publication.at,")
    query.add(f"publication.because, {level} AS level", *eyes.params)
    query.add("FROM publication JOIN version ON version.id = publication.version_id")
    query.add("JOIN object ON object.id = version.object_id")
    query.add(visible_version(reader), *eyes.params)
    if stix_id:
        query.add("WHERE object.stix_id = ?", stix_id)
    query.add("ORDER BY publication.number DESC LIMIT ?", limit)
    return tuple(
        PublicationView(
            number=row[0],
            stix_id=row[1],
            version_text=row[2],
            agreement=row[3],
            parties=tuple(row[4].split()),
            tlp=TLP(row[5] if row[10] is None else min(row[5], row[10])),
            pruned=bool(row[6]),
            by=row[7],
            at=row[8],
            because=row[9] if row[10] is None or row[5] <= row[10] else NOT_SHOWN.text,
        )
        for row in reader.all(query.sql, query.params)
    )


def count_visible(reader: Reader, eyes: Eyes) -> Counts:
    """From the tally: nothing is counted one by one."""
    # The level of a set is the strictest among its members that the reader may see.
    members = (
        "SELECT label_set_member.label_set_id, max(label.tlp) AS tlp FROM label_set_member"
        f" {visible_join('label_set_member.alone_id')} JOIN label ON label.id = label_set_member.label_id"
        " GROUP BY label_set_member.label_set_id"
    )
    rows = reader.all(
        f"SELECT tally.type, seen.tlp, sum(tally.n) FROM tally {visible_join('tally.label_set_id')}"
        f" JOIN ({members}) AS seen ON seen.label_set_id = tally.label_set_id GROUP BY tally.type, seen.tlp",
        (*eyes.params, *eyes.params),
    )
    by_type: dict[str, int] = {}
    by_tlp: dict[TLP, int] = {}
    for kind, tlp, n in rows:
        if n:
            by_type[kind] = by_type.get(kind, 0) + int(n)
            by_tlp[TLP(tlp)] = by_tlp.get(TLP(tlp), 0) + int(n)
    return Counts(
        total=sum(by_type.values()), by_type=dict(sorted(by_type.items())), by_tlp=dict(sorted(by_tlp.items()))
    )


def list_events(reader: Reader, eyes: Eyes, limit: int) -> list[Event]:
    """The last things said that the reader may see, newest first."""
    seen = visible_join("assertion.label_set_id")
    rows = reader.all(
        "SELECT page.received_at, page.stix_id, page.type, body.title, source.kind, source.party,"
        f" {eyes.source_name}, page.tlp FROM (SELECT assertion.id, assertion.received_at, object.stix_id, object.type,"
        " assertion.body_id, assertion.source_id, label.tlp FROM assertion"
        " JOIN version ON version.id = assertion.version_id"
        f" JOIN object ON object.id = version.object_id JOIN label ON label.id = assertion.label_id {seen}"
        f" WHERE EXISTS (SELECT 1 FROM label_set_member {visible_join('label_set_member.label_set_id')}"
        " WHERE label_set_member.label_set_id = version.label_set_id)"
        " ORDER BY assertion.id DESC LIMIT ?) AS page JOIN body ON body.id = page.body_id"
        " JOIN source ON source.id = page.source_id ORDER BY page.id DESC",
        (*eyes.params, *eyes.params, limit),
    )
    return [
        Event(
            at=row[0],
            stix_id=row[1],
            type=row[2],
            title=row[3],
            source=Source(kind=SourceKind(row[4]), party=row[5], name=row[6]),
            tlp=TLP(row[7]),
        )
        for row in rows
    ]
