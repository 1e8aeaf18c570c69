"""Reading through TAXII over an exchange that changes between two looks."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection as Several
from typing import Any, cast

import pytest

from kouprey.exchange.model import Collection, Page, PageRow
from kouprey.exchange.service import Exchange
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Unknown
from kouprey.taxii.model import Match, Query
from kouprey.taxii.service.reading import Reading

ONE = "malware--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
WHO = Reader(party="cert.example")
FEEDS = [Collection(id=f"{digit}1a7b528-80eb-42ed-a74d-c6fbd5a26116", name=f"feed-{digit}", title="") for digit in "31"]


class Rows:
    """An exchange of numbered versions of one object; `later` is added after the first look."""

    def __init__(self, count: int, later: int = 0) -> None:
        self.count = count
        self.later = later
        self.looks = 0

    def list_collections(self, who: Reader) -> list[Collection]:
        return FEEDS

    def get_collection(self, name: str, who: Reader) -> Collection:
        found = [feed for feed in FEEDS if name in (feed.id, feed.name)]
        if not found:
            raise Unknown(f"No collection {name!r}.")
        return found[0]

    def page(
        self,
        who: Reader,
        collection: str,
        *,
        after_position: int = 0,
        limit: int = 1000,
        ids: Several[str] = (),
        types: Several[str] = (),
        versions: str | Several[int] = "last",
        bodies: bool = True,
    ) -> Page:
        numbers = range(1, self.count + 1)
        self.looks += 1
        if self.looks == 1:
            self.count += self.later
        chosen = {"all": numbers, "last": numbers[-1:], "first": numbers[:1]}[str(versions)]
        rows = [
            PageRow(stix_id=ONE, instant=number, version_text=str(number), position=number, raw=b"{}")
            for number in chosen
            if number > after_position and (not ids or ONE in ids)
        ]
        return Page(rows=tuple(rows[:limit]), more=len(rows) > limit)


def view_of(rows: Rows, page_max: int = 10) -> Reading:
    return Reading(cast(Exchange, rows), lambda data: hmac.new(b"k", data, hashlib.sha256).digest(), page_max)


def ask(**more: Any) -> Query:
    return Query(match=Match(versions=more.pop("versions", ())), **more)


def test_collections_are_in_order_and_within_the_scope() -> None:
    taxii = view_of(Rows(1))
    assert [one.name for one in taxii.list_collections(WHO, "")] == ["feed-1", "feed-3"]
    assert [one.name for one in taxii.list_collections(WHO, "feed-3")] == ["feed-3"]
    assert taxii.get_collection("feed-3", WHO, FEEDS[0].id) == FEEDS[0]
    for name, scope in (("feed-1", "feed-3"), ("nothing", ""), ("\0", ""), ("x" * 500, "")):
        with pytest.raises(Unknown) as caught:
            taxii.get_collection(name, WHO, scope)
        assert caught.value.code == "unknown-collection"


def test_words_and_instants_can_be_mixed() -> None:
    view = view_of(Rows(5)).read(WHO, FEEDS[0], ask(versions=("first", "last", 3)))
    assert [row.instant for row in view.rows] == [1, 3, 5]
    assert (view.first, view.last, view.next) == (1, 5, "")


def test_a_version_that_ceases_to_be_the_last_between_two_looks_is_met_further_on() -> None:
    taxii = view_of(Rows(5, later=2))
    before = taxii.read(WHO, FEEDS[0], ask(versions=("first", "last")))
    assert [row.instant for row in before.rows] == [1]
    # The position answered is that of a row given, so that nothing between is passed over.
    assert before.last == 1
    after = taxii.read(WHO, FEEDS[0], ask(versions=("first", "last"), added_after=before.last))
    assert [row.instant for row in after.rows] == [7]


def test_an_empty_page_repeats_where_it_began() -> None:
    view = view_of(Rows(5)).read(WHO, FEEDS[0], ask(added_after=5))
    assert (view.rows, view.first, view.last, view.next) == ((), 5, 5, "")


def test_looking_ends_though_nothing_is_found() -> None:
    rows = Rows(1000)
    taxii = view_of(rows, page_max=1)
    view = taxii.read(WHO, FEEDS[0], ask(versions=("last", 999), added_after=1))
    assert view.rows == () and view.next and rows.looks < 50
    # Without `next`, too, a client gets on.
    assert view.last > 1
    onward = taxii.read(WHO, FEEDS[0], Query(cursor=view.next))
    assert onward.last > view.last


def test_an_object_that_is_not_there_is_not_an_empty_page() -> None:
    taxii = view_of(Rows(3))
    assert [row.instant for row in taxii.list_versions(WHO, FEEDS[0], ONE, ask()).rows] == [1, 2, 3]
    assert taxii.read_object(WHO, FEEDS[0], ONE, ask(added_after=3)).rows == ()
    for stix_id in (ONE.replace("8e2e", "0000"), "nonsense", "\0"):
        with pytest.raises(Unknown) as caught:
            taxii.read_object(WHO, FEEDS[0], stix_id, ask())
        assert caught.value.code == "unknown-object"


def test_a_cursor_is_bound_to_party_and_collection() -> None:
    taxii = view_of(Rows(5), page_max=2)
    following = taxii.read(WHO, FEEDS[0], ask(versions=("all",))).next
    assert [row.instant for row in taxii.read(WHO, FEEDS[0], Query(cursor=following)).rows] == [3, 4]
    for who, feed in ((Reader(party="other.example"), FEEDS[0]), (WHO, FEEDS[1])):
        with pytest.raises(Damaged):
            taxii.read(who, feed, Query(cursor=following))
