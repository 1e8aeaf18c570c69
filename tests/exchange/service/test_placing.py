"""The matrix counts what its reader may see, and exactly that, whatever comes, conflicts, is revoked or erased."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import msgspec
import pytest

from kouprey.exchange.model.placing import Wish
from kouprey.exchange.service import renewing
from kouprey.exchange.store import placements
from kouprey.exchange.wire.placements import placements_of
from kouprey.kernel.words.errors import Unknown
from kouprey.kernel.words.tlp import TLP

CHAIN = "mitre-attack"
PHASES = ("execution", "impact", "discovery")


def phase(name: str) -> dict[str, Any]:
    return {"kill_chain_phases": [{"kill_chain_name": CHAIN, "phase_name": name}]}


def numbered(number: str, **more: Any) -> dict[str, Any]:
    return {"external_references": [{"source_name": "mitre-attack", "external_id": number}], **more}


@pytest.fixture
def catalogue(ministry: Any, stix: Any) -> Any:
    """Three techniques, one below another; of one an object that only few may see."""
    ministry.keep(
        stix.make("shell", "attack-pattern", **numbered("T1059"), **phase("execution")),
        stix.make("power", "attack-pattern", **numbered("T1059.001"), **phase("execution")),
        stix.make("wipe", "attack-pattern", **numbered("T1485"), **phase("impact")),
    )
    return ministry


def seen(party: Any, who: Any, **wish: Any) -> dict[tuple[str, str], int]:
    made = party.exchange.matrix(who, chain=CHAIN, wish=Wish(**wish))
    found = {("phase", column.phase): column.count for column in made.columns if column.count}
    cells = [one for column in made.columns for cell in column.cells for one in (cell, *cell.below)]
    return found | {("technique", cell.number or cell.name): cell.own for cell in cells if cell.own}


def test_each_reader_counts_what_they_see(catalogue: Any, stix: Any) -> None:
    power = stix.id("attack-pattern", "power")
    catalogue.keep(stix.make("a", **phase("execution")), stix.make("b", **numbered("T1059.001")), tlp=TLP.GREEN)
    catalogue.keep(
        stix.make(
            "uses", "relationship", relationship_type="uses", source_ref=stix.id("malware", "m"), target_ref=power
        ),
        stix.make("canary", "report", object_refs=[power]),
        tlp=TLP.RED,
        source="canary.json",
    )
    low, high = catalogue.reader(TLP.GREEN), catalogue.reader()
    assert seen(catalogue, low) == {("phase", "execution"): 1, ("technique", "T1059.001"): 1}
    assert seen(catalogue, high) == {("phase", "execution"): 1, ("technique", "T1059.001"): 3}
    told = catalogue.exchange.matrix(low, chain=CHAIN)
    assert "canary" not in repr(told) and set(told.kinds) == {"indicator"} and told.sources == ("feed.json",)
    assert set(catalogue.exchange.matrix(high).kinds) == {"indicator", "malware", "report"}
    assert seen(catalogue, high, kinds=("report",)) == {("technique", "T1059.001"): 1}
    assert seen(catalogue, high, sources=("canary.json",)) == {("technique", "T1059.001"): 2}
    month = placements.month_of(catalogue.clock())
    assert (
        seen(catalogue, high, since=month) == seen(catalogue, high) and seen(catalogue, high, until=month - 100) == {}
    )
    assert seen(catalogue, catalogue.foreign("stranger.example")) == {}
    where = {"chain": CHAIN, "number": "T1059"}
    assert [each.title for each in catalogue.exchange.list_placed(low, **where).objects] == ["b"]
    assert len(catalogue.exchange.list_placed(high, **where).objects) == 3
    assert [
        each.type for each in catalogue.exchange.list_placed(high, **where, wish=Wish(kinds=("malware",))).objects
    ] == ["relationship"]
    assert (
        len(catalogue.exchange.list_placed(high, **where, wish=Wish(sources=("canary.json",), since=month)).objects)
        == 2
    )
    assert [each.title for each in catalogue.exchange.list_placed(low, chain=CHAIN, phase="execution").objects] == ["a"]
    with pytest.raises(Unknown):
        catalogue.exchange.list_placed(low, chain=CHAIN, number="T9999")
    with pytest.raises(Unknown):
        catalogue.exchange.list_placed(catalogue.foreign("stranger.example"), **where)


def test_pages_go_on_below_the_last(catalogue: Any, stix: Any) -> None:
    catalogue.keep(*(stix.make(f"i{n}", **numbered("T1485")) for n in range(7)))
    who, names, before = catalogue.reader(), [], 0
    while True:
        page = catalogue.exchange.list_placed(who, chain=CHAIN, number="T1485", before=before, limit=3)
        names += [each.title for each in page.objects]
        if not page.more:
            break
        before = page.objects[-1].body
    assert names == [f"i{n}" for n in reversed(range(7))]


def expected(party: Any, who: Any, ids: list[str]) -> Counter[tuple[str, str]]:
    """By hand: what each object says that the reader is given."""
    found: Counter[tuple[str, str]] = Counter()
    for stix_id in ids:
        try:
            served = party.exchange.get_object(who, stix_id).newest.served
        except Unknown:
            continue
        for each in placements_of(msgspec.json.decode(served.raw)):
            if each.way != "object" and each.kind != "attack-pattern":
                found[each.way, each.name] += 1
    return found


@pytest.mark.parametrize("seed", range(4))
def test_whatever_comes_the_tally_says_what_readers_are_given(catalogue: Any, stix: Any, seed: int) -> None:
    chance = random.Random(seed)
    names = [f"x{n}" for n in range(6)]
    readers = [catalogue.reader(level) for level in (TLP.CLEAR, TLP.GREEN, TLP.AMBER, TLP.RED)]
    ids = [stix.id("indicator", name) for name in names]
    for _ in range(40):
        name, level = chance.choice(names), chance.choice((TLP.CLEAR, TLP.GREEN, TLP.RED))
        deed = chance.random()
        if deed < 0.08:
            if _is_held(catalogue, stix.id("indicator", name)):
                catalogue.exchange.erase(stix.id("indicator", name), because="test", who=readers[-1], by="test")
            continue
        more = phase(chance.choice(PHASES)) if deed < 0.6 else numbered(chance.choice(("T1059", "T1485", "T1059.001")))
        if chance.random() < 0.15:
            more["revoked"] = True
        more["description"] = chance.choice(("one", "two"))
        catalogue.keep(stix.make(name, minute=chance.randrange(3), **more), tlp=level, source=f"{level.word}.json")
    for who in readers:
        assert seen(catalogue, who) == dict(expected(catalogue, who, ids))
        total = sum(n for (way, _), n in seen(catalogue, who).items() if way == "phase")
        listed = sum(
            len(catalogue.exchange.list_placed(who, chain=CHAIN, phase=column.phase).objects)
            for column in catalogue.exchange.matrix(who, chain=CHAIN).columns
            if column.phase and column.count
        )
        assert listed == total
    with catalogue.store.read() as reader:
        assert placements.list_faults(reader) == []


def _is_held(party: Any, stix_id: str) -> bool:
    with party.store.read() as reader:
        return (
            reader.value(
                "SELECT 1 FROM version JOIN object ON object.id = version.object_id WHERE stix_id = ?", (stix_id,)
            )
            is not None
        )


def test_what_was_held_before_is_placed_afterwards(catalogue: Any, stix: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue.keep(*(stix.make(f"i{n}", **phase("impact")) for n in range(5)), tlp=TLP.GREEN)
    catalogue.keep(stix.make("i0", description="else", **phase("discovery")), tlp=TLP.RED, source="b.json")
    whole = [seen(catalogue, catalogue.reader(level)) for level in (TLP.GREEN, TLP.RED)]
    assert whole[0] == {("phase", "impact"): 5}

    def strip(tx: Any) -> None:
        tx.execute("DELETE FROM placement")
        tx.execute("DELETE FROM placed")
        tx.execute("UPDATE edition SET done = 0, upto = 1000 WHERE kind = 'placements'")

    catalogue.store.write(strip)
    assert seen(catalogue, catalogue.reader()) == {}
    monkeypatch.setattr(renewing, "STEP", 2)
    while catalogue.exchange.renew(seconds=0):
        pass
    assert [seen(catalogue, catalogue.reader(level)) for level in (TLP.GREEN, TLP.RED)] == whole
    with catalogue.store.read() as reader:
        assert placements.list_faults(reader) == []


def test_a_wrong_tally_is_noticed_and_counted_anew(catalogue: Any, stix: Any) -> None:
    catalogue.keep(stix.make("a", **phase("impact")))
    catalogue.store.write(lambda tx: tx.execute("UPDATE placed SET n = n + 7 WHERE kind = 'indicator'"))
    with catalogue.store.read() as reader:
        assert len(placements.list_faults(reader)) == 1
    catalogue.store.write(placements.count_anew)
    assert seen(catalogue, catalogue.reader()) == {("phase", "impact"): 1}
