"""Filters in any combination against a naive model of them, lists and counts alike, for readers who see little."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kouprey.exchange.model import Filters
from kouprey.exchange.model.searching import Search
from kouprey.kernel.words.tlp import TLP

KINDS, LEVELS, SOURCES = ("malware", "tool"), (TLP.GREEN, TLP.AMBER, TLP.RED), ("one.json", "two.json")

searches = st.builds(
    Search,
    text=st.sampled_from(["", "wick", "lamp", "wick lamp", "nothing"]),
    types=st.sets(st.sampled_from([*KINDS, "report"])).map(lambda s: tuple(sorted(s))),
    collection=st.sampled_from(["", "main", "feed"]),
    filters=st.builds(
        Filters,
        sources=st.sets(st.sampled_from([*SOURCES, "none.json"])).map(lambda s: tuple(sorted(s))),
        levels=st.sets(st.sampled_from([*LEVELS, TLP.CLEAR])).map(lambda s: tuple(sorted(s))),
        since=st.none() | st.integers(0, 24),
        until=st.none() | st.integers(0, 24),
        conflict=st.booleans() | st.just(False),
        revoked=st.none() | st.booleans(),
        findings=st.sampled_from(["", "", "any", "must"]),
    ),
)


def held(party: Any, stix: Any) -> list[dict[str, Any]]:
    """Every mixture of kind, level, source and revoked, as what a naive filter needs to know of it."""
    party.exchange.create_collection("feed", by="test")
    things = []
    for number, (kind, level, source, revoked) in enumerate(product(KINDS, LEVELS, SOURCES, (False, True))):
        words = ("wick", "lamp", "wick lamp")[number % 3]
        name = f"{words} {number}"
        broken = {"first_seen": "yesterday"} if number % 5 == 0 else {}
        party.keep(
            stix.make(name, kind, revoked=revoked, description="d", is_family=True, **broken),
            tlp=level,
            source=source,
            into=["feed"] if number % 2 else [],
        )
        things.append(
            {"name": name, "type": kind, "level": level, "source": source, "revoked": revoked, "words": words.split()}
            | {"feed": bool(number % 2)}
        )
    heads = party.exchange.list_objects(party.reader(), limit=100).heads
    must = {head.title: head.musts > 0 for head in heads}
    position = {head.title: head.position for head in heads}
    some = {head.title for head in party.exchange.list_objects(party.reader(), findings="any", limit=100).heads}
    for thing in things:
        thing |= {"must": must[thing["name"]], "any": thing["name"] in some, "position": position[thing["name"]]}
    return things


def fits(thing: dict[str, Any], search: Search, clearance: TLP) -> bool:
    asked = search.filters
    return (
        thing["level"] <= clearance
        and all(word in thing["words"] for word in search.text.split())
        and (not search.types or thing["type"] in search.types)
        and (search.collection != "feed" or thing["feed"])
        and (not asked.sources or thing["source"] in asked.sources)
        and (not asked.levels or thing["level"] in asked.levels)
        and (asked.since is None or thing["position"] > asked.since)
        and (asked.until is None or thing["position"] < asked.until)
        and not asked.conflict
        and (asked.revoked is None or thing["revoked"] == asked.revoked)
        and (not asked.findings or thing[asked.findings])
    )


def without(search: Search, name: str) -> Search:
    if name == "types":
        return Search(text=search.text, collection=search.collection, filters=search.filters)
    asked = {each: getattr(search.filters, each) for each in search.filters.__struct_fields__} | {name: ()}
    return Search(text=search.text, types=search.types, collection=search.collection, filters=Filters(**asked))


def test_any_mixture_of_filters_lists_and_counts_what_a_naive_model_does(ministry: Any, stix: Any) -> None:
    things = held(ministry, stix)
    places = sorted(thing["position"] for thing in things)

    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
    @given(search=searches, clearance=st.sampled_from([TLP.CLEAR, TLP.GREEN, TLP.AMBER, TLP.RED]))
    def mixtures(search: Search, clearance: TLP) -> None:
        at = {name: getattr(search.filters, name) for name in ("since", "until")}
        asked = {each: getattr(search.filters, each) for each in search.filters.__struct_fields__}
        asked |= {name: None if n is None else places[min(n, len(places) - 1)] for name, n in at.items()}
        search = Search(text=search.text, types=search.types, collection=search.collection, filters=Filters(**asked))
        who, exchange = ministry.reader(clearance), ministry.exchange
        wanted = {name: [t for t in things if fits(t, s, clearance)] for name, s in _views(search).items()}
        page = exchange.list_objects(
            who, text=search.text, types=search.types, collection=search.collection, filters=search.filters, limit=100
        )
        assert sorted(head.title for head in page.heads) == sorted(thing["name"] for thing in wanted["all"])
        found = exchange.choices(who, search)
        assert found.all.total == len(wanted["all"])
        assert found.types.by_type == Counter(thing["type"] for thing in wanted["types"])
        assert found.levels.by_tlp == Counter(thing["level"] for thing in wanted["levels"])
        assert found.sources.by_source == Counter(thing["source"] for thing in wanted["sources"])

    mixtures()


def _views(search: Search) -> dict[str, Search]:
    return {"all": search, **{name: without(search, name) for name in ("types", "levels", "sources")}}
