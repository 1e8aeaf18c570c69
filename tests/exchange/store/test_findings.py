"""Findings of bodies: what is saved is loaded again, kinds are kept once, on both engines."""

from __future__ import annotations

from typing import Any

from kouprey.exchange.model import Finding
from kouprey.exchange.store import findings as rows

MISSING = Finding("missing", "name", "must", "It is required.", "STIX 2.1, 4.1")
FOREIGN = Finding("vocabulary", "labels.[0]", "should", "It should be a word.", "STIX 2.1, 10.1")
WORDS = Finding("pattern-syntax", "pattern", "must", "Here “'” \0 and there.", "STIX 2.1, 9")


def bodies(ministry: Any, stix: Any, count: int) -> list[int]:
    ids = [f"x-sound--00000000-0000-4000-8000-{n:012}" for n in range(count)]
    ministry.keep(*(stix.make(each, kind="x-sound", id=each, extensions=EXTENSION) for each in ids))
    with ministry.store.read() as reader:
        return [row[0] for row in reader.all("SELECT id FROM body ORDER BY id")]


EXTENSION = {"extension-definition--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f": {"extension_type": "new-sdo"}}


def test_saved_is_loaded(ministry: Any, stix: Any) -> None:
    one, two, three = bodies(ministry, stix, 3)
    moved = Finding("missing", "other", "must", MISSING.text, MISSING.source)
    reworded = Finding("pattern-syntax", "pattern", "must", "Elsewhere.", WORDS.source)
    found = {one: (MISSING, FOREIGN, WORDS), two: (moved, reworded), three: ()}
    ministry.store.write(lambda tx: rows.save(tx, {one: found[one]}, "pattern-"))
    ministry.store.write(lambda tx: rows.save(tx, {two: found[two], three: ()}, "pattern-"))
    with ministry.store.read() as reader:
        assert rows.load(reader, [one, two, three]) == {one: found[one], two: found[two]}
        assert rows.load(reader, []) == {}
        assert rows.list_invalid(reader, [one, two, three]) == {one, two}
        assert reader.value("SELECT count(*) FROM finding_kind") == 3, "kinds are shared, and own words are no kind"
        assert reader.all("SELECT body_id, musts, shoulds FROM finding ORDER BY body_id") == [(one, 2, 1), (two, 2, 0)]


def test_strict_collections_are_known(ministry: Any) -> None:
    made = ministry.exchange.create_collection("clean", strict=True, by="test")
    ministry.exchange.create_collection("open", by="test")
    with ministry.store.read() as reader:
        assert rows.list_strict(reader) == frozenset((made.id,))
