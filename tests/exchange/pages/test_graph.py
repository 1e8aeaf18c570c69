"""The page of the graph without a script: the same as a table, and a piece for the side of the picture."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from kouprey.exchange.model import Relation
from kouprey.exchange.pages.graph import said
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

HOSTILE = '"><img src=x onerror=alert(1)>\u202e'


def related(desk: Any) -> tuple[Any, Any]:
    """Two objects, one of which has a name that nobody should have, and a hidden third."""
    lantern, tool = desk.thing("campaign", "Paper Lantern"), desk.thing("tool", HOSTILE)
    secret = desk.marked("tool", "canary", "red")
    pairs = ((tool, "green", "uses"), (secret, "red", "canary-word"))
    desk.take(
        lantern,
        tool,
        secret,
        *(
            desk.marked("relationship", word, tlp, relationship_type=word)
            | {"source_ref": lantern["id"], "target_ref": other["id"]}
            for other, tlp, word in pairs
        ),
    )
    return lantern, tool


def test_the_table_says_what_is_related_as_far_as_one_sees(desk: Any) -> None:
    lantern, tool = related(desk)
    low = desk.visitor(Role.ANALYST, clearance=TLP.GREEN)
    text = low.text(f"/intelligence/{lantern['id']}/graph")
    desk.assert_harmless(text)
    assert "canary" not in text
    assert "uses →" in text and "onerror" in text
    assert (
        f"/intelligence/{tool['id']}" in text
        and f'data-from="/api/v1/graph?{urlencode([("id", lantern["id"])])}"' in text
    )
    whole = desk.visitor(Role.ANALYST).text(f"/intelligence/{lantern['id']}/graph")
    assert "canary word →" in whole


def test_several_begin_it_and_none_is_asked_for_one(desk: Any) -> None:
    lantern, tool = related(desk)
    visitor = desk.visitor(Role.ANALYST)
    text = visitor.text(f"/graph?{urlencode([('id', lantern['id']), ('id', tool['id']), ('id', 'malware--nothing')])}")
    assert "the 2 chosen objects" in text and "malware--nothing" not in text.partition("<main")[2]
    assert "No object is chosen" in visitor.text("/graph")
    assert visitor.get("/graph?id=malware--nothing").status_code == 404


def test_the_side_tells_what_an_object_says(desk: Any) -> None:
    lantern, tool = related(desk)
    text = desk.visitor(Role.ANALYST).text(f"/intelligence/{tool['id']}/graph?part=facts")
    assert "<html" not in text and 'class="tlp' in text and "<dl" in text
    desk.assert_harmless(text)
    hidden = desk.visitor(Role.ANALYST, clearance=TLP.CLEAR)
    assert hidden.get(f"/intelligence/{lantern['id']}/graph?part=facts").status_code == 404


def test_words_of_relations_are_spoken() -> None:
    words = {
        "object_refs": "is about",
        "sighting_of_ref": "sighting of",
        "attributed-to": "attributed to",
        "\u202ex": "⟨U+202E⟩x",
    }
    assert {word: said(Relation(source="", word=word, target="")) for word in words} == words
