"""Checks of the exchange on both engines: silent on what is well, and they name what is not."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.exchange.model import Bookmark, ImportReport
from kouprey.exchange.service.checks import checks
from kouprey.exchange.store import bookmarks
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.tlp import TLP


def told(party: Any, *, repair: bool = False) -> dict[str, list[str]]:
    services = Services()
    services.put(party.exchange)
    return {check.name: [f"{each.level} {each.what}" for each in check.call(repair)] for check in checks(services)}


@pytest.fixture
def held(ministry: Any, stix: Any) -> Any:
    ministry.keep(stix.make("a"), stix.make("b"), stix.make("b", minute=5), tlp=TLP.GREEN)
    ministry.keep(stix.make("a", name="other"), stix.make("c"), tlp=TLP.RED, into=())
    return ministry


def test_what_is_well_has_no_findings(held: Any) -> None:
    assert not any(told(held).values()), told(held)


@pytest.mark.parametrize(
    ("spoil", "check", "names"),
    [
        ("UPDATE body SET title = 'x' WHERE id = 2", "bodies", "Body 2"),
        ("UPDATE body SET sha256 = bytes WHERE id = 3", "bodies", "Body 3"),
        ("UPDATE object SET stix_id = 'x' WHERE id = 1", "bodies", "Body 1"),
        ("UPDATE version SET label_set_id = 99 WHERE id = 1", "label sets", "Version 1"),
        ("DELETE FROM assertion WHERE version_id = 2", "label sets", "Version 2"),
        ("UPDATE version SET position = 5 WHERE id <= 2", "positions", "share position 5"),
        ("UPDATE position_clock SET last = 1", "positions", "never given"),
        ("UPDATE membership SET type = 'tool' WHERE version_id = 1", "positions", "another type"),
    ],
)
def test_what_is_wrong_is_named(held: Any, spoil: str, check: str, names: str) -> None:
    held.store.write(lambda tx: tx.execute(spoil))
    assert any(names in each for each in told(held)[check]), told(held)


@pytest.mark.parametrize(
    ("spoil", "names"),
    [
        ("UPDATE finding SET musts = 9 WHERE body_id = 6", "findings is not what the bodies say, the first of body 6"),
        ("DELETE FROM finding WHERE body_id = 6", "first of body 6"),
        ("UPDATE observable SET text = '198.51.100.8'", "observables is not what the bodies say, the first of body 6"),
        ("UPDATE occurrence SET version_id = 1", "observables"),
        (
            "INSERT INTO occurrence (observable_id, label_set_id, version_id, body_id)"
            " SELECT id, 1, 1, 1 FROM observable",
            "observables",
        ),
        ("INSERT INTO observable (id, kind, text, place) VALUES (5, 'domain', 'nobody.example', '')", "observables"),
        ("UPDATE reference SET word = 'targets' WHERE place = 2", "search is not what the bodies say"),
        ("DELETE FROM reference WHERE place = 1", "search"),
        ("UPDATE reference SET label_set_id = 0", "search"),
        ("INSERT INTO reference (target_key, body_id, place, word, target) VALUES (1, 1, 0, 'x', 'y')", "search"),
        ("INSERT INTO reference (target_key, body_id, place, word, target) VALUES (1, 999, 0, 'x', 'y')", "not held"),
        ("DELETE FROM term", "search"),
    ],
)
def test_what_is_derived_is_compared_with_the_bodies(held: Any, stix: Any, spoil: str, names: str) -> None:
    held.keep(
        stix.make("d", kind="indicator", pattern="[ipv4-addr:value = '198.51.100.7']", pattern_type="stix"),
        stix.make(
            "e",
            kind="relationship",
            relationship_type="indicates",
            source_ref=stix.id("indicator", "d"),
            target_ref=stix.id("tool", "x"),
        ),
        tlp=TLP.GREEN,
    )
    assert not any(told(held).values())
    held.store.write(lambda tx: tx.execute(spoil))
    assert any(names in each for each in told(held)["derived"]), told(held)
    if "not held" in names:
        return
    assert all(each.startswith("mended") for each in told(held, repair=True)["derived"])
    assert all(each.startswith("warn") for each in told(held)["derived"])
    while held.exchange.renew(seconds=0):
        pass
    assert not any(told(held).values()), "the node derived it again"


def test_an_import_that_has_not_ended_is_told(held: Any) -> None:
    mark = Bookmark(path="/feeds/big.ndjson", run="r", size=1, options="{}", counted=ImportReport(new=5_000))
    held.store.write(lambda tx: bookmarks.save(tx, mark, 1))
    assert told(held)["imports"] == [
        "warn The import of /feeds/big.ndjson has not ended; 5,000 objects of it are durable."
    ]


def test_the_tally_is_counted_anew(held: Any) -> None:
    held.store.write(lambda tx: tx.execute("UPDATE tally SET n = n + 3"))
    assert told(held)["tally"][0].startswith("bad")
    assert told(held, repair=True)["tally"][0].startswith("mended")
    assert not any(told(held).values())


def test_occurrences_are_placed_anew(held: Any, stix: Any) -> None:
    named = {"pattern": "[ipv4-addr:value = '198.51.100.7']", "pattern_type": "stix"}
    held.keep(stix.make("d", **named), tlp=TLP.RED)
    seen = held.store.write(lambda tx: tx.value("SELECT label_set_id FROM version WHERE id = 3"))
    held.store.write(lambda tx: tx.execute("UPDATE occurrence SET label_set_id = ?", (seen,)))
    assert told(held)["occurrences"][0].startswith("bad 1 ")
    assert told(held, repair=True)["occurrences"][0].startswith("mended")
    assert not any(told(held).values())
