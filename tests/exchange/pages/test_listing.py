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
    links = [link for link in desk.links(reader.text("/intelligence?type=tool")) if "/export?" in link]
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
    trail = [entry.action for entry in desk.node.services.get(Audit).read(by="test").lines]
    assert "intelligence.export" in trail and "intelligence.exported" in trail


def test_a_download_is_for_our_own_people_and_in_a_known_format(desk: Any) -> None:
    assert desk.visitor(Role.ANALYST).get("/intelligence/export?format=xlsx").status_code == 400
    assert desk.visitor(Role.ANALYST).get("/intelligence/export").status_code == 400
    assert desk.visitor(Role.ANALYST, local=False).get("/intelligence/export?format=csv").status_code == 403


def test_every_filter_narrows_list_counts_and_download_alike(desk: Any) -> None:
    desk.take(desk.thing("tool", "Hammer"), desk.thing("malware", "Wick", revoked=True), name="one.json")
    desk.take(desk.marked("tool", "Saw", "amber"), name="two.json")
    reader = desk.visitor(Role.ANALYST)
    for words, expected in {
        "source=one.json": {"Hammer", "Wick"},
        "tlp=amber": {"Saw"},
        "tlp=green&source=two.json": set(),
        "revoked=yes": {"Wick"},
        "revoked=no&type=tool&source=one.json": {"Hammer"},
        "to=2020-01-01": set(),
        "from=2020-01-01&q=wick": {"Wick"},
        "conflict=yes": set(),
    }.items():
        text = reader.text(f"/intelligence?{words}")
        assert set(desk.titles(text)) == expected, words
        assert f"{len(expected)} object{'s fit' if len(expected) != 1 else ' fits'}" in text, words
        assert len(reader.text(f"/intelligence/export?format=ndjson&{words}").split("\n")) - 1 == len(expected), words


def test_counts_follow_the_other_filters_and_each_filter_can_be_removed(desk: Any) -> None:
    desk.take(desk.thing("tool", "Hammer"), desk.thing("tool", "Saw"), desk.thing("malware", "Wick"), name="one.json")
    desk.take(desk.marked("tool", "Vice", "amber"), name="two.json")
    reader = desk.visitor(Role.ANALYST)
    text = reader.text("/intelligence?type=tool&source=one.json")
    assert dict(re.findall(r'<bdi>(Tool|Malware)</bdi> <span class="num">(\d+)', text)) == {"Tool": "2", "Malware": "1"}
    assert dict(re.findall(r'<bdi>(\w+\.json)</bdi> <span class="num">(\d+)', text)) == {
        "one.json": "2",
        "two.json": "1",
    }
    assert re.findall(r'TLP:(\w+)</span> <span class="num">(\d+)', text) == [("GREEN", "2")]
    links = desk.links(text)
    assert "/intelligence?source=one.json" in links and "/intelligence?type=tool" in links
    nothing = reader.text("/intelligence?type=malware&source=two.json")
    ways = nothing.partition("Nothing fits")[2]
    assert "Something fits when you drop one" in ways
    assert {"/intelligence?source=two.json", "/intelligence?type=malware"} <= set(desk.links(ways))


def test_what_was_looked_for_is_marked_in_the_title_or_shown_in_its_place(desk: Any) -> None:
    desk.take(
        desk.thing("tool", "<i>Hammer</i>", description="heavy"),
        desk.thing("tool", "Saw", description="It is not a <b>hammer</b> at all."),
    )
    text = desk.visitor(Role.ANALYST).text("/intelligence?q=HAMMER")
    assert "&lt;i&gt;<mark>Hammer</mark>&lt;/i&gt;" in text
    assert "It is not a &lt;b&gt;<mark>hammer</mark>&lt;/b&gt; at all." in text


def test_from_any_page_there_is_a_way_to_the_newest(desk: Any) -> None:
    desk.take(*(desk.thing("tool", f"Tool {number}") for number in range(60)))
    reader = desk.visitor(Role.ANALYST)
    first = reader.text("/intelligence?type=tool")
    assert "To the newest" not in first and "Newest first" in first
    second = reader.text(next(html.unescape(h) for h in re.findall(r'rel="next" href="([^"]*)"', first)))
    assert "To the newest" in second and "/intelligence?type=tool" in desk.links(second)
    assert "Nothing further" in reader.text("/intelligence?before=1")
    empty = desk.visitor(Role.ANALYST, clearance=TLP.CLEAR).text("/intelligence")
    assert "Nothing here yet" in empty and 'name="q"' not in empty.partition("<main")[2]
