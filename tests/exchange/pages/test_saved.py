"""Saved searches as people use them: kept from the list, opened with what is new, shared, renamed, deleted, undone."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from kouprey.kernel.words.tlp import TLP
from kouprey.node import fiction
from kouprey.people.model import Role

PATH = "/intelligence/searches"
CANARY = fiction.CANARY
PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "javascript:alert(1)",
    "{{ 7*7 }}${7*7}",
    "\u202egnp.exe",
    "<b>*",
]


def hidden(text: str, name: str) -> str:
    return html.unescape(re.findall(rf'name="{name}" value="([^"]*)"', text)[0])


def save(reader: Any, address: str, name: str, **more: str) -> str:
    """Saved as the form of the list would send it; where the answer leads."""
    text = reader.text(address)
    answer = reader.post(PATH, name=name, search=hidden(text, "search"), looked=hidden(text, "looked"), **more)
    assert answer.status_code == 303
    return str(answer.headers["location"])


def test_from_the_list_to_what_is_new_and_back_to_nothing_new(desk: Any) -> None:
    desk.take(desk.thing("tool", "Hammer one"), desk.thing("malware", "Hammer two"))
    reader = desk.visitor(Role.ANALYST)
    place = save(reader, "/intelligence?q=hammer&type=tool", "Hammers & tongs")
    assert place.startswith("/intelligence?type=tool&q=hammer&saved=")
    text = reader.text(place)
    assert "Hammers &amp; tongs" in text and "new hit" not in text and "Save this search" not in text
    desk.take(desk.thing("tool", "Hammer three"), desk.thing("tool", "Saw"))
    assert "1 new</span>" in reader.text("/intelligence")
    text = reader.text(place)
    assert "1 new hit since you last looked" in text
    assert re.search(r"Hammer</mark> three.*?new", text) and desk.titles(text) == ["Hammer three", "Hammer one"]
    desk.take(desk.thing("tool", "Hammer four"))
    form = next(link for link in desk.links(text) if link.endswith("/looked"))
    assert reader.post(form, looked=hidden(text, "looked")).headers["location"] == place
    assert "1 new hit since you last looked" in reader.text(place), "what came after the page was not seen on it"
    assert "new hit" not in reader.text("/intelligence?q=hammer&saved=" + place.rpartition("=")[2])


def test_rename_share_delete_and_undo(desk: Any) -> None:
    desk.take(desk.thing("tool", "Hammer"))
    reader, other = desk.visitor(Role.ANALYST), desk.visitor(Role.ANALYST)
    place = save(reader, "/intelligence?q=hammer", "Hammers")
    one = f"{PATH}/{place.rpartition('=')[2]}"
    assert "No saved search yet" in other.text(PATH)
    assert reader.post(f"{one}/change", name="Tools", shared="yes").status_code == 303
    text = other.text(PATH)
    assert "Tools" in text and "/change" not in text and "Words: <bdi>hammer</bdi>" in text
    assert other.post(f"{one}/delete").status_code == 403
    assert other.post(f"{one}/change", name="Mine").headers["location"] == PATH
    gone = reader.post(f"{one}/delete").headers["location"]
    assert "No saved search yet" in other.text(PATH) and "Tools" not in reader.text("/intelligence")
    back = next(link for link in desk.links(reader.text(gone)) if link.endswith("/restore"))
    assert other.post(back).status_code == 303 and "No saved search yet" in other.text(PATH)
    reader.post(back)
    assert "Tools" in other.text(PATH)
    assert reader.post(f"{PATH}/none/delete").status_code == 404


def _notice(reader: Any, answer: Any) -> str:
    found = re.search(r'<div class="notice (\w+)"', reader.text(answer.headers["location"]))
    return found[1] if found else ""


def test_a_name_that_is_no_name_is_said_where_one_stands(desk: Any) -> None:
    desk.take(desk.thing("tool", "Hammer"))
    reader = desk.visitor(Role.ANALYST)
    for name in (" ", "x" * 81):
        assert _notice(reader, reader.post(PATH, name=name, search="q=hammer")) == "bad"
    save(reader, "/intelligence?q=hammer", "Hammers")
    assert _notice(reader, reader.post(PATH, name="Hammers", search="q=hammer")) == "bad"


def test_a_shared_search_tells_each_only_of_what_they_may_see(desk: Any, secrets: list[str]) -> None:
    high, low = desk.visitor(Role.ANALYST), desk.visitor(Role.ANALYST, clearance=TLP.GREEN)
    place = save(high, f"/intelligence?q={CANARY}", "Watch", shared="yes")
    text = low.text(place)
    assert desk.titles(text) == [] and "new hit" not in text
    assert "0 objects fit" in text and "TLP:RED" not in text and "open.json" not in text
    desk.take(desk.marked("tool", f"{CANARY} more", "red"))
    assert "1 new</span>" in high.text("/intelligence") and " new</span>" not in low.text("/intelligence")
    assert ">0</td>" in low.text(PATH) and ">1</td>" in high.text(PATH)


def test_facets_and_ways_out_tell_nothing_of_what_is_hidden(desk: Any, secrets: list[str]) -> None:
    desk.take(desk.marked("tool", f"{CANARY} alone", "red"), name=f"{CANARY}.json")
    low = desk.visitor(Role.ANALYST, clearance=TLP.GREEN)
    for address in (
        "/intelligence",
        "/intelligence?type=tool",
        "/intelligence?type=tool&revoked=no",
        "/intelligence?tlp=red&type=tool",
        "/intelligence?from=2020-01-01&conflict=yes",
    ):
        text = low.text(address)
        assert CANARY not in text, address
        assert "TLP:RED" not in text or "tlp=red" in address, address
    hidden_ = low.text("/intelligence?tlp=red&type=tool")
    assert re.findall(r'Tool</bdi> <span class="num">(\d+)', hidden_) == ["0"]
    assert "when you drop one" not in hidden_


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_written_by_somebody_becomes_part_of_the_page(desk: Any, payload: str) -> None:
    desk.take(desk.thing("tool", payload, description=f"about {payload}"), name=f"{payload[:40].replace('/', '')}.json")
    reader = desk.visitor(Role.ANALYST)
    answer = reader.post(PATH, name=payload, search=f"q={payload}&source={payload}&collection=&type=tool")
    address = answer.headers["location"]
    for page in (address, PATH, "/intelligence", f"/intelligence?q={payload.split()[0]}"):
        answer = reader.get(page)
        assert answer.status_code in (200, 404), page
        # A filter comes back from the form as it was; nobody is shown it there.
        desk.assert_harmless(re.sub(r'<input type="hidden"[^>]*>', "", answer.text))
        assert "alert(1)</script>" not in answer.text and "<img" not in answer.text.partition("<main")[2]
        assert not [link for link in desk.links(answer.text) if link.lower().startswith("javascript:")]


def test_pages_of_saved_searches_are_for_our_own_people(desk: Any) -> None:
    stranger = desk.visitor(Role.ANALYST, local=False)
    assert stranger.get(PATH).status_code == 403
    assert stranger.post(PATH, name="x", search="q=x").status_code == 403
