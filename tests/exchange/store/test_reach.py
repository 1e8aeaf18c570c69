"""Lists go from label set to label set: whole, in order, and no longer way when more is hidden."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kouprey.exchange.model import Filters, Observable
from kouprey.exchange.store import facets, narrowing, observables, pages, reach
from kouprey.exchange.store.narrowing import Sought
from kouprey.kernel.words.tlp import TLP

KINDS = ("indicator", "malware")


def steps(reader: Any, call: Callable[[], object]) -> int:
    """How many instructions SQLite's machine runs, in tens."""
    count = 0

    def tick() -> bool:
        nonlocal count
        count += 1
        return False

    reader._connection.set_progress_handler(tick, 10)
    call()
    reader._connection.set_progress_handler(None)
    return count


@pytest.fixture
def narrow_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "_LEAST", 1)
    monkeypatch.setattr(reach, "_GROWTH", 2)
    monkeypatch.setattr(narrowing, "_FEW", -1)


def keep_mixed(party: Any, stix: Any) -> None:
    """Forty-five objects under three label sets, unevenly mixed; every fifth is revoked."""
    for n in range(45):
        level = (TLP.CLEAR, TLP.GREEN, TLP.RED)[n * n % 7 % 3]
        party.keep(stix.make(f"{n:02}", KINDS[n % 2], revoked=n % 5 == 0), tlp=level)


@pytest.mark.usefixtures("narrow_windows")
@pytest.mark.parametrize("filters", [Filters(), Filters(revoked=True), Filters(sources=("feed.json",))])
@pytest.mark.parametrize("types", [(), ("malware",), KINDS])
def test_windows_leave_nothing_out(ministry: Any, stix: Any, filters: Filters, types: tuple[str, ...]) -> None:
    keep_mixed(ministry, stix)
    who, exchange = ministry.reader(TLP.GREEN), ministry.exchange
    expected = [f"{n:02}" for n in range(44, -1, -1) if n * n % 7 % 3 < 2]
    expected = [name for name in expected if not types or KINDS[int(name) % 2] in types]
    expected = [name for name in expected if not filters.revoked or int(name) % 5 == 0]
    more: dict[str, Any] = {"types": types, "filters": filters, "limit": 4}
    seen, before = [], None
    while True:
        page = exchange.list_objects(who, before_position=before, **more)
        seen += [head.title for head in page.heads]
        if not page.more:
            break
        before = page.heads[-1].position
    assert seen == expected
    if before is not None:
        up = exchange.list_objects(who, after_position=before, **more)
        anchor = len(expected) - 1 - (len(expected) - 1) % 4 - 1
        assert [head.title for head in up.heads] == expected[max(0, anchor - 4) : anchor]
        assert up.more == (anchor > 4)
    counted = exchange.facets(who, types=types, filters=filters)
    assert (counted.total, counted.more) == (len(expected), False)


def test_what_is_hidden_makes_no_list_longer(found_party: Any, stix: Any) -> None:
    party = found_party("ministry.example")
    for n in range(30):
        party.keep(stix.make(f"seen {n}", KINDS[n % 2]), tlp=TLP.GREEN)
        party.keep(stix.make(f"seen {n}", KINDS[n % 2], description="other"), tlp=TLP.GREEN)
    eyes = party.exchange._eyes(party.reader(TLP.GREEN))
    sought = [
        Sought(),
        Sought(types=("malware",)),
        Sought(filters=Filters(conflict=True)),
        Sought(filters=Filters(levels=(TLP.GREEN,))),
    ]

    def measure() -> list[int]:
        with party.store.read() as reader:
            calls: list[Callable[[], object]] = [
                lambda each=each: pages.list_heads(reader, eyes, each, before=None, after=None, limit=5)
                for each in sought
            ]
            calls += [lambda each=each: facets.count_sought(reader, eyes, each) for each in sought]
            return [steps(reader, call) for call in calls]

    before = measure()
    party.keep(*(stix.make(f"hidden {n}", KINDS[n % 2]) for n in range(500)), tlp=TLP.RED)
    party.keep(*(stix.make(f"hidden {n}", KINDS[n % 2], description="other") for n in range(500)), tlp=TLP.RED)
    after = measure()
    assert all(late <= early * 1.1 + 5 for early, late in zip(before, after, strict=True)), (before, after)


def test_a_common_value_is_no_longer_way_when_most_of_it_is_hidden(
    found_party: Any, stix: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observables, "_COMMON", 4)
    party = found_party("ministry.example")
    pattern = {"pattern": "[domain-name:value = 'common.example']", "pattern_type": "stix"}
    party.keep(*(stix.make(f"seen {n}", **pattern) for n in range(10)), tlp=TLP.GREEN)
    eyes = party.exchange._eyes(party.reader(TLP.GREEN))

    def measure() -> list[int]:
        with party.store.read() as reader:
            (key,) = observables.ids_of(reader, [Observable("domain-name", "common.example")])
            assert observables.count_seen(reader, eyes, [key]) == {key: 10}
            assert len(observables.list_occurrences(reader, eyes, key)) == 10
            return [
                steps(reader, lambda: observables.count_seen(reader, eyes, [key])),
                steps(reader, lambda: observables.list_occurrences(reader, eyes, key)),
            ]

    before = measure()
    party.keep(*(stix.make(f"hidden {n}", **pattern) for n in range(500)), tlp=TLP.RED)
    after = measure()
    assert all(late <= early * 1.1 + 5 for early, late in zip(before, after, strict=True)), (before, after)


@pytest.mark.usefixtures("narrow_windows")
def test_counting_ends_and_says_so(ministry: Any, stix: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_mixed(ministry, stix)
    # What nobody may see makes no difference to where counting ends.
    ministry.keep(*(stix.make(f"hidden {n}", revoked=True) for n in range(20)), tlp=TLP.AMBER_STRICT)
    who, asked = ministry.reader(TLP.GREEN), Filters(revoked=True)
    whole = ministry.exchange.facets(who, filters=asked)
    monkeypatch.setattr(facets, "COUNTED", 3)
    monkeypatch.setattr(pages, "_EXAMINED", 8)
    some = ministry.exchange.facets(who, filters=asked)
    assert some.more and 0 < some.total < whole.total and not whole.more
