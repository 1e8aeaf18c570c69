"""The data of another server's test suite can be served with the dates it was added there, in one order."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.kernel.words.time import parse_instant

MANIFEST = "/taxii2/api/collections/feed/manifest/"
DATES = ["2014-05-08T09:00:00.000000Z", "2016-11-01T03:04:05.000000Z", "2017-12-31T13:49:53.935000Z"]


def test_objects_keep_the_dates_of_another_server(build: Any, databases: tuple[str, str], past: Any) -> None:
    house = build(databases=databases, clock=past)
    house.exchange.create_collection("feed", by="op")
    dated = [(parse_instant(date), house.thing(number)) for number, date in enumerate(DATES)]
    house.load(past, "feed", dated[::-1])
    client = house.writer()
    assert [each["date_added"] for each in client.get(MANIFEST).json()["objects"]] == DATES
    # What comes now stands above all of it.
    house.post(client, house.thing(9), path="feed")
    assert client.get(MANIFEST).json()["objects"][-1]["date_added"] > "2026"


def test_a_node_that_holds_something_cannot_be_given_a_past(build: Any, past: Any) -> None:
    house = build(clock=past)
    house.exchange.create_collection("feed", by="op")
    past.now = 0
    house.keep(house.thing(1))
    with pytest.raises(AssertionError, match="later positions"):
        house.load(past, "feed", [(parse_instant(DATES[0]), house.thing(2))])
