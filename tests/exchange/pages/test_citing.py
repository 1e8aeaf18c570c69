"""Grounds are told with the clause and the agreement they rest on, and with parties by their names."""

from __future__ import annotations

from typing import Any

from kouprey.exchange.pages.citing import Cited, Citing
from kouprey.kernel.words.decision import Reason
from kouprey.node import fiction

MINISTRY = fiction.MINISTRY


def test_a_ground_is_told_with_what_it_rests_on(desk: Any, agreed: str) -> None:
    cite = Citing(desk.people)
    reason = Reason("suspended", f"Suspended by {MINISTRY.party}.", agreed, "10", "Talks")
    assert cite(reason) == Cited(agreed, "Talks", "10", "Suspension")
    assert cite.in_words(reason) == f"Suspended by {MINISTRY.name}. (clause 10 (Suspension) of “Talks”)"
    assert cite(Reason("own-party", "We hold it.")) is None
    assert cite.in_words(Reason("own-party", "We hold it.")) == "We hold it."


def test_only_whole_ids_are_taken_for_parties(desk: Any, agreed: str) -> None:
    cite = Citing(desk.people)
    other = f"not-{MINISTRY.party} and {MINISTRY.party}.example"
    assert cite.say(other) == other
    assert cite.say(f"({MINISTRY.party})") == f"({MINISTRY.name})"
