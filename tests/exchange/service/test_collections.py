"""Collections: made once, found by name or id, and known only to those they concern."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Refused, Unknown
from kouprey.kernel.words.tlp import TLP


def test_made_once_and_found_by_name_and_id(ministry: Any) -> None:
    made = ministry.exchange.create_collection("feed-2", description="d", strict=True, by="test")
    assert str(UUID(made.id)) == made.id and made.title == "feed-2"
    assert ministry.exchange.get_collection("feed-2") == ministry.exchange.get_collection(made.id) == made
    with pytest.raises(Refused):
        ministry.exchange.create_collection("feed-2", by="test")
    for name in ("", "A", "a b", "-a", "a" * 64, "ä"):
        with pytest.raises(Damaged):
            ministry.exchange.create_collection(name, by="test")
    with pytest.raises(Unknown):
        ministry.exchange.get_collection("nowhere")


def test_the_main_collection_is_made_once(ministry: Any) -> None:
    assert ministry.exchange.ensure_defaults() == ministry.exchange.ensure_defaults()
    assert [each.name for each in ministry.exchange.list_collections()] == ["main"]


def test_two_agreements_whose_ids_begin_alike_have_two_collections(ministry: Any) -> None:
    names = [
        ministry.store.write(lambda tx, end=end: ministry.exchange._of_agreement(tx, f"agr_{'0' * 31}{end}")).name
        for end in "112"
    ]
    assert names == ["agr-00000000", "agr-00000000", "agr-" + "0" * 31 + "2"]


def test_readers_are_parties_that_are_known(ministry: Any) -> None:
    with pytest.raises(Unknown):
        ministry.exchange.create_collection("x", readers=("nobody.example",), by="test")
    made = ministry.exchange.create_collection("x", readers=(), writable=False, by="test")
    assert (made.readers, made.writable) == ((), False)
    changed = ministry.exchange.change_collection("x", readers=("*", "nobody.example"), title=" ", by="test")
    assert changed.readers == ("*",) and changed.title == "x" and not changed.writable


def test_others_know_only_of_what_is_open_to_them(ministry: Any) -> None:
    stranger = Reader(party="stranger.example", clearance=TLP.RED, name="t")
    ministry.exchange.create_collection("own", readers=(), by="test")
    ministry.exchange.create_collection("open", by="test")
    ministry.exchange.ensure_defaults()
    known = [each.name for each in ministry.exchange.list_collections(stranger)]
    assert known == ["main", "open"]
    ministry.exchange.archive_collection("open", by="test")
    with pytest.raises(Unknown):
        ministry.exchange.get_collection("open", stranger)
    assert [each.name for each in ministry.exchange.list_collections()] == ["main", "own"]
    assert [each.name for each in ministry.exchange.list_collections(archived=True)] == ["main", "open", "own"]
    with pytest.raises(Refused, match="archived"):
        ministry.exchange.get_open_collection("open")
    assert not ministry.exchange.restore_collection("open", by="test").archived_at


def test_what_a_collection_cannot_be(ministry: Any) -> None:
    ministry.exchange.ensure_defaults()
    with pytest.raises(Refused):
        ministry.exchange.archive_collection("main", by="test")
    for wrong in ({"title": "a" * 121}, {"description": "a" * 1001}, {"title": "a\x07"}):
        with pytest.raises(Damaged):
            ministry.exchange.change_collection("main", by="test", **wrong)
    made = ministry.store.write(lambda tx: ministry.exchange._of_agreement(tx, f"agr_{'0' * 32}"))
    with pytest.raises(Refused, match="agreement says"):
        ministry.exchange.change_collection(made.name, readers=(), by="test")
    assert ministry.exchange.change_collection(made.name, strict=True, by="test").strict
    with pytest.raises(Refused):
        ministry.exchange.archive_collection(made.name, by="test")
