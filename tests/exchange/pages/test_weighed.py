"""The panels of an object's page: differences, assertions, comments, and what it is worth."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.pages import weighed
from kouprey.kernel.words.tlp import TLP
from kouprey.node import fiction
from kouprey.people.model import Role

CANARY = fiction.CANARY
KEYS = st.text("abc.é ", max_size=4)
VALUES = st.dictionaries(
    KEYS, st.integers(0, 2) | st.text("ab\u202e", max_size=5) | st.lists(st.booleans()), max_size=4
)


@given(VALUES, VALUES)
def test_a_difference_is_shown_exactly_where_there_is_one(left: dict[str, object], right: dict[str, object]) -> None:
    rows = weighed.differences(msgspec.json.encode(left), msgspec.json.encode(right))
    assert (rows == []) == (left == right)
    assert all(row.tone in ("changed", "added", "removed") for row in rows)
    assert all(row.left != row.right for row in rows if row.tone == "changed" and "U+" not in row.left + row.right)


def test_a_large_difference_ends() -> None:
    left = {f"p{number}": "x" * 100_000 for number in range(1_000)}
    right = {f"q{number}": "y" for number in range(1_000)}
    rows = weighed.differences(msgspec.json.encode(left), msgspec.json.encode(right))
    assert len(rows) == weighed.MOST_ROWS
    assert max(len(row.left) for row in rows) <= weighed.LONGEST_VALUE + 2


def test_who_says_what_and_why_one_is_served(desk: Any) -> None:
    ours = desk.thing("campaign", "Paper Lantern", confidence=85, created_by_ref=desk.identity, labels=["a", "b"])
    desk.take(desk.thing("identity", "Us", id=desk.identity), ours, name="ours.json")
    desk.take({**ours, "confidence": 15, "labels": ["b"]}, name="theirs.json")
    reader = desk.visitor(Role.ANALYST)
    text = reader.text(f"/intelligence/{ours['id']}")
    assert "85 · high" in text and "15 · low" in text and "from its author" in text
    assert "it is its author&#39;s" in text and "<code>labels.[0]</code>" in text and "<code>confidence</code>" in text
    assert "Sources state from 15 to 85 of 100" in text
    desk.assert_harmless(text)


def test_two_versions_are_compared(desk: Any) -> None:
    old = desk.thing("campaign", "Paper Lantern", description="We said this.")
    desk.take(old, {**old, "modified": "2026-11-01T00:00:00.000Z", "description": "We say that."})
    reader = desk.visitor(Role.ANALYST)
    (link,) = [each for each in desk.links(reader.text(f"/intelligence/{old['id']}")) if "/compare?" in each]
    text = reader.text(link)
    assert "We said this." in text and "We say that." in text and "<code>modified</code>" in text
    desk.assert_harmless(text)
    path = f"/intelligence/{old['id']}/compare"
    assert reader.get(f"{path}?older=1&newer=2").status_code == 404 and reader.get(path).status_code == 404


def test_nothing_hidden_stands_on_any_of_these(desk: Any, secrets: list[str]) -> None:
    target = desk.thing("campaign", "Paper Lantern")
    desk.take(
        {**target, "modified": "2026-11-01T00:00:00.000Z"},
        desk.marked("campaign", f"{CANARY} twin", "red", aliases=["Paper Lantern"]),
        desk.marked("opinion", CANARY, "red", object_refs=[target["id"]], opinion="disagree", explanation=CANARY),
        {
            **target,
            "modified": "2026-10-01T00:00:00.000Z",
            "name": CANARY,
            "object_marking_refs": [fiction.TLP_MARKING["red"]],
        },
    )
    twin, path = fiction.stix_id("campaign", f"{CANARY} twin"), f"/intelligence/{target['id']}"
    lead = desk.visitor(Role.LEAD)
    assert lead.post(f"{path}/merge", into=twin, because=f"{CANARY} is it.").status_code == 303
    everything = lead.text(path)
    assert "Taken for the same" in everything and "Opinions" in everything and "seen 77 times" in everything
    low = desk.visitor(Role.LEAD, clearance=TLP.GREEN)
    text = low.text(path)
    for hidden in (CANARY, twin, "77 times", "Taken for the same", "Perhaps the same", "Opinions", "in vain"):
        assert hidden not in text.partition("<main")[2], hidden
    for link in [each for each in desk.links(text) if "/compare?" in each]:
        assert CANARY not in low.text(link)
    older = [each for each in desk.links(everything) if "/compare?" in each][-1]
    assert low.get(older).status_code == 404
