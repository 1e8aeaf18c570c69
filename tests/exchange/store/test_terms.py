"""The index of terms follows the bodies that readers are given."""

from __future__ import annotations

from hashlib import blake2b
from importlib.resources import files
from typing import Any

import pytest

from kouprey.exchange.store import pages
from kouprey.exchange.store.terms import target_key
from kouprey.kernel.words.tlp import TLP


def names(party: Any, who: Any, text: str = "", **more: Any) -> list[str]:
    return [head.title for head in party.exchange.list_objects(who, text=text, **more).heads]


def test_a_new_version_hides_the_words_of_the_old(ministry: Any, stix: Any) -> None:
    ministry.keep(stix.make("thing", description="before"), tlp=TLP.GREEN)
    ministry.keep(stix.make("thing", minute=5, description="after"), tlp=TLP.RED)
    assert names(ministry, ministry.reader(), "before") == [] and names(ministry, ministry.reader(), "after") == [
        "thing"
    ]
    assert names(ministry, ministry.reader(TLP.GREEN), "before") == ["thing"]
    assert ministry.exchange.facets(ministry.reader(), text="before").total == 0


def test_many_hits_are_walked_to_the_same_page(ministry: Any, stix: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ministry.keep(*(stix.make(f"zebra {n}") for n in range(9)), tlp=TLP.GREEN)
    ministry.keep(stix.make("zebra red"), stix.make("lion"), tlp=TLP.RED)
    ministry.keep(stix.make("zebra open"), tlp=TLP.CLEAR)
    low, high = ministry.reader(TLP.GREEN), ministry.reader()
    walked = names(ministry, low, "zebra", limit=4), names(ministry, high, "zebra", collection="main", limit=4)
    monkeypatch.setattr(pages, "_EXAMINED", 0)
    monkeypatch.setattr(pages, "_WALKED", 0)
    by_hits = names(ministry, low, "zebra", limit=4), names(ministry, high, "zebra", collection="main", limit=4)
    assert by_hits == walked
    assert walked[0] == ["zebra open", "zebra 8", "zebra 7", "zebra 6"]
    assert walked[1] == ["zebra open", "zebra red", "zebra 8", "zebra 7"]
    # Who sees little is not led past everything else, and counts go by the hits.
    assert names(ministry, ministry.reader(TLP.CLEAR), "zebra") == ["zebra open"]
    assert ministry.exchange.facets(ministry.reader(TLP.CLEAR), text="zebra").total == 1


def test_references_held_before_there_were_eras_get_theirs(ministry: Any) -> None:
    sql = (files("kouprey.exchange.migrations") / "0011_reference_eras.sql").read_text()
    # The key of the first was negative.
    targets = ["malware--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", "tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd41"]
    old = {each: int.from_bytes(blake2b(each.encode(), digest_size=8).digest(), signed=True) for each in targets}
    assert min(old.values()) < 0 < max(old.values())
    held = [(each, body) for each in targets for body in (1, (1 << 17) - 1, 1 << 17, 10_000_000)]

    def convert(tx: Any) -> set[tuple[Any, ...]]:
        into = "INSERT INTO reference (target_key, body_id, place, word, target) VALUES (?, ?, 0, 'x', ?)"
        tx.many(into, [(old[target], body, target) for target, body in held])
        tx.script(sql)
        return set(tx.all("SELECT target_key, target, body_id FROM reference"))

    assert ministry.store.write(convert) == {(target_key(*each), *each) for each in held}
