"""The list: narrowed by its address, met once from end to end."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from kouprey.audit.service import Audit
from kouprey.kernel.words.tlp import TLP
from kouprey.node import fiction
from kouprey.people.model import Role

CANARY = fiction.CANARY
MINISTRY = fiction.MINISTRY.party


def test_the_list_is_narrowed_by_its_address(desk: Any) -> None:
    desk.take(
        desk.thing("malware", "Wick", is_family=True),
        desk.thing("tool", "Hammer"),
        desk.thing("campaign", "Paper Lantern"),
    )
    reader = desk.visitor(Role.ANALYST)
    assert set(desk.titles(reader.text("/intelligence"))) == {"Wick", "Hammer", "Paper Lantern"}
    assert set(desk.titles(reader.text("/intelligence?type=malware&type=tool"))) == {"Wick", "Hammer"}
    assert desk.titles(reader.text("/intelligence?q=lanTERN")) == ["Paper Lantern"]
    both = reader.text("/intelligence?type=malware&type=tool")
    assert "/intelligence?type=tool" in desk.links(both), "a chosen type is taken away by its chip"
    assert "/intelligence?type=malware&type=tool&type=campaign" in desk.links(both)
    assert "Nothing fits" in reader.text("/intelligence?q=nowhere")
    assert reader.get("/intelligence?collection=nowhere").status_code == 404


def test_every_object_is_met_once_going_down_and_again_going_up(desk: Any) -> None:
    names = [f"Server {number}" for number in range(120)]
    desk.take(*(desk.thing("infrastructure", name) for name in names))
    reader = desk.visitor(Role.ANALYST)
    path, met, last = "/intelligence?type=infrastructure", [], ""
    while path:
        text = reader.text(path)
        met += desk.titles(text)
        path, last = next((html.unescape(h) for h in re.findall(r'rel="next" href="([^"]*)"', text)), ""), path
    assert sorted(met) == sorted(names)
    path, back = last, []
    while path:
        answer = reader.get(path)
        if answer.status_code == 303:
            assert answer.headers["location"] == "/intelligence?type=infrastructure"
            break
        back.append(desk.titles(answer.text))
        path = next((html.unescape(h) for h in re.findall(r'rel="prev" href="([^"]*)"', answer.text)), "")
    assert [title for page in reversed(back) for title in page] == met[-len([t for p in back for t in p]) :]


@pytest.mark.parametrize("query", ["before=x", "before=-1", "after=99999999999999999999", "type=", "q=%00", "q=%25_!"])
def test_an_address_that_makes_no_sense_is_no_failure(desk: Any, query: str) -> None:
    desk.take(desk.thing("tool", "Hammer"))
    assert desk.visitor(Role.ANALYST).get(f"/intelligence?{query}").status_code in (200, 303)


def test_the_list_is_narrowed_to_what_has_findings(desk: Any) -> None:
    desk.take(desk.thing("campaign", "Odd", first_seen="yesterday"), desk.thing("campaign", "Even", description="d"))
    reader = desk.visitor(Role.ANALYST)
    text = reader.text("/intelligence?findings=must&type=campaign")
    assert desk.titles(text) == ["Odd"]
    assert "/intelligence?findings=must" in desk.links(text), "a chip keeps the filter"
    assert desk.titles(reader.text("/intelligence?findings=nonsense")) != []
    assert "breaks the standard" in text


def test_what_is_listed_can_be_downloaded(desk: Any, secrets: list[str]) -> None:
    desk.take(desk.thing("tool", "=cmd()"))
    reader = desk.visitor(Role.ANALYST, clearance=TLP.AMBER)
    links = [link for link in desk.links(reader.text("/intelligence?type=tool")) if "/export" in link]
    assert [re.search(r"format=(\w+)", link)[1] for link in links] == ["stix", "ndjson", "csv", "values"]  # type: ignore[index]  # each has a format
    for link in links:
        assert "type=tool" in link
        answer = reader.get(link)
        assert answer.status_code == 200 and "attachment" in answer.headers["content-disposition"]
        assert CANARY not in answer.text and "Paper Lantern" not in answer.text
        if "csv" in link:
            assert "'=cmd()" in answer.text
    for name in ("stix", "ndjson", "csv", "values"):
        everything = reader.text(f"/intelligence/export?format={name}")
        assert CANARY not in everything
    trail = [entry.action for entry in desk.node.services.get(Audit).read().lines]
    assert "intelligence.export" in trail and "intelligence.exported" in trail


def test_a_download_is_for_our_own_people_and_in_a_known_format(desk: Any) -> None:
    assert desk.visitor(Role.ANALYST).get("/intelligence/export?format=xlsx").status_code == 400
    assert desk.visitor(Role.ANALYST).get("/intelligence/export").status_code == 400
    assert desk.visitor(Role.ANALYST, local=False).get("/intelligence/export?format=csv").status_code == 403
