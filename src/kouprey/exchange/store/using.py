"""Versions by the labels they were said under, and by who said them."""

from __future__ import annotations

from collections.abc import Collection

from kouprey.exchange.store.seeing import Eyes
from kouprey.kernel.storage.engine import Reader, any_of
from kouprey.kernel.storage.labels import read_label, visible_join
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import Instant


def list_labels(reader: Reader, eyes: Eyes) -> dict[int, Label]:
    """The labels by their numbers under which something was said that the reader may see."""
    sql = f"SELECT DISTINCT member.label_id FROM label_set_member member {visible_join('member.alone_id')}"
    return {int(row[0]): read_label(reader, int(row[0])) for row in reader.all(sql, eyes.params)}


def list_under(reader: Reader, eyes: Eyes, labels: Collection[int], kind: str) -> list[tuple[str, Instant]]:
    """(id, instant) of versions of a type of which the reader sees an assertion under one of these labels."""
    where, params = any_of(reader, "assertion.label_id", list(labels))
    rows = reader.all(
        "SELECT DISTINCT object.stix_id, version.instant FROM version"
        f" JOIN assertion ON assertion.version_id = version.id {visible_join('assertion.label_set_id')}"
        f" JOIN object ON object.id = version.object_id WHERE version.type = ? AND {where}",
        (*eyes.params, kind, *params),
    )
    return [(str(row[0]), int(row[1])) for row in rows]


def list_said(reader: Reader, eyes: Eyes, parties: Collection[str], kind: str) -> list[tuple[str, Instant]]:
    """(id, instant) of versions of a type of which the reader sees an assertion of one of these parties."""
    where, params = any_of(reader, "source.party", list(parties))
    rows = reader.all(
        "SELECT DISTINCT object.stix_id, version.instant FROM version"
        f" JOIN assertion ON assertion.version_id = version.id {visible_join('assertion.label_set_id')}"
        " JOIN source ON source.id = assertion.source_id"
        f" JOIN object ON object.id = version.object_id WHERE version.type = ? AND {where}",
        (*eyes.params, kind, *params),
    )
    return [(str(row[0]), int(row[1])) for row in rows]
