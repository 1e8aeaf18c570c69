"""The rows of hand-offs on both engines: kept once, in the order in which they came, and told as far as seen."""

from __future__ import annotations

from typing import Any

from kouprey.response.model import Verb
from kouprey.response.store import handoffs as rows


def test_a_message_is_kept_once_and_in_order(neighbours: Any, pair: Any) -> None:
    a, b, agreement = pair
    handoff = a.ask(agreement, b)
    a.say(handoff, Verb.WITHDRAW)
    with a.store.read() as reader:
        kept = rows.list_messages(reader, handoff)
        assert [each.verb for each in kept] == ["request", "withdraw"] and rows.count_messages(reader, handoff) == 2
        assert kept[0].position < kept[1].position and not kept[0].erased
        assert rows.find(reader, "0" * 64) is None
        assert rows.list_in_entries(reader, "none", [0]) == []
    assert a.store.write(lambda tx: rows.add_message(tx, kept[0])) is False


def test_lists_put_what_is_due_first_and_what_is_over_last(neighbours: Any, pair: Any) -> None:
    a, b, agreement = pair
    late = a.ask(agreement, b, title="Late", report_within_s=0)
    a.ahead = -600
    early = a.ask(agreement, b, title="Early")
    over = a.ask(agreement, b, title="Over")
    a.say(over, Verb.WITHDRAW)
    a.ahead = 0
    eyes = (a.agreements.profile(a.reader()), a.now())
    with a.store.read() as reader:
        listed = rows.list_seen(reader, eyes, lawful=True, limit=10)
        assert [line.id for line in listed] == [early, late, over]
        assert [line.id for line in rows.list_seen(reader, eyes, lawful=True, ended=True, limit=10)] == [over]
        assert [line.id for line in rows.list_seen(reader, eyes, lawful=True, asked=b.party, limit=1)] == [early]
        assert not rows.list_seen(reader, eyes, lawful=True, asking=b.party, limit=9)
        assert not rows.list_seen(reader, eyes, lawful=True, exercise=True, limit=9)
        assert rows.list_running(reader) == [early, late]


def test_a_warning_is_written_once(neighbours: Any, pair: Any) -> None:
    a, b, agreement = pair
    handoff = a.ask(agreement, b)
    told = [a.store.write(lambda tx: rows.add_warning(tx, handoff, "decide", 50, 1)) for _ in range(2)]
    assert told == [True, False]
    with a.store.read() as reader:
        assert rows.list_warnings(reader, [handoff]) == {handoff: {"decide": 50}}
