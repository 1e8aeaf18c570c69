"""The overview: what is new, what is held, what needs somebody, and what to do first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kouprey.agreements.model import Terms
from kouprey.kernel.words.time import format_instant, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.node import fiction
from kouprey.people.model import Role

CANARY = fiction.CANARY
MINISTRY = fiction.MINISTRY.party


def test_a_fresh_node_says_what_to_do_next(desk: Any) -> None:
    text = desk.visitor(Role.ANALYST).text("/")
    for step in ("Exchange cards", "Agree", "Import", "Nothing has come in yet"):
        assert step in text
    assert "/intelligence/import" in desk.links(text)
    assert "/intelligence/import" not in desk.links(desk.visitor(Role.AUDITOR).text("/")), "an auditor imports nothing"


def test_the_overview_tells_what_came_and_what_is_held(desk: Any, agreed: str) -> None:
    desk.take(*fiction.operator_findings(desk.identity), name="paper-lantern.json")
    desk.exchange.sight(fiction.stix_id("indicator", "server-1"), who=desk.exchange.operator(), by="operator", count=3)
    text = desk.visitor(Role.LEAD).text("/")
    assert "Sighting of Wick control server 1" in text
    assert "seen 3 times" in text
    assert "paper-lantern.json" in text
    assert "Ministry of Digital Affairs, Sovan" in text
    assert "Exchange cards" not in text
    fragment = desk.visitor(Role.LEAD).text("/overview/now")
    assert "<html" not in fragment and "Sighting of Wick control server 1" in fragment


def test_the_overview_says_what_needs_somebody(desk: Any, ministry: Callable[[], Any]) -> None:
    other = ministry()
    draft = other.agreements.draft(
        "A <b>protocol</b>", [fiction.OPERATOR.party], Terms(), starts=wall_clock(), by="test"
    )
    signed = other.agreements.sign(draft.agreement, by="test")
    desk.agreements.receive_note(signed.note, signed.document_bytes, by="test")
    text = desk.visitor(Role.LIAISON).text("/")
    assert "Sign an agreement" in text
    assert f"/agreements/{draft.agreement}" in desk.links(text)
    assert "A &lt;b&gt;protocol&lt;/b&gt;" in text


def test_the_overview_says_that_held_objects_follow_new_rules(desk: Any) -> None:
    desk.take(*fiction.operator_findings(desk.identity), name="paper-lantern.json")
    assert "follow new rules" not in desk.visitor(Role.LEAD).text("/")
    desk.exchange._store.write(lambda tx: tx.execute("UPDATE edition SET upto = 4, done = 1 WHERE kind = 'search'"))
    assert "25 % are judged" in desk.visitor(Role.LEAD).text("/")
    desk.exchange.renew()
    assert "follow new rules" not in desk.visitor(Role.LEAD).text("/")


def test_what_ends_soon_is_named_as_far_as_one_sees(desk: Any) -> None:
    soon = format_instant(wall_clock() + 86_400_000_000)
    desk.take(
        desk.thing("indicator", "Nearly over", valid_until=soon),
        desk.marked("indicator", fiction.CANARY, "red", valid_until=soon),
    )
    text = desk.visitor(Role.LEAD).text("/")
    assert "Ends within seven days" in text and text.count("in 1 day") == 2
    low = desk.visitor(Role.LEAD, clearance=TLP.GREEN).text("/")
    assert "in 1 day" in low and fiction.CANARY not in low
