"""What the graph tells programs, and what the picture is drawn from."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from kouprey.node.fiction import stix_id

Desk = Any
"""What conftest builds."""


def thing(kind: str, name: str, **values: Any) -> dict[str, Any]:
    times = {"created": "2026-10-01T00:00:00.000Z", "modified": "2026-10-01T00:00:00.000Z"}
    return {"type": kind, "spec_version": "2.1", "id": stix_id(kind, name), "name": name, **times, **values}


def test_relationships_are_called_by_what_they_tie(desk: Desk) -> None:
    """Not by the ids of their ends; an end that is no text is none."""
    lantern, wick = thing("campaign", "Paper Lantern"), thing("tool", "Wick")
    tie = thing("relationship", "tie", relationship_type="tied-to", source_ref=lantern["id"], target_ref=wick["id"])
    odd = thing("sighting", "odd", sighting_of_ref=[lantern["id"]])
    seen = thing("sighting", "seen", sighting_of_ref=wick["id"])
    desk.keep(lantern, wick, tie, odd, seen)
    ids = [("id", each["id"]) for each in (lantern, wick, tie, odd, seen)]
    told = desk.client().get(f"/graph?{urlencode(ids)}")
    assert told.status_code == 200, told.text
    titles = {each["id"]: each["title"] for each in told.json()["objects"]}
    assert titles[tie["id"]] == "Paper Lantern tied to Wick"
    assert titles[seen["id"]] == "Wick" and odd["id"] in titles
