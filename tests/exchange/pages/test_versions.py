"""What changed from version to version, in words."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.pages.versions import changes
from kouprey.kernel.words.tlp import TLP
from kouprey.node import fiction
from kouprey.people.model import Role

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=300)
VALUES = st.dictionaries(
    st.sampled_from(["name", "labels", "x", "revoked", "valid_until"]),
    TEXT | st.booleans() | st.lists(st.text("abc", max_size=5), max_size=3),
)


def said(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (row.field, row.before, row.after) for row in changes(msgspec.json.encode(before), msgspec.json.encode(after))
    ]


def test_fields_in_words() -> None:
    assert said({"name": "a", "revoked": False}, {"name": "b", "revoked": True, "labels": ["x"]}) == [
        ("Labels", "", "x"),
        ("Name", "a", "b"),
        ("Revoked", "no", "yes"),
    ]
    assert said({"labels": ["a", "b"]}, {"labels": ["b", "c", "d"]}) == [("Labels", "a", "c; d")]
    assert said({"valid_until": "2026-01-01T00:00:00Z"}, {}) == [("Valid until", "2026-01-01 00:00:00 UTC", "")]
    assert said({"modified": "a"}, {"modified": "b"}) == []


def test_of_a_long_text_the_part_that_changed_is_shown() -> None:
    ((field, before, after),) = said(
        {"description": "x" * 500 + "old" + "y" * 500}, {"description": "x" * 500 + "new" + "y" * 500}
    )
    assert field == "Description" and "xold" in before and "xnew" in after
    assert before.startswith("… x") and before.endswith("y …") and len(before) < 200


@given(VALUES, VALUES)
def test_every_changed_field_is_named_once(before: dict[str, Any], after: dict[str, Any]) -> None:
    rows = said(before, after)
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert len({row[0] for row in rows}) == len(rows) == len(changed)
    assert all(len(row[1]) < 700 and len(row[2]) < 700 for row in rows)


def test_the_list_tells_changes_and_lets_any_two_be_chosen(desk: Any) -> None:
    first = desk.thing("campaign", "Lantern", description="One.")
    later = [{**first, "modified": f"2026-11-0{n}T00:00:00.000Z", "description": f"Word {n}."} for n in (1, 2, 3)]
    hidden = {**first, "modified": "2026-11-02T12:00:00.000Z", "description": fiction.CANARY}
    hidden["object_marking_refs"] = [fiction.TLP_MARKING["red"]]
    desk.take(first, *later, hidden)
    path = f"/intelligence/{first['id']}"
    text = desk.visitor(Role.ANALYST, clearance=TLP.GREEN).text(path)
    assert "<del" in text and "Word 2." in text and "Word 3." in text and fiction.CANARY not in text
    form = text.partition('class="two"')[2].partition("</form>")[0]
    assert form.count("<option") == 8, "each of four versions on either side"
    reader = desk.visitor(Role.ANALYST, clearance=TLP.GREEN)
    newest, oldest = "1793664000000000", "1793422800000000"
    assert f'value="{newest}"' in text and f'value="{oldest}"' in text
    told = reader.text(f"{path}/compare?older={newest}&newer={oldest}")
    assert told.index("One.") < told.index("Word 3."), "whichever way round, the older stands first"
