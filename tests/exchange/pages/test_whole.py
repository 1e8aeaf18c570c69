"""The page of an object as a whole: bounded however much there is, with a way to everything, and harmless."""

from __future__ import annotations

import re
from typing import Any

from kouprey.exchange.pages.whole import REFERENCES_AT_ONCE
from kouprey.node import fiction
from kouprey.people.model import Role


def test_an_object_with_thousands_of_references_stays_small_and_turns_its_pages(desk: Any) -> None:
    things = [desk.thing("tool", f"tool {n}") for n in range(130)]
    far = [fiction.stix_id("tool", f"far {n}") for n in range(3_000)]
    report = desk.thing(
        "report",
        "Much",
        published="2026-10-27T00:00:00Z",
        description="Word. " * 3_000,
        object_refs=[*(each["id"] for each in things), *far],
        external_references=[{"source_name": f"source {n}", "url": f"https://s.example/{n}"} for n in range(500)],
    )
    desk.take(*things, report)
    reader = desk.visitor(Role.ANALYST)
    path = f"/intelligence/{report['id']}"
    text = reader.text(path)
    assert len(text.encode()) < 250_000
    assert "1 to 40 of 3,130 objects that it names" in text
    second = reader.text(f"{path}?named={REFERENCES_AT_ONCE}")
    assert things[50]["id"] in second.partition('id="says"')[2].partition("</section>")[0]
    assert "41 to 80 of 3,130" in second
    assert "1 to 40" in reader.text(f"{path}?named=999999") and "1 to 40" in reader.text(f"{path}?named=x")
    assert f"/intelligence/export?format=ndjson&q={report['id']}" in desk.links(text)


def test_the_navigation_leads_to_parts_that_are_there(desk: Any, agreed: str) -> None:
    desk.take(*fiction.operator_findings(desk.identity))
    reader = desk.visitor(Role.LEAD)
    for kind, name in (("indicator", "server-1"), ("report", "lantern-3"), ("note", "witness")):
        answer = reader.get(f"/intelligence/{fiction.stix_id(kind, name)}")
        if answer.status_code != 200:
            continue
        nav = answer.text.partition('class="on-page"')[2].partition("</nav>")[0]
        ids = re.findall(r'href="#([^"]+)"', nav)
        assert "says" in ids and "happened" in ids
        assert all(f'id="{each}"' in answer.text for each in ids), ids
        assert re.findall(r"<h[1-6]", answer.text) == re.findall(r"<h[1-3]", answer.text)
        desk.assert_harmless(answer.text)


def test_an_object_of_unknown_type_is_read_too(desk: Any) -> None:
    odd = desk.thing("x-made-up", "Odd", colour="red")
    desk.take(odd)
    assert "It says who or where" not in desk.visitor(Role.ANALYST).text(f"/intelligence/{odd['id']}")


def test_publishing_is_no_next_step_where_nobody_may_get_it(desk: Any, agreed: str) -> None:
    made, red = desk.thing("campaign", "Lantern"), desk.marked("campaign", "Secret", "red")
    desk.take(made, red)
    page = desk.visitor(Role.LEAD).text
    assert "Publish it" in page(f"/intelligence/{made['id']}")
    assert "Publish it" not in page(f"/intelligence/{red['id']}")
