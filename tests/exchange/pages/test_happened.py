"""The timeline of an object: everything that happened, newest first, page by page, as far as one sees."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.pages.happened import AT_ONCE, Happened, turned
from kouprey.kernel.words.tlp import TLP
from kouprey.node import fiction
from kouprey.people.model import Role


@given(st.lists(st.integers(0, 6), max_size=80))
def test_pages_show_each_event_once(instants: list[int]) -> None:
    events = [Happened(at, str(n), "check") for n, at in enumerate(sorted(instants, reverse=True))]
    shown, place = [], ""
    while True:
        page = turned(events, place, False)
        shown += page.events
        assert len(page.events) <= AT_ONCE and page.all == len(events)
        if not page.older:
            break
        place = page.older
    assert shown == events


@given(st.text(max_size=30))
def test_any_place_is_answered(place: str) -> None:
    events = [Happened(at, "x", "check") for at in range(40, 0, -1)]
    assert turned(events, place, False).events


def test_everything_that_happened_is_told(desk: Any, agreed: str) -> None:
    made = desk.thing(
        "indicator", "Sign", pattern="[file:size = 1]", pattern_type="stix", valid_from="2026-10-27T00:00:00Z"
    )
    made["valid_until"] = "2026-11-01T00:00:00Z"
    desk.take(made, name="first.json")
    desk.take({**made, "description": "Another body."}, name="second.json")
    desk.take({**made, "modified": "2026-11-02T00:00:00.000Z", "revoked": True}, name="third.json")
    path = f"/intelligence/{made['id']}"
    lead = desk.visitor(Role.LEAD, Role.ANALYST)
    lead.post(f"{path}/sight", count="4", note="In the proxy.")
    lead.post(f"{path}/note", text="A word of ours.")
    lead.post(f"{path}/opinion", opinion="disagree", because="A scanner.")
    desk.exchange.publish(agreed, [made["id"]], by="operator")
    text = lead.text(path).partition('id="happened"')[2]
    for words in (
        "First received from first.json",
        "second.json says otherwise of the same version",
        "third.json brought its revocation",
        "has seen it 4 times",
        "In the proxy.",
        "A note of",
        "A word of ours.",
        ": disagree",
        f"Published to {fiction.MINISTRY.name}",
        "by the operator of this node",
    ):
        assert words in text, words
    assert text.index("Published to") < text.index("First received")


def test_only_what_one_may_see_has_happened(desk: Any, secrets: list[str]) -> None:
    path = f"/intelligence/{fiction.stix_id('campaign', 'Paper Lantern')}"
    low = desk.visitor(Role.ANALYST, clearance=TLP.AMBER).text(path)
    assert fiction.CANARY not in low and "1 event" in low and "has seen it" not in low
    assert "has seen it 77 times" in desk.visitor(Role.ANALYST).text(path)
