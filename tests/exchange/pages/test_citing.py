"""Grounds are told with the clause and the agreement they rest on, and with parties by their names."""

from __future__ import annotations

from typing import Any

from kouprey.agreements.model.citing import spoken
from kouprey.exchange.pages.citing import Cited, Citing
from kouprey.kernel.web.language import current, load_languages, use
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


def test_a_ground_that_was_kept_in_one_line_is_told_in_the_readers_language(desk: Any, agreed: str) -> None:
    cite = Citing(desk.people)
    ground = Reason("agreement", "TLP:GREEN sighting is within the ceiling TLP:AMBER.", agreed, "2", "Talks")
    assert cite.kept(spoken(ground)) == spoken(ground)
    assert cite.kept("Because I say so.") == "Because I say so."
    before = current()
    use(load_languages(["kouprey.kernel.web", "kouprey.agreements", "kouprey.exchange"])["km"])
    try:
        told = cite.kept(spoken(ground))
        assert "sighting" not in told and "So says" not in told and "Highest marking" not in told
        assert all(each in told for each in ("TLP:GREEN", "ការប្រទះឃើញ", "TLP:AMBER", "2", "“Talks”"))
        released = "TLP:AMBER goes only when 1 of the role liaison released it; then by the lane."
        assert "មន្ត្រីទំនាក់ទំនង" in cite.say(released) and "liaison" not in cite.say(released)
    finally:
        use(before)
