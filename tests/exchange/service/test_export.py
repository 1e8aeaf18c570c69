"""Exports: through the eyes of a reader, over everything once, in flat memory, and written down."""

from __future__ import annotations

import io
import json
import tracemalloc
from typing import Any

import pytest

from kouprey.exchange.service import export as exporting
from kouprey.exchange.wire.export import FORMS
from kouprey.kernel.words.errors import Damaged, Unknown
from kouprey.kernel.words.tlp import TLP

CANARY = "canary-7f3a"


def exported(party: Any, who: Any, form: str = "ndjson", **query: Any) -> bytes:
    return b"".join(party.exchange.export(who, form, by="test", **query))


def ids(lines: bytes) -> list[str]:
    return [json.loads(line)["id"] for line in lines.splitlines()]


def test_everything_once_page_after_page(ministry: Any, stix: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "PAGE", 3)
    raws = [stix.make(f"n{number}") for number in range(10)]
    ministry.keep(*raws)
    assert exported(ministry, ministry.reader()).splitlines() == raws
    bundle = json.loads(exported(ministry, ministry.reader(), "stix"))
    assert [each["id"] for each in bundle["objects"]] == [json.loads(raw)["id"] for raw in raws]
    assert exported(ministry, ministry.reader(), types=["malware"]) == b""
    named = [stix.id("indicator", "n7"), stix.id("indicator", "n2")]
    assert ids(exported(ministry, ministry.reader(), ids=named)) == named


def test_what_changes_while_it_runs_is_met(ministry: Any, stix: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "PAGE", 2)
    monkeypatch.setattr(exporting, "_PIECE", 1)
    ministry.keep(*(stix.make(f"n{number}") for number in range(6)))
    stream = ministry.exchange.export(ministry.reader(), "ndjson", by="test")
    found = [next(stream)]
    # The last one gets a second assertion, and so a position above all others.
    ministry.keep(stix.make("n5"), tlp=TLP.GREEN, source="other.json")
    found += list(stream)
    assert {stix.id("indicator", f"n{number}") for number in range(6)} <= set(ids(b"".join(found)))


@pytest.mark.parametrize("form", sorted(FORMS))
@pytest.mark.parametrize("paging", [1, 500])
def test_nothing_leaks(
    ministry: Any, operator: Any, stix: Any, form: str, paging: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PAGE", paging)
    stix.agree(ministry, operator, tlp_ceiling="green")
    stated = {"pattern_type": "stix"}
    pattern = f"[domain-name:value = '{CANARY}.example']"
    ministry.keep(
        stix.make("open", name="open", pattern="[url:value = 'http://open.example']", **stated), tlp=TLP.GREEN
    )
    ministry.keep(stix.make("closed", name=CANARY, pattern=pattern, **stated), tlp=TLP.RED, source=f"{CANARY}.json")
    # A second body of the open one, under a marking the reader is not cleared for, from a source he may not know.
    ministry.keep(stix.make("open", name=CANARY, pattern=pattern, **stated), tlp=TLP.RED, source=f"{CANARY}.json")
    everything = exported(ministry, ministry.reader(), form)
    assert CANARY.encode() in everything
    for who in (
        ministry.reader(TLP.GREEN),
        ministry.agreements.party_reader("operator.example"),
        ministry.foreign("neighbour.example"),
    ):
        for query in ({}, {"text": CANARY}, {"types": ["indicator"]}, {"text": "open"}):
            seen = exported(ministry, who, form, **query)
            assert CANARY.encode() not in seen, (who, query)
        with pytest.raises(Unknown):
            exported(ministry, who, form, ids=[stix.id("indicator", "closed")])
    open_to_all = exported(ministry, ministry.agreements.party_reader("operator.example"), form)
    assert b"open" in open_to_all
    assert b"feed.json" not in open_to_all, "names of our files are not for others"
    assert b"conflict" not in open_to_all or open_to_all.count(b"yes") == 0, "nor that there is another body"


def test_who_took_what_is_written_down_before_it_leaves(ministry: Any, stix: Any) -> None:
    ministry.keep(stix.make("a"))

    def trail() -> list[tuple[str, str, dict[str, Any]]]:
        with ministry.store.read() as reader:
            rows = reader.all("SELECT action, actor, detail FROM audit WHERE action LIKE 'intelligence.%' ORDER BY id")
        return [(row[0], row[1], json.loads(row[2])) for row in rows]

    stream = ministry.exchange.export(ministry.reader(), "csv", types=["indicator"], by="Dara")
    assert trail()[0][:2] == ("intelligence.export", "Dara") and trail()[0][2]["types"] == ["indicator"]
    assert len(trail()) == 1
    list(stream)
    assert trail()[1] == ("intelligence.exported", "Dara", {"format": "csv", "count": 1})


def test_what_cannot_be_exported_is_said_at_once(ministry: Any, stix: Any) -> None:
    for query in ({"form": "xlsx"}, {"form": "csv", "collection": "nowhere"}, {"form": "csv", "ids": ["indicator--x"]}):
        with pytest.raises((Damaged, Unknown)):
            ministry.exchange.export(ministry.reader(), by="test", **query)


def test_memory_stays_flat(operator: Any, stix: Any) -> None:
    blob = "x" * 2_000
    for start in range(0, 6_000, 1_000):
        operator.keep(*(stix.make(f"n{start + number}", description=blob) for number in range(1_000)))
    size = 0
    tracemalloc.start()
    for piece in operator.exchange.export(operator.reader(), "stix", by="test"):
        size += len(piece)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 12_000_000 and peak < 8_000_000, (size, peak)
    assert json.load(io.BytesIO(exported(operator, operator.reader(), "stix", text="n5999")))["objects"] is not None
