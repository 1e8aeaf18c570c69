"""Pages: which versions, in which order, by which filters, on both roads."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.kernel.words.tlp import TLP


@pytest.fixture(params=["narrow", "wide"], autouse=True)
def road(request: pytest.FixtureRequest) -> None:
    """Both plans by which pages are made."""
    request.getfixturevalue(f"{request.param}_road")


def test_versions_first_last_all_and_named(ministry: Any, stix: Any) -> None:
    raws = [stix.make("a", minute=m) for m in (1, 3, 2)]
    ministry.keep(*raws, tlp=TLP.GREEN)
    hidden = stix.make("a", minute=4)
    ministry.keep(hidden, tlp=TLP.RED)
    low, high = ministry.reader(TLP.GREEN), ministry.reader()

    def bodies(who: Any, versions: Any) -> list[bytes]:
        return [row.raw for row in ministry.exchange.page(who, "main", versions=versions).rows]

    assert bodies(low, "last") == [raws[1]] and bodies(high, "last") == [hidden]
    assert bodies(low, "first") == bodies(high, "first") == [raws[0]]
    assert bodies(low, "all") == raws and bodies(high, "all") == [*raws, hidden]
    instants = [v.instant for v in ministry.exchange.get_object(high, stix.id("indicator", "a")).versions]
    assert bodies(low, instants) == raws and bodies(high, instants[:1]) == [hidden]
    assert bodies(low, []) == []


def test_lists_page_both_ways(ministry: Any, stix: Any) -> None:
    ministry.keep(*(stix.make(f"Zebra {n:02}") for n in range(25)), tlp=TLP.GREEN)
    ministry.keep(stix.make("50% off_", "malware"), stix.make("Zebra 03", minute=9), tlp=TLP.GREEN)
    exchange, who = ministry.exchange, ministry.reader()
    seen, before = [], None
    while True:
        page = exchange.list_objects(who, before_position=before, limit=10)
        seen += [head.title for head in page.heads]
        if not page.more:
            break
        before = page.heads[-1].position
    assert seen == ["Zebra 03", "50% off_", *(f"Zebra {n:02}" for n in range(24, -1, -1) if n != 3)]
    up = exchange.list_objects(who, after_position=before, limit=5)
    assert [head.title for head in up.heads] == [t for t in seen if t in seen[:20]][-6:-1] and up.more
    assert [h.title for h in exchange.list_objects(who, text="% OFF_").heads] == ["50% off_"]
    assert [h.type for h in exchange.list_objects(who, types=["malware"]).heads] == ["malware"]
    assert len(exchange.list_objects(who, text="zebra", types=["malware", "indicator"]).heads) == 25
    assert len(exchange.list_objects(who, text=stix.id("malware", "50% off_")).heads) == 1
