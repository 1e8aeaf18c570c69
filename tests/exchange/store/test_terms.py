"""The index of terms follows the bodies that readers are given."""

from __future__ import annotations

from hashlib import blake2b
from importlib.resources import files
from typing import Any

import pytest

from kouprey.exchange.model import Filters
from kouprey.exchange.rules import EDITIONS
from kouprey.exchange.store import pages, terms
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
        # As it was then.
        tx.script("CREATE INDEX reference_by_target ON reference (target_key, body_id)")
        tx.script(sql)
        return set(tx.all("SELECT target_key, target, body_id FROM reference"))

    assert ministry.store.write(convert) == {(target_key(*each), *each) for each in held}


def test_references_held_before_labels_stood_beside_them_get_theirs(ministry: Any, stix: Any) -> None:
    sql = (files("kouprey.exchange.migrations") / "0020_reference_seen.sql").read_text()
    hub = stix.id("tool", "hub")
    ministry.keep(stix.make("a", "report", object_refs=[hub]), tlp=TLP.GREEN)
    ministry.keep(stix.make("b", "report", object_refs=[hub]), tlp=TLP.RED)

    def convert(tx: Any) -> tuple[list[Any], list[Any]]:
        wanted = tx.all("SELECT id, label_set_id FROM version ORDER BY id")
        tx.script("DROP INDEX reference_named")
        tx.script("DROP INDEX reference_said")
        tx.script("DROP INDEX reference_related")
        tx.script("ALTER TABLE reference DROP COLUMN label_set_id")
        tx.script("CREATE INDEX reference_by_target ON reference (target_key, body_id)")
        tx.script("CREATE INDEX reference_said ON reference (target_key, body_id) WHERE place = 0")
        tx.script("CREATE INDEX reference_related ON reference (target_key, body_id) WHERE place > 0")
        # What outlived its body.
        tx.execute("INSERT INTO reference (target_key, body_id, place, word, target) VALUES (1, 999, 0, 'x', 'y')")
        tx.script(sql)
        return wanted, tx.all("SELECT body_id, label_set_id FROM reference ORDER BY body_id")

    wanted, found = ministry.store.write(convert)
    assert len({label_set for _, label_set in wanted}) == 2
    assert found == [*wanted, (999, 0)]


@pytest.fixture(params=["sets", "levels", "levels that hold much more"])
def beside(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each of the things by which hits are passed over that a reader does not see."""
    if request.param != "sets":
        monkeypatch.setattr(terms, "_FEW_SETS", 0)
        monkeypatch.setattr(terms, "_MUCH_MORE", 0 if request.param == "levels" else 1 << 40)
    return str(request.param)


@pytest.fixture
def by_terms(monkeypatch: pytest.MonkeyPatch) -> None:
    """No window is walked before the index is asked."""
    for name in ("_EXAMINED", "_WALKED", "_REVOKED"):
        monkeypatch.setattr(pages, name, 0)


@pytest.mark.usefixtures("beside", "by_terms")
def test_a_version_is_found_under_each_label_it_gets(ministry: Any, operator: Any, stix: Any) -> None:
    raw = stix.make("thing", description="zebra")
    others = [stix.make(f"other {n}", description="zebra") for n in range(4)]
    ministry.keep(*others, tlp=TLP.GREEN)
    ministry.keep(raw, tlp=TLP.RED)
    low, high = ministry.reader(TLP.GREEN), ministry.reader()
    assert "thing" not in names(ministry, low, "zebra") and "thing" in names(ministry, high, "zebra")
    # The same said openly by another source, and once more by a partner: the set of labels grows.
    for tlp, source in ((TLP.CLEAR, "second.json"), (TLP.AMBER, "third.json")):
        ministry.keep(raw, tlp=tlp, source=source)
        for who in (ministry.reader(TLP.CLEAR), low, high):
            assert "thing" in names(ministry, who, "zebra")
            assert ministry.exchange.facets(who, text="zebra").total == len(names(ministry, who, "zebra"))
    assert names(ministry, ministry.reader(TLP.CLEAR), "zebra") == ["thing"]


@pytest.mark.usefixtures("beside", "by_terms")
def test_revoked_and_conflicting_ones_are_found_by_words(ministry: Any, stix: Any) -> None:
    gone = [stix.make(f"gone {n}", description="zebra", revoked=True) for n in range(3)]
    ministry.keep(*gone, *(stix.make(f"there {n}", description="zebra") for n in range(3)), tlp=TLP.GREEN)
    ministry.keep(stix.make("there 1", description="zebra too"), tlp=TLP.GREEN, source="second.json")
    ministry.keep(stix.make("gone hidden", description="zebra", revoked=True), tlp=TLP.RED)
    who = ministry.reader(TLP.GREEN)
    assert names(ministry, who, "zebra", filters=Filters(revoked=True)) == ["gone 2", "gone 1", "gone 0"]
    assert names(ministry, who, "zebra", filters=Filters(conflict=True)) == ["there 1"]
    assert names(ministry, ministry.reader(), "zebra", filters=Filters(revoked=True))[0] == "gone hidden"


@pytest.mark.parametrize("most", [600, 1])
@pytest.mark.usefixtures("beside", "by_terms")
def test_the_beginning_of_a_word_is_every_word_that_begins_so(
    ministry: Any, stix: Any, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(terms, "_MOST_WORDS", most)
    said = ["flu", "fluent", "flux zebra", "influx", "fluent zebra", "fl", "flv"]
    ministry.keep(*(stix.make(text, description="") for text in said), tlp=TLP.GREEN)
    ministry.keep(stix.make("flux hidden"), tlp=TLP.RED)
    who = ministry.reader(TLP.GREEN)
    assert names(ministry, who, "flu*") == ["fluent zebra", "flux zebra", "fluent", "flu"]
    assert names(ministry, who, "zebra flu*") == ["fluent zebra", "flux zebra"]
    assert names(ministry, who, "flum*") == []
    assert ministry.exchange.facets(who, text="flu*").total == 4


@pytest.mark.usefixtures("by_terms")
def test_levels_are_used_when_every_text_has_its_own(ministry: Any, stix: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terms, "_FEW_SETS", 0)
    monkeypatch.setattr(terms, "_MUCH_MORE", 0)
    ministry.keep(stix.make("old", description="zebra"), tlp=TLP.GREEN)
    if ministry.store.dialect == "sqlite":
        # As it was written before there were levels.
        def unlevel(tx: Any) -> None:
            tx.execute("UPDATE edition SET edition = 1 WHERE kind = 'search'")
            rowid, label_set = tx.all("SELECT position * 128, label_set_id FROM version")[0]
            tx.execute("DELETE FROM term WHERE rowid = ?", (rowid,))
            tx.execute("INSERT INTO term (rowid, words, seen) VALUES (?, 'old zebra', ?)", (rowid, str(label_set)))

        ministry.store.write(unlevel)
    ministry.keep(stix.make("new", description="zebra"), tlp=TLP.GREEN)
    who = ministry.reader(TLP.GREEN)
    assert names(ministry, who, "zebra") == ["new", "old"]
    while ministry.exchange.renew():
        pass
    with ministry.store.read() as reader:
        assert terms.levels_are_beside(reader)
    assert EDITIONS["search"] == 2 and names(ministry, who, "zebra") == ["new", "old"]


def test_terms_held_before_there_were_levels_get_theirs(ministry: Any, stix: Any) -> None:
    if ministry.store.dialect != "postgres":
        pytest.skip("SQLite gets them with the second edition")
    ministry.keep(stix.make("one", description="zebra"), tlp=TLP.GREEN)
    ministry.keep(stix.make("two", description="zebra"), tlp=TLP.AMBER)
    ministry.keep(stix.make("one", description="zebra"), tlp=TLP.RED, source="second.json")
    sql = (files("kouprey.exchange.migrations") / "0014_term_seen.postgres.sql").read_text()
    select = "SELECT body_id, version_id, CAST(words AS TEXT) FROM term ORDER BY body_id"
    with ministry.store.read() as reader:
        wanted = reader.all(select)

    def convert(tx: Any) -> Any:
        tx.execute(
            "UPDATE term SET words = ts_delete(words, ARRAY(SELECT lexeme FROM unnest(words)"
            " WHERE lexeme LIKE '~%' OR lexeme LIKE '+%'))"
        )
        assert tx.all(select) != wanted
        tx.script(sql)
        return tx.all(select)

    assert ministry.store.write(convert) == wanted
