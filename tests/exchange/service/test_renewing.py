"""What was held before a rule is judged, found and looked up afterwards, in steps, and again by a better rule."""

from __future__ import annotations

import os
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kouprey.exchange.rules import EDITIONS
from kouprey.exchange.service import renewing
from kouprey.exchange.wire import findings_of
from kouprey.exchange.wire.observables import observables_in
from kouprey.exchange.wire.terms import links_of, text_of
from kouprey.kernel.words.tlp import TLP

DERIVED = ("finding", "occurrence", "observable", "term", "reference")


def snapshot(party: Any) -> dict[str, Any]:
    """Everything derived, as far as it can be read back."""
    with party.store.read() as reader:
        found: dict[str, Any] = {
            "finding": reader.all("SELECT body_id, musts, shoulds, said FROM finding ORDER BY body_id"),
            "occurrence": reader.all("SELECT * FROM occurrence ORDER BY 1, 2, 3"),
            "observable": reader.all("SELECT * FROM observable ORDER BY id"),
            "reference": reader.all("SELECT * FROM reference ORDER BY 1, 2, 3, 4, 5"),
            "term": reader.value("SELECT count(*) FROM term"),
        }
    heads = party.exchange.list_objects(party.reader(), text="needle").heads
    found["search"] = [(head.stix_id, head.musts) for head in heads]
    found["look up"] = party.exchange.look_up(party.reader(), ["198.51.100.7"])
    return found


@pytest.fixture
def held(ministry: Any, stix: Any) -> Any:
    """A party whose objects have everything that can be derived."""
    raws = [
        stix.make(
            f"i{n}",
            description="a needle",
            pattern="[ipv4-addr:value = '198.51.100.7']",
            created_by_ref=stix.id("identity", "x"),
        )
        for n in range(7)
    ]
    ministry.keep(*raws, stix.make("c", kind="campaign", name=7, description="needle"), tlp=TLP.GREEN)
    ministry.keep(stix.make("i0", description="another needle", name=3), tlp=TLP.AMBER, source="b.json")
    return ministry


def strip(party: Any, upto: int = 1 << 40) -> None:
    """As if everything had come before anybody judged or indexed."""

    def work(tx: Any) -> None:
        for table in DERIVED:
            tx.execute(f"DELETE FROM {table}")
        tx.execute("UPDATE edition SET done = 0, upto = ? WHERE kind <> 'values'", (upto,))

    party.store.write(work)


def test_what_was_held_before_is_derived_afterwards(held: Any, monkeypatch: Any) -> None:
    whole = snapshot(held)
    assert len(whole["search"]) == 8 and whole["finding"] and whole["look up"]
    assert not held.exchange.renew() and held.exchange.renewed() == 1.0, "there is nothing to do at first"
    strip(held)
    assert not snapshot(held)["search"]
    monkeypatch.setattr(renewing, "STEP", 2)
    parts = [held.exchange.renewed()]
    while held.exchange.renew(seconds=0):
        parts.append(held.exchange.renewed())
    assert parts == sorted(parts) and len(parts) > 10 and parts[0] == 0
    assert snapshot(held) == whole and held.exchange.renewed() == 1.0


def test_steps_end_by_size_too_and_one_body_is_never_too_large(held: Any, monkeypatch: Any) -> None:
    whole = snapshot(held)
    monkeypatch.setattr(renewing, "STEP_BYTES", 1)
    strip(held)
    while held.exchange.renew(seconds=0):
        pass
    assert snapshot(held) == whole


def test_a_better_rule_judges_again_and_takes_back(held: Any, monkeypatch: Any) -> None:
    whole = snapshot(held)

    def spoil(tx: Any) -> None:
        """What a worse rule would have said."""
        tx.execute("UPDATE finding SET musts = 99")
        tx.execute("INSERT INTO observable (id, kind, text, place) VALUES (-5, 'domain', 'wrong.example', '')")
        tx.execute("INSERT INTO occurrence (observable_id, label_set_id, version_id, body_id) VALUES (-5, 1, 1, 1)")
        tx.execute("UPDATE reference SET target = 'identity--00000000-0000-4000-8000-000000000000'")

    held.store.write(spoil)
    assert not held.exchange.renew() and snapshot(held) != whole, "an edition that is finished is not begun again"
    for kind in EDITIONS:
        monkeypatch.setitem(EDITIONS, kind, 2)
    while held.exchange.renew(seconds=0):
        pass
    assert snapshot(held) == whole
    assert {each.edition for each in held.exchange.list_renewals()} == {2}
    for kind in EDITIONS:
        monkeypatch.setitem(EDITIONS, kind, 1)
    held.exchange.renew()
    assert {each.edition for each in held.exchange.list_renewals()} == {2}, "an older program leaves it alone"


def test_a_damaged_body_holds_nothing_up(held: Any) -> None:
    held.store.write(lambda tx: tx.execute("UPDATE body SET bytes = ? WHERE id = 2", (b"\xff{",)))
    strip(held)
    while held.exchange.renew(seconds=0):
        pass
    assert len(snapshot(held)["search"]) == 7


@pytest.mark.long
def test_steps_are_short_on_real_data(ministry: Any, monkeypatch: Any) -> None:
    """Prints how long the writer is busy with one step; 200 ms is what others may have to wait."""
    shared = Path(os.environ.get("KOUPREY_SHARED", Path(__file__).parents[4] / "shared")) / "data" / "stix"
    if not shared.is_dir():
        pytest.skip("the sample data is not here (KOUPREY_SHARED)")
    for name in ("attack-mobile-17.1.ndjson.gz", "unit42-playbooks.ndjson.gz"):
        with (shared / name).open("rb") as file:
            ministry.exchange.import_stream(file, name=name, by="test")
    whole = snapshot(ministry)
    took: dict[str, list[float]] = {kind: [] for kind in EDITIONS}
    step = renewing._step

    def timed(tx: Any, kind: str) -> None:
        begun = time.perf_counter()
        step(tx, kind)
        took[kind].append(time.perf_counter() - begun)

    monkeypatch.setattr(renewing, "_step", timed)
    for kind in EDITIONS:
        monkeypatch.setitem(EDITIONS, kind, 2)
    while ministry.exchange.renew(seconds=0):
        pass
    assert snapshot(ministry) == whole
    for kind, seconds in took.items():
        ordered = sorted(seconds)
        print(f"{kind}: {len(ordered)} steps, median {1000 * ordered[len(ordered) // 2]:.0f} ms,", end=" ")
        print(f"99 % below {1000 * ordered[len(ordered) * 99 // 100]:.0f} ms, longest {1000 * ordered[-1]:.0f} ms")


def test_rules_that_changed_have_a_new_edition() -> None:
    """When this fails, a rule says something else of the examples than before: raise its edition in
    exchange/rules/editions.py, so that held bodies follow, and write the new digest here."""
    lines = Path(__file__).parents[1].joinpath("rules", "examples.ndjson").read_bytes().splitlines()
    values = [msgspec.json.decode(line) for line in lines if line.strip()]
    assert len(values) > 20
    said = {
        "findings": [findings_of(value, value["type"]) for value in values],
        "observables": [observables_in(value) for value in values],
        "search": [(text_of(value), list(dict.fromkeys(links_of(value)))) for value in values],
    }
    digests = {
        kind: (EDITIONS[kind], sha256(msgspec.json.encode(each)).hexdigest()[:16]) for kind, each in said.items()
    }
    assert digests == {
        "findings": (1, "c16e9047ce3cec76"),
        "observables": (1, "233ab455f77a23fc"),
        "search": (2, "c68eddd383603f37"),
    }
