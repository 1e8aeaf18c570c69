"""After a restore everything that was signed and lost comes back from partners, and nobody is accused of anything."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from kouprey.agreements.model import Terms
from kouprey.federation import store as rows
from kouprey.federation.service import erase_bodies
from kouprey.federation.service.checks import checks
from kouprey.federation.store.entries import place_of
from kouprey.federation.wire.statement import Cut, KeyStatement, render_statement
from kouprey.kernel.net.fetch import Answer
from kouprey.kernel.storage import audit
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.time import SECOND, wall_clock
from kouprey.people.service import bump_policy_epoch


def contents(count: int, mark: str = "o") -> list[bytes]:
    return [f'{{"mark":"{mark}-{number}"}}'.encode() for number in range(count)]


def roll_back(actor: Any, origin: str, size: int) -> None:
    """The database of a node as it was when one lane of ours had been signed up to `size`; 0: before it was opened."""

    def work(tx: Any) -> None:
        lane = rows.find_lane(tx, origin=origin)
        kept = rows.find_checkpoint(tx, lane.id, size)
        first = place_of(lane.id, size)
        end = place_of(lane.id + 1, 0)
        tx.execute("DELETE FROM lane_entry WHERE place >= ? AND place < ?", (first, end))
        tx.execute("DELETE FROM lane_run WHERE place >= ? AND place < ?", (first, end))
        tx.execute("DELETE FROM lane_checkpoint WHERE lane_id = ? AND size > ?", (lane.id, size))
        tx.execute("DELETE FROM lane_receipt WHERE lane_id = ?", (lane.id,))
        tx.execute("DELETE FROM lane_confirmation WHERE lane_id = ?", (lane.id,))
        if not size:
            tx.execute("DELETE FROM lane WHERE id = ?", (lane.id,))
            return
        tx.execute(
            "UPDATE lane SET size = ?, signed_size = ?, frontier = ?, tail = 0, state = 'open', note = '' WHERE id = ?",
            (size, size, kept.frontier, lane.id),
        )

    actor.store.write(work)


def alarms(actor: Any) -> list[str]:
    with actor.store.read() as reader:
        forks = [each.action for each in audit.list_audit(reader) if each.action in ("lane.fork", "lane.evidence")]
    frozen = [lane.tag for lane in actor.federation.ledger.list_lanes() if lane.state == "frozen"]
    return forks + frozen + [each.code for each in actor.federation.ledger.list_quarantined()]


def well(actor: Any) -> None:
    found = {check.name: list(check.call(False)) for check in checks(actor.services)}
    assert found["lanes"] == [] and found["quarantine"] == []


def heads(actor: Any, agreement: str) -> dict[str, Any]:
    found: dict[str, Any] = actor.federation.ledger.heads(agreement)
    return found


@pytest.mark.parametrize("rolled_to", [3, 0], ids=["an older lane", "before the lane"])
def test_all_of_the_lost_tail_comes_back(each_world: Any, rolled_to: int) -> None:
    a, b, agreement = each_world.pair()
    a.publish(agreement, contents(2, "early"))
    a.publish(agreement, contents(2500, "late"))
    b.sync(a)
    (lane,) = a.own_lanes()
    signed = heads(a, agreement)
    got = list(b.got)
    roll_back(a, lane.origin, rolled_to)
    a.close()
    a.open(ask_peers=True)
    assert a.own_lanes() == [] or a.own_lanes()[0].state == "closed"
    a.sync(b)
    (back,) = a.own_lanes()
    assert (back.origin, back.size, back.signed_size, back.state) == (lane.origin, 2503, 2503, "closed")
    assert heads(a, agreement) == signed, "the same root: nothing is missing"
    assert [(each.party, each.size) for each in back.confirmations] == [(b.party, 2503)]
    well(a)
    a.publish(agreement, contents(2, "after"))
    b.sync(a)
    assert b.got == [*got, *contents(2, "after")], "and nobody got anything twice"
    assert alarms(b) == [] and alarms(a) == []
    states = {each.origin: each for each in b.federation.ledger.list_lanes() if each.author == a.party}
    assert states[lane.origin].state == "closed" and "lost" not in states[lane.origin].note
    well(b)
    # Who had less gets the tail from us again, in the old epoch.
    c_sees = a.federation.serving.headers(b.party, lane.tag, 3)
    assert c_sees.headers[-1].index >= 1000
    assert len(a.federation.ledger.list_given(party=b.party).lines) > 3


def test_what_a_revoked_key_signed_beyond_its_cut_is_not_taken_for_ours(
    world: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever stole a key of ours may sign a tail, and a partner may hold it: it does not come back as ours."""
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2, "ours"))
    a.publish(agreement, contents(3, "theirs"))
    b.sync(a)
    (lane,) = a.own_lanes()
    roll_back(a, lane.origin, 3)
    home = a.people.home()
    with a.store.read() as reader:
        held = rows.find_lane(reader, origin=lane.origin)
        kept = rows.find_checkpoint(reader, held.id, 3)
    now = a.people._clock()
    said = KeyStatement(
        party=a.party,
        revoked=home.card.node,
        after=(Cut(lane.origin, 3, kept.root),),
        serial=now,
        issued=now // SECOND * SECOND,
    )
    note = render_statement(said, a.ring.require_root())
    a.store.write(lambda tx: a.federation.admission.keys.keep(tx, note, said))
    with caplog.at_level(logging.WARNING):
        a.sync(b)
    assert "is not taken back" in caplog.text and "up to 3 entries" in caplog.text
    (after,) = a.own_lanes()
    assert (after.size, after.state) == (3, "open")


def test_a_live_node_takes_back_what_a_receipt_tells_of(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2, "early"))
    a.publish(agreement, contents(3, "late"))
    b.sync(a)
    (lane,) = a.own_lanes()
    a.sync(b)
    roll_back(a, lane.origin, 3)
    b.sync(a)
    b.sync(a)
    assert a.own_lanes()[0].state == "closed"
    assert a.federation.links._dialogue.asked_back == set(), "asked again at the next exchange"
    a.sync(b)
    assert a.own_lanes()[0].size == 6 and alarms(b) == []


def test_a_database_that_does_not_know_what_the_guard_has_seen_continues_nothing(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(1, "first epoch"))
    (first,) = a.own_lanes()
    a.lanes.discovered_rollback(first.origin, "for the test")
    a.publish(agreement, contents(1, "second epoch"))
    b.sync(a)
    second = next(lane for lane in a.own_lanes() if lane.origin != first.origin)
    roll_back(a, second.origin, 0)
    roll_back(a, first.origin, 2)
    a.close()
    a.open()
    (only,) = a.own_lanes()
    assert only.state == "closed", "its partners would refuse what follows: they know of a later epoch"
    a.publish(agreement, contents(1, "third epoch"))
    a.close()
    a.open()
    assert [lane.state for lane in a.own_lanes()] == ["closed", "open"], "an epoch is not opened at every start"
    b.sync(a)
    a.sync(b)
    a.publish(agreement, contents(1, "fourth"))
    b.sync(a)
    assert b.got[-2:] == [*contents(1, "third epoch"), *contents(1, "fourth")] and alarms(b) == []
    assert {lane.origin for lane in a.own_lanes()} >= {first.origin, second.origin}
    assert sum(lane.state == "open" for lane in a.own_lanes()) == 1
    well(a)
    well(b)


def test_what_we_had_erased_is_erased_again(world: Any) -> None:
    a, b, agreement = world.pair()
    numbers = a.publish(agreement, [b"one", b"canary"])
    b.sync(a)
    (lane,) = a.own_lanes()
    with a.store.read() as reader:
        held = rows.list_entries(reader, 1, 2, 3)[0]
    a.store.write(lambda tx: erase_bodies(tx, a.lanes, numbers[1:], ()))
    a.lanes.append_waiting()
    b.sync(a)
    roll_back(a, lane.origin, 3)
    a.store.write(
        lambda tx: tx.execute(
            "UPDATE lane_entry SET salt = ?, body = ?, state = 0 WHERE place = ?",
            (held.salt, held.body, place_of(1, 2)),
        )
    )
    a.close()
    a.open(ask_peers=True)
    a.sync(b)
    with a.store.read() as reader:
        assert [each.state for each in rows.list_entries(reader, 1, 0, 9)] == [0, 0, rows.ERASED, 0]


def test_what_was_given_is_regained_where_it_was_lost(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2, "early"))
    a.publish(agreement, contents(3, "late"))
    b.sync(a)
    (lane,) = a.own_lanes()
    seen: list[bytes] = []

    def regain(tx: Any, deliveries: Any) -> list[KoupreyError | None]:
        seen.extend(each.content for each in deliveries)
        assert {each.author for each in deliveries} == {a.party}
        return [None] * len(deliveries)

    roll_back(a, lane.origin, 3)
    a.close()
    a.open(ask_peers=True)
    a.federation.recovery._regained = {next(iter(a.federation.admission._applier._receivers)): regain}
    a.sync(b)
    assert seen == contents(3, "late")


@pytest.mark.parametrize("lie", ["headers", "bodies", "held"])
def test_a_partner_that_lies_about_our_past_changes_nothing(world: Any, lie: str) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2, "early"))
    a.publish(agreement, contents(3, "late"))
    b.sync(a)
    (lane,) = a.own_lanes()
    roll_back(a, lane.origin, 3)
    a.close()
    a.open(ask_peers=True)
    before = a.own_lanes()

    def twist(url: str, answer: Answer) -> Answer:
        part = url.partition("?")[0].rpartition("/")[2]
        if part != lie or answer.status != 200:
            return answer
        body = answer.body.replace(b'"size":6', b'"size":9') if lie == "held" else answer.body[:-1] + b"\x00"
        return Answer(answer.status, answer.headers, body, answer.url)

    world.wire.twist = twist
    if lie == "held":
        a.sync(b)
        assert a.own_lanes()[0].size == 6, "what it really holds is taken, and no more"
    else:
        with pytest.raises(KoupreyError):
            a.sync(b)
        assert a.own_lanes() == before
        world.wire.twist = lambda url, answer: answer
        a.federation.links._dialogue.asked_back.clear()
        a.sync(b)
        assert a.own_lanes()[0].size == 6
    well(a)


def test_nobody_else_is_told_what_we_hold_of_an_author(world: Any) -> None:
    a, b, agreement = world.pair()
    c = world.actor("neighbour.example")
    world.acquaint(a, c)
    world.acquaint(b, c)
    a.publish(agreement, contents(2))
    b.sync(a)
    (lane,) = a.own_lanes()
    assert b.federation.serving.held_of(c.party).lanes == () and b.federation.serving.held_of(c.party).receipts == ()
    for call in ("checkpoint", "headers"):
        with pytest.raises(KoupreyError) as refused:
            getattr(b.federation.serving, call)(c.party, lane.tag, *([0] if call == "headers" else []))
        assert refused.value.code == "unknown-lane"


def test_what_only_one_partner_had_heard_of_us_the_others_hear_after_a_restore(world: Any) -> None:
    """A suspension told to one of two before the database was lost comes back from him, and reaches the other."""
    a, b, c = (world.actor(f"{name}.example") for name in ("ministry", "operator", "neighbour"))
    world.acquaint(a, b, c)
    agreement = world.agree(a, b, c)
    a.agreements.suspend(agreement, suspended=True, by="test")
    a.settle()
    a.sync(b)
    for table in ("agreement_notice", "paper_outgoing"):
        a.store.write(lambda tx, table=table: tx.execute(f"DELETE FROM {table}"))
    a.store.write(bump_policy_epoch)
    a.close()
    a.open()
    assert not a.agreements.standings()[agreement].suspended_by
    a.sync(b)
    assert a.agreements.standings()[agreement].suspended_by == (a.party,)
    a.settle()
    a.sync(c)
    assert c.agreements.standings()[agreement].suspended_by == (a.party,)


def test_what_we_had_signed_reaches_all_although_we_forgot_it(world: Any) -> None:
    """A version that we signed and only one partner had comes back from him, and goes to the other."""
    a, b, c = (world.actor(f"{name}.example") for name in ("ministry", "operator", "neighbour"))
    world.acquaint(a, b, c)
    agreement = world.agree(a, b, c)
    terms = Terms(tlp_ceiling="green")
    a.agreements.draft("Second", [b.party, c.party], terms, starts=wall_clock() - 10**7, amends=agreement, by="test")
    a.agreements.sign(agreement, by="test")
    a.settle()
    a.sync(b)
    a.store.write(lambda tx: tx.execute("DELETE FROM agreement_version WHERE number = 2"))
    a.store.write(lambda tx: tx.execute("DELETE FROM paper_outgoing"))
    a.store.write(bump_policy_epoch)
    a.close()
    a.open()
    a.sync(b)
    a.settle()
    a.sync(c)
    assert [version.signers for version in c.agreements.list_versions(agreement)][-1] == (a.party,)
