"""What is erased is gone from everything but its tombstone, stays away, and comes back by no older database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kouprey.exchange.service.checks import checks
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.tlp import TLP

CANARY = "canary-7f3a"
ADDRESS = "203.0.113.77"
WHY = "Court order 12"


def secret(stix: Any, **more: Any) -> Any:
    """An indicator with the canary in everything that is derived from bodies."""
    return stix.make(
        "secret",
        description=f"{CANARY} in a sentence",
        pattern=f"[ipv4-addr:value = '{ADDRESS}' OR domain-name:value = '{CANARY}.example']",
        valid_from="2026-11-01T00:00:00Z",
        valid_until="2027-01-01T00:00:00Z",
        created_by_ref=stix.id("identity", CANARY),
        **{CANARY: 7, **more},
    )


def erase(party: Any, stix_id: str, **more: Any) -> Any:
    return party.exchange.erase(stix_id, because=WHY, who=party.exchange.operator(), by="operator", **more)


def roll_back(party: Any, *, guard: bool) -> None:
    """As if the database were that of before all erasures; with the list of the guard, as a whole machine would be."""

    def older(tx: Any) -> None:
        for table in ("tombstone_voice", "tombstone"):
            tx.execute(f"DELETE FROM {table}")
        tx.execute("DELETE FROM meta WHERE key = 'exchange.erasures'")

    party.store.write(older)
    if guard:
        party.exchange._lanes.erasures._store.write(lambda tx: tx.execute("DELETE FROM erasure"))


def rows_with(party: Any, needle: str) -> dict[str, int]:
    """Tables of which some row holds this text, as far as rows can be read; tombstones and the audit aside."""
    with party.store.read() as reader:
        if reader.dialect == "sqlite":
            names = [r[0] for r in reader.all("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        else:
            names = [r[0] for r in reader.all("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")]
        found = {}
        for name in names:
            if name.startswith("term") or name in ("tombstone", "audit"):
                continue
            hits = [row for row in reader.all(f'SELECT * FROM "{name}"') if needle in repr(row)]
            if hits:
                found[name] = len(hits)
        return found


def well(party: Any) -> None:
    """The doctor finds nothing."""
    services = Services()
    services.put(party.exchange)
    assert [f for check in checks(services) for f in check.call(False)] == []


@pytest.fixture
def held(ministry: Any, stix: Any) -> Any:
    ministry.keep(secret(stix), stix.make("other", pattern=f"[ipv4-addr:value = '{ADDRESS}']"), tlp=TLP.GREEN)
    return ministry


def test_nothing_is_left_but_the_tombstone(held: Any, stix: Any) -> None:
    who, stix_id = held.reader(), stix.id("indicator", "secret")
    assert len(rows_with(held, CANARY)) >= 3 and held.exchange.list_objects(who, text="canary").heads
    counted = held.exchange.counts(who).total
    report = erase(held, stix_id)
    assert (report.versions, report.bodies, report.given, report.scrubbed) == (1, 1, [], True)
    assert rows_with(held, CANARY) == {}
    assert not held.exchange.list_objects(who, text="canary").heads
    assert not held.exchange.look_up(who, [f"{CANARY}.example"])
    assert len(held.exchange.look_up(who, [ADDRESS])) == 1, "somebody else names this value"
    assert held.exchange.counts(who).total == counted - 1
    assert all(CANARY.encode() not in raw for raw in held.poll(who)[0])
    well(held)
    with pytest.raises(Unknown) as told:
        held.exchange.get_object(who, stix_id)
    assert told.value.code == "erased" and WHY in str(told.value)
    (stone,) = held.exchange.list_tombstones(who, stix_id)
    assert (stone.because, stone.by, stone.sources) == (WHY, "operator", ("feed.json",))
    with held.store.read() as reader:
        detail = reader.value("SELECT detail FROM audit WHERE action = 'exchange.erase'")
    assert WHY in detail


def test_the_files_hold_nothing_of_it(held: Any, stix: Any, engine: str, tmp_path: Path) -> None:
    if engine != "sqlite":
        pytest.skip("the files of PostgreSQL are its own")
    held.keep(*(stix.make(f"m{n}", description=f"word{n} " * 20) for n in range(300)), tlp=TLP.GREEN)
    before = b"".join(p.read_bytes() for p in tmp_path.rglob("*.db*"))
    assert CANARY.encode() in before
    assert erase(held, stix.id("indicator", "secret")).scrubbed
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert CANARY.encode() not in path.read_bytes(), path
            assert b"canary" not in path.read_bytes(), path


def test_one_version_of_several(held: Any, stix: Any) -> None:
    held.keep(stix.make("secret", minute=5, description="harmless"), tlp=TLP.GREEN)
    stix_id = stix.id("indicator", "secret")
    with pytest.raises(Unknown, match="no version"):
        erase(held, stix_id, version="2020-01-01T00:00:00Z")
    assert erase(held, stix_id, version="2026-11-22T09:00:00.000Z").versions == 1
    seen = held.exchange.get_object(held.reader(), stix_id)
    assert len(seen.versions) == 1 and len(seen.tombstones) == 1
    assert rows_with(held, CANARY) == {} or set(rows_with(held, CANARY)) <= {"object"}
    well(held)


def test_it_stays_away_until_that_is_lifted(held: Any, stix: Any) -> None:
    stix_id, who = stix.id("indicator", "secret"), held.exchange.operator()
    erase(held, stix_id)
    for again in (secret(stix), secret(stix, other_bytes=1)):
        (outcome,) = held.keep(again, tlp=TLP.GREEN)
        assert outcome.error is not None and outcome.error.code == "erased" and WHY not in str(outcome.error)
    assert held.keep(stix.make("secret", minute=9), tlp=TLP.GREEN)[0].error is None, "a newer version is another"
    assert held.exchange.lift_erasure(stix_id, who=who, by="operator") == 1
    assert held.keep(secret(stix), tlp=TLP.GREEN)[0].error is None
    with pytest.raises(Unknown):
        held.exchange.lift_erasure(stix_id, who=who, by="operator")
    well(held)


def test_a_tombstone_tells_nobody_more_than_he_saw(ministry: Any, operator: Any, stix: Any) -> None:
    stix.agree(ministry, operator)
    ministry.settle()
    stix_id = stix.id("indicator", "secret")
    ministry.keep(secret(stix), tlp=TLP.RED)
    erase(ministry, stix_id)
    for who in (ministry.reader(TLP.GREEN), ministry.foreign("operator.example")):
        assert ministry.exchange.list_tombstones(who, stix_id) == []
        with pytest.raises(Unknown) as told:
            ministry.exchange.get_object(who, stix_id)
        with pytest.raises(Unknown) as never:
            ministry.exchange.get_object(who, stix.id("indicator", "never"))
        assert told.value.code == never.value.code == "unknown-object"
    ministry.keep(stix.make("open"), tlp=TLP.CLEAR, source="own.json")
    assert ministry.exchange.get_object(ministry.foreign("operator.example"), stix.id("indicator", "open"))
    erase(ministry, stix.id("indicator", "open"))
    (stone,) = ministry.exchange.list_tombstones(ministry.foreign("operator.example"), stix.id("indicator", "open"))
    assert (stone.because, stone.by, stone.given, stone.sources) == ("", "", (), ("ministry.example",))


def test_only_who_sees_everything_may_erase(held: Any, stix: Any) -> None:
    stix_id = stix.id("indicator", "secret")
    for who in (held.reader(TLP.AMBER), held.foreign("operator.example")):
        with pytest.raises(Forbidden):
            held.exchange.erase(stix_id, because=WHY, who=who, by="x")
    with pytest.raises(Damaged):
        held.exchange.erase(stix_id, because=" ", who=held.exchange.operator(), by="x")
    with pytest.raises(Unknown):
        erase(held, stix.id("indicator", "never"))


def test_a_hold_beats_erasure(held: Any, stix: Any) -> None:
    from kouprey.exchange.model.searching import Search

    exchange, who, stix_id = held.exchange, held.exchange.operator(), stix.id("indicator", "secret")
    exchange.create_collection("case", by="operator")
    held.keep(secret(stix), tlp=TLP.GREEN, into=["case"])
    exchange.save_search(who, "sentences", Search(text="sentence"), by="operator")
    exchange.save_search(who, "nothing", Search(text="unheardof"), by="operator")
    exchange.place_hold("search", "nothing", because="Another case", who=who, by="operator")
    for kind, what in (("object", stix_id), ("collection", "case"), ("search", "sentences")):
        hold = exchange.place_hold(kind, what, because="Case 9", who=who, by="operator")
        with pytest.raises(Refused) as told:
            erase(held, stix_id)
        assert told.value.code == "held" and hold.id in str(told.value) and "Case 9" in str(told.value)
        exchange.lift_hold(hold.id, who=who, by="operator")
    assert len(exchange.list_holds(who)) == 1
    with pytest.raises(Unknown):
        exchange.lift_hold("hold_none", who=who, by="operator")
    with pytest.raises(Forbidden):
        exchange.list_holds(held.reader(TLP.GREEN))
    assert erase(held, stix_id).versions == 1


def test_an_older_database_does_not_bring_it_back(held: Any, stix: Any) -> None:
    stix_id = stix.id("indicator", "secret")
    later = stix.id("indicator", "later")
    erase(held, stix_id)
    held.keep(stix.make("later"), tlp=TLP.GREEN)
    erase(held, later)
    held.exchange.lift_erasure(later, who=held.exchange.operator(), by="operator")

    roll_back(held, guard=False)
    held.keep(secret(stix), tlp=TLP.GREEN)
    assert held.exchange.replay_erasures() == 3
    assert rows_with(held, CANARY) == {} and held.exchange.replay_erasures() == 0
    assert held.keep(secret(stix), tlp=TLP.GREEN)[0].error is not None
    assert held.keep(stix.make("later"), tlp=TLP.GREEN)[0].error is None, "that was lifted"
    assert "because" not in repr(held.exchange.list_erasures()[0][1]).replace("because=''", "")
    well(held)


def test_a_list_from_elsewhere_is_carried_out_whatever_was_erased_since(held: Any, stix: Any) -> None:
    """A whole machine is rolled back, erases something else, and is then given the list of what it had erased."""
    held.keep(stix.make("later"), tlp=TLP.GREEN)
    later, gone = stix.id("indicator", "later"), stix.id("indicator", "secret")
    erase(held, gone)
    known = held.exchange.list_erasures()
    roll_back(held, guard=True)
    held.keep(secret(stix), tlp=TLP.GREEN)
    erase(held, later)
    assert rows_with(held, CANARY) and [number for number, _ in known] == [1]
    assert held.exchange.take_over_erasures(known) == 1
    assert rows_with(held, CANARY) == {} and held.keep(secret(stix), tlp=TLP.GREEN)[0].error is not None
    assert held.exchange.take_over_erasures(known) == 0, "it stands in the list by now"
    assert [each.stix_id for _, each in held.exchange.list_erasures()] == [later, gone]
    well(held)


def test_a_list_is_carried_out_where_the_guard_was_lost_after_that(held: Any, stix: Any) -> None:
    held.keep(stix.make("later"), tlp=TLP.GREEN)
    later, gone = stix.id("indicator", "later"), stix.id("indicator", "secret")
    erase(held, gone)
    known = held.exchange.list_erasures()
    roll_back(held, guard=True)
    held.keep(secret(stix), tlp=TLP.GREEN)
    erase(held, later)
    done = held.exchange.list_erasures()
    held.exchange._lanes.erasures._store.write(lambda tx: tx.execute("DELETE FROM erasure"))
    assert held.exchange.take_over_erasures(known) == 1 and rows_with(held, CANARY) == {}
    # What this database has carried out keeps its number, and is not carried out again.
    held.exchange._lanes.erasures._store.write(lambda tx: tx.execute("DELETE FROM erasure"))
    assert held.exchange.take_over_erasures(done) == 0
    assert [(number, each.stix_id) for number, each in held.exchange.list_erasures()] == [(1, later)]
