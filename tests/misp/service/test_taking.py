"""Taking events in: durable, repeatable, revoking, and seen by nobody who should not. On both engines."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

import pytest

from kouprey.exchange.model import ObjectView
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Unknown
from kouprey.kernel.words.tlp import PAP, TLP
from kouprey.misp.service import Listeners, Misp, examine, read_events, taking


def fates(report: Any) -> tuple[int, ...]:
    return report.events, report.new, report.repeats, report.conflicts, report.revoked


def test_what_is_taken_in_twice_changes_nothing(house: Any, misp: Any) -> None:
    event = misp.event(
        misp.attribute("a", "domain", "host.example", detect=True), misp.attribute("b", "md5", "ab" * 16)
    )
    assert fates(house.take(event)) == (1, 5, 0, 0, 0)
    again = house.take(event)
    assert fates(again) == (0, 0, 0, 0, 0) and again.unchanged == 1
    # Another source says the same: its statement is kept, and no version is new.
    assert fates(house.take(event, name="other.json")) == (1, 0, 5, 0, 0)
    assert house.held(f"indicator--{misp.uuid('a')}")["pattern"] == "[domain-name:value = 'host.example']"
    assert not house.refusals and not house.losses


def test_a_changed_event_brings_versions_and_takes_back_what_is_gone(house: Any, misp: Any) -> None:
    a, b = (misp.attribute(name, "domain", f"{name}.example", detect=True) for name in "ab")
    house.take(misp.event(a, b))
    changed = {**a, "value": "new.example", "timestamp": "1764000150"}
    report = house.take(misp.event(changed, {**b, "deleted": True}, at=1764000200))
    assert fates(report) == (1, 3, 1, 0, 1)
    assert house.held(f"indicator--{misp.uuid('a')}")["pattern"] == "[domain-name:value = 'new.example']"
    assert house.held(f"indicator--{misp.uuid('b')}")["revoked"] is True
    # A file may hold an excerpt, so it takes back only what it names.
    house.take(misp.event(at=1764000300), name="excerpt.json")
    assert "revoked" not in house.held(f"indicator--{misp.uuid('a')}")
    house.take(misp.event({**changed, "deleted": True}, at=1764000400), name="excerpt-2.json")
    assert house.held(f"indicator--{misp.uuid('a')}")["revoked"] is True
    older = house.take(misp.event(a, b, at=1764000250), name="late.json")
    assert (older.events, older.older) == (0, 1) and house.held(f"indicator--{misp.uuid('a')}")["revoked"] is True


def test_two_states_of_one_event_in_one_file(house: Any, misp: Any) -> None:
    a = misp.attribute("a", "domain", "a.example", detect=True)
    report = house.take(misp.event(a), misp.event({**a, "deleted": True}, at=1764000200))
    assert (report.events, report.revoked) == (2, 1)
    assert house.held(f"indicator--{misp.uuid('a')}")["revoked"] is True


def test_nobody_sees_what_his_clearance_does_not_allow(house: Any, misp: Any) -> None:
    """The leak test: distribution, tags and sharing groups are levels, for lists, objects, look-ups and search."""
    secrets_ = {
        "own": misp.attribute("own", "domain", "own-canary.example", detect=True, distribution="0"),
        "group": misp.attribute("group", "domain", "group-canary.example", distribution="4"),
        "tag": misp.attribute("tag", "domain", "tag-canary.example", detect=True, Tag=[{"name": "tlp:red"}]),
        "odd": misp.attribute("odd", "text", "odd-canary", Tag=[{"name": "tlp:plaid"}], comment="odd-canary"),
    }
    open_ = misp.attribute("open", "domain", "open.example", detect=True)
    house.take(misp.event(open_, *secrets_.values(), Tag=[{"name": "tlp:green"}]))
    # Objects that many events tell of bear no mark: only their label holds them back.
    group = {"type": "threat-actor", "value": "cluster-canary", "version": "1", "default": True}
    hidden = {"Galaxy": [{"GalaxyCluster": [group]}], "Orgc": {"uuid": misp.uuid("org"), "name": "org-canary"}}
    green = [{"name": "tlp:green"}]
    house.take(misp.event(name="hidden", Tag=green, distribution="0", info="event-canary", **hidden))
    who = Reader(party="cert.example", clearance=TLP.AMBER_STRICT, local=True, name="somebody")
    everybody = b"".join(house.exchange.export(who, "ndjson", by="test"))
    assert b"canary" not in everybody and b"open.example" in everybody
    for name, hidden in secrets_.items():
        assert misp.uuid(name).encode() not in everybody
        assert not house.exchange.look_up(who, [hidden["value"]])
    assert house.exchange.look_up(who, ["open.example"])
    cleared = b"".join(house.exchange.export(house.exchange.operator(), "ndjson", by="test"))
    assert cleared.count(b"canary") >= 8


def test_an_interrupted_import_goes_on_where_it_was(house: Any, misp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "BATCH", 10)
    event = misp.event(*(misp.attribute(f"a{n}", "domain", f"a{n}.example", detect=True) for n in range(25)))

    class Cut(Exception):
        pass

    written = 0

    def cut(work: Any) -> Any:
        nonlocal written
        written += 1
        if written == 4:
            raise Cut
        return write(work)

    write = house.misp._store.write
    with monkeypatch.context() as patch:
        patch.setattr(house.misp._store, "write", cut)
        with pytest.raises(Cut):
            house.take(event)
    with pytest.raises(Unknown):
        house.misp.get_original(misp.uuid("event"), by="test")
    report = house.take(event)
    assert report.repeats >= 10 and report.new + report.repeats == 27
    assert house.misp.get_original(misp.uuid("event"), by="test")


def test_originals_are_kept_byte_for_byte_and_asking_is_remembered(house: Any, misp: Any) -> None:
    event = misp.event(misp.attribute("a", "domain", "host.example"), strange={"ខ": [1.50]})
    house.take(event)
    assert house.misp.get_original(misp.uuid("event").upper(), by="dara") == json.dumps({"Event": event}).encode()
    with house.node.store.read() as reader:
        assert reader.value("SELECT count(*) FROM audit WHERE action = 'misp.original' AND actor = 'dara'") == 1


def test_objects_of_others_are_refused_by_name(house: Any, misp: Any) -> None:
    from kouprey.people.service import People

    author = house.node.services.get(People).home()
    assert author.card.identities
    spoofed = {"uuid": author.card.identities[0].removeprefix("identity--"), "name": "CERT"}
    report = house.take(misp.event(misp.attribute("a", "domain", "host.example"), Orgc=spoofed))
    # We are that party ourselves, so our own file may.
    assert report.refused_objects == 0


def test_a_feed_is_read_again_only_where_it_changed(house: Any, misp: Any, tmp_path: Path) -> None:
    folder = tmp_path / "feed"
    folder.mkdir()

    def write(*events: dict[str, Any]) -> None:
        for event in events:
            (folder / f"{event['uuid']}.json").write_text(json.dumps({"Event": event}))
        (folder / "manifest.json").write_text(json.dumps({e["uuid"]: {"timestamp": e["timestamp"]} for e in events}))

    service: Misp = house.misp
    a, b = (misp.attribute(name, "domain", f"{name}.example", detect=True) for name in "ab")
    write(misp.event(a, b), misp.event(name="second"))
    seen: list[int] = []
    first = service.import_feed(folder, name="feed", by="test", listeners=Listeners(on_progress=seen.append))
    assert (first.events, first.unchanged, sum(seen)) == (2, 0, 2)
    write(misp.event(a, at=1764000300), misp.event(name="second"))
    (folder / f"{misp.uuid('second')}.json").unlink()
    again = service.import_feed(folder, name="feed", by="test")
    assert (again.events, again.unchanged, again.refused, again.revoked) == (1, 1, 0, 1)


def test_many_events_join_a_collection_and_become_durable_together(house: Any, misp: Any) -> None:
    chosen = house.exchange.create_collection("osint", by="test")
    pap = [{"name": "PAP:AMBER"}]
    raw = "\n".join(
        json.dumps(misp.event(misp.attribute(f"a{n}", "ip-dst", f"198.51.100.{n}"), name=f"e{n}", Tag=pap))
        for n in range(40)
    )
    from io import BytesIO

    report = house.misp.import_stream(BytesIO(raw.encode()), name="x", collection="osint", tlp=TLP.GREEN, by="t")
    assert (report.events, report.new) == (40, 121)
    view: ObjectView = house.exchange.get_object(house.exchange.operator(), f"report--{misp.uuid('e1')}")
    (said,) = view.newest.served.assertions
    assert (said.label.tlp, said.label.pap, said.source.name) == (TLP.GREEN, PAP.AMBER, "x")
    page = house.exchange.list_objects(house.exchange.operator(), collection=chosen.id)
    assert len(page.heads) > 20
    # What was taken in before joins another collection when it is asked for, and is skipped where it is already.
    other = house.exchange.create_collection("other", by="test").id
    again = [
        house.misp.import_stream(BytesIO(raw.encode()), name="x", collection="other", tlp=TLP.GREEN, by="t")
        for _ in range(2)
    ]
    assert [(report.events, report.unchanged) for report in again] == [(40, 0), (0, 40)]
    assert house.exchange.list_objects(house.exchange.operator(), collection=other).heads


def test_examining_keeps_nothing(misp: Any) -> None:
    from io import BytesIO

    losses: list[Any] = []
    raw = json.dumps(misp.event(misp.attribute("a", "btc", secrets.token_hex(8), detect=True))).encode()
    report = examine(read_events(BytesIO(raw), "x"), Listeners(on_loss=losses.append))
    assert (report.events, report.attributes, report.losses, report.objects) == (1, 1, 1, 3)
    assert losses[0].attribute == misp.uuid("a")


CANARY = "canary-5d1c.example"


def erase(house: Any, name: str, misp: Any) -> None:
    who = house.exchange.operator()
    house.exchange.erase(f"indicator--{misp.uuid(name)}", because="Order 12", who=who, by="dara")
    house.node.settle()


def test_an_erasure_takes_the_originals_of_its_event_along(house: Any, misp: Any, tmp_path: Path) -> None:
    a = misp.attribute("a", "domain", "a.example", detect=True)
    secret, other = misp.attribute("b", "domain", CANARY, detect=True), misp.attribute("c", "md5", "ab" * 16)
    first, second = misp.event(a, secret), misp.event(a, secret, other, at=1764000200)
    house.take(first)
    house.take(second)
    house.take(misp.event(other, name="another"))
    erase(house, "b", misp)
    with pytest.raises(Unknown) as told:
        house.misp.get_original(misp.uuid("event"), by="dara")
    assert told.value.code == "erased" and CANARY not in str(told.value)
    assert house.misp.get_original(misp.uuid("another"), by="dara"), "of other events nothing is missing"
    assert house.originals(CANARY) == 0
    report = house.take(misp.event(a, secret, other, at=1764000300))
    assert report.refused_objects >= 1, "what was erased does not come back"
    assert house.originals(CANARY) == 0 and house.held(f"indicator--{misp.uuid('a')}")
    assert house.exchange.scrub()
    house.take(misp.event(a, at=1764000400))
    assert house.misp.get_original(misp.uuid("event"), by="dara"), "a later state without it is kept"
    for path in tmp_path.rglob("*.db*"):
        assert CANARY.encode() not in path.read_bytes(), path


def test_the_event_itself_erased_and_replayed(house: Any, misp: Any) -> None:
    house.take(misp.event(misp.attribute("b", "domain", CANARY, detect=True)))
    who = house.exchange.operator()
    house.exchange.erase(f"report--{misp.uuid('event')}", because="Order 12", who=who, by="dara")
    house.node.settle()
    assert house.originals(CANARY) == 0
