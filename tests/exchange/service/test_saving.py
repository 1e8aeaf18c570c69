"""Saved searches: one's own and shared ones, what is new in them for each reader, and the way back from a deletion."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.exchange.model import Filters
from kouprey.exchange.model.searching import News, Search
from kouprey.exchange.service import saving
from kouprey.kernel.storage import audit
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.tlp import TLP

EVERYTHING = Search(
    text='wick "a b" <b>*',
    types=("malware", "tool"),
    filters=Filters(sources=("feed.json",), levels=(TLP.AMBER_STRICT,), since=1, until=2, conflict=True, revoked=False),
)


def news(party: Any, who: Any, by: str, name: str) -> int:
    saved = party.exchange.get_saved(who, name, by=by)
    return int(party.exchange.count_news(who, [saved], by=by)[saved.id].count)


def test_a_search_is_kept_as_it_was_and_belongs_to_a_person(ministry: Any) -> None:
    exchange, who = ministry.exchange, ministry.reader()
    made = exchange.save_search(who, "  Wick \n watch ", EVERYTHING, by="sok")
    assert made.name == "Wick watch" and exchange.get_saved(who, "Wick watch", by="sok") == made
    assert exchange.list_saved(who, by="dara") == []
    with pytest.raises(Unknown):
        exchange.get_saved(who, made.id, by="dara")
    with pytest.raises(Refused):
        exchange.save_search(who, "Wick watch", Search(), by="sok")
    exchange.save_search(who, "Wick watch", Search(), by="dara")
    for name in ("", " \n ", "x" * 81):
        with pytest.raises(Damaged):
            exchange.save_search(who, name, Search(), by="sok")
    with pytest.raises(Unknown):
        exchange.save_search(who, "Nowhere", Search(collection="nowhere"), by="sok")
    shared = exchange.change_search(who, made.id, name="Wick", shared=True, by="sok")
    assert [each.name for each in exchange.list_saved(who, by="dara")] == ["Wick watch", "Wick"]
    assert exchange.get_saved(who, "Wick", by="dara") == shared
    for forbidden in (exchange.delete_search, lambda *a, by: exchange.change_search(*a, name="x", shared=False, by=by)):
        with pytest.raises(Forbidden):
            forbidden(who, made.id, by="dara")


def test_a_deletion_can_be_undone_unless_the_name_was_given_anew(ministry: Any, monkeypatch: Any) -> None:
    exchange, who = ministry.exchange, ministry.reader()
    made = exchange.save_search(who, "Wick", EVERYTHING, by="sok", shared=True)
    exchange.delete_search(who, made.id, by="sok")
    assert exchange.list_saved(who, by="sok") == exchange.list_saved(who, by="dara") == []
    with pytest.raises(Unknown):
        exchange.restore_search(who, made.id, by="dara")
    other = exchange.save_search(who, "Wick", Search(), by="sok")
    with pytest.raises(Refused):
        exchange.restore_search(who, made.id, by="sok")
    exchange.delete_search(who, other.id, by="sok")
    assert exchange.restore_search(who, made.id, by="sok") == made == exchange.list_saved(who, by="dara")[0]
    monkeypatch.setattr(saving, "_KEPT", -1)
    exchange.delete_search(who, exchange.save_search(who, "Short", Search(), by="sok").id, by="sok")
    with pytest.raises(Unknown):
        exchange.restore_search(who, other.id, by="sok")
    with ministry.store.read() as reader:
        actions = [each.action for each in audit.list_audit(reader) if each.action.startswith("search.")]
    assert " ".join(each.removeprefix("search.") for each in reversed(actions)) == (
        "save delete save delete restore save delete"
    )


def test_there_is_an_end_to_what_one_person_keeps(ministry: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(saving, "MOST_SAVED", 1)
    ministry.exchange.save_search(ministry.reader(), "One", Search(), by="sok")
    with pytest.raises(Refused):
        ministry.exchange.save_search(ministry.reader(), "Two", Search(), by="sok")
    ministry.exchange.save_search(ministry.reader(), "Two", Search(), by="dara")


def test_nothing_is_missed_between_two_looks(ministry: Any, stix: Any, monkeypatch: Any) -> None:
    exchange, who = ministry.exchange, ministry.reader()
    ministry.keep(stix.make("wick old"), tlp=TLP.GREEN)
    first = exchange.list_objects(who, text="wick").heads[0].position
    ministry.keep(stix.make("wick between"), tlp=TLP.GREEN)
    # What came between the page and the saving was not seen.
    exchange.save_search(who, "Wick", Search(text="wick"), by="sok", shared=True, looked=first)
    assert news(ministry, who, "sok", "Wick") == 1
    ministry.keep(stix.make("wick new"), stix.make("other"), stix.make("wick old", minute=1), tlp=TLP.GREEN)
    assert news(ministry, who, "sok", "Wick") == 3
    newest = exchange.list_objects(who, text="wick").heads[0].position
    exchange.mark_looked(who, "Wick", newest, by="sok")
    exchange.mark_looked(who, "Wick", first, by="sok")
    assert news(ministry, who, "sok", "Wick") == 0
    # Nobody can look at what has not come yet, so nothing is lost by a position that is too high.
    exchange.mark_looked(who, "Wick", 2**62, by="sok")
    ministry.keep(stix.make("wick last"), tlp=TLP.GREEN)
    assert news(ministry, who, "sok", "Wick") == 1
    assert news(ministry, who, "dara", "Wick") == 4, "each person looks alone"
    monkeypatch.setattr(saving, "MOST_NEWS", 2)
    saved = exchange.get_saved(who, "Wick", by="dara")
    assert exchange.count_news(who, [saved], by="dara") == {saved.id: News(count=2, more=True)}


def test_joining_a_collection_is_news_in_it(ministry: Any, stix: Any) -> None:
    exchange, who = ministry.exchange, ministry.reader()
    exchange.create_collection("feed", by="test")
    ministry.keep(stix.make("wick"), tlp=TLP.GREEN)
    ministry.keep(stix.make("newer"), tlp=TLP.GREEN)
    for name, text in (("words", "wick"), ("all", "")):
        position = exchange.list_objects(who).heads[0].position
        exchange.save_search(who, name, Search(text=text, collection="feed"), by="sok", looked=position)
        assert news(ministry, who, "sok", name) == 0
    # The very same body again, only for another collection: no version moves.
    ministry.keep(stix.make("wick"), tlp=TLP.GREEN, into=["feed"])
    assert news(ministry, who, "sok", "words") == 1 and news(ministry, who, "sok", "all") == 1


def test_a_shared_search_shows_each_reader_only_his_own(web: Any, stix: Any) -> None:
    exchange, high, low = web.exchange, web.reader(), web.reader(TLP.GREEN)
    canary = Search(text="canary")
    exchange.save_search(high, "Canary", canary, by="sok", shared=True)
    assert (
        news(web, high, "sok", "Canary")
        > news(web, low, "dara", "Canary")
        == len(exchange.list_objects(low, text="canary").heads)
    )
    exchange.save_search(high, "Tools", Search(types=("tool",)), by="sok", shared=True)
    assert (news(web, high, "sok", "Tools"), news(web, low, "dara", "Tools")) == (2, 1)
    exchange.save_search(high, "Of", Search(filters=Filters(sources=("canary.json",))), by="sok", shared=True)
    assert (news(web, high, "sok", "Of"), news(web, low, "dara", "Of")) == (3, 0)
    web.keep(stix.make("new canary", "tool"), tlp=TLP.RED, source="canary.json")
    assert news(web, low, "dara", "Tools") == 1
    stranger = web.foreign("stranger.example")
    for verb in (
        lambda: exchange.list_saved(stranger, by="sok"),
        lambda: exchange.get_saved(stranger, "Canary", by="sok"),
        lambda: exchange.count_news(stranger, [], by="sok"),
        lambda: exchange.save_search(stranger, "Mine", canary, by="sok"),
        lambda: exchange.mark_looked(stranger, "Canary", 1, by="sok"),
    ):
        with pytest.raises(Forbidden):
            verb()
