"""Collections: made once, found by name or id, and known only to those they concern."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from kouprey.kernel.words.errors import Damaged, Refused, Unknown


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
