"""Acting on many, as people do it: mark, review, do, undo; and what a role does not let one do is not offered."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import urlencode

import pytest

from kouprey.exchange.service import settling
from kouprey.kernel.words.tlp import TLP
from kouprey.node import fiction
from kouprey.people.model import Role

CANARY = fiction.CANARY


def _review(ids: list[str], do: str, **more: str) -> str:
    return "/intelligence/many?" + urlencode([*(("id", each) for each in ids), ("do", do), *more.items()])


def _fields(text: str) -> dict[str, str]:
    """The hidden fields of the form that does it."""
    form = text.partition('<form method="post" action="/intelligence/many"')[2].partition("</form>")[0]
    found = re.findall(r'type="hidden" name="([a-z]+)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in found if name != "csrf"}


def _followed(visitor: Any, answer: Any) -> str:
    """The page that comes after a form."""
    assert answer.status_code == 303, answer.text[:1000]
    text: str = visitor.text(answer.headers["location"])
    return text


def test_from_the_list_to_a_collection_and_back(desk: Any) -> None:
    feed = desk.exchange.create_collection("feed", title="Block list", by="test")
    things = [desk.thing("tool", name) for name in ("Hammer", "Saw", "Vice")]
    desk.take(*things)
    officer = desk.visitor(Role.DUTY_OFFICER, Role.LEAD)
    listed = officer.text("/intelligence?type=tool")
    assert listed.count('type="checkbox" name="id"') == 3 and "Put into a collection" in listed
    ids = [each["id"] for each in things[:2]]
    text = officer.text(_review(ids, "collect", type="tool"))
    assert "Nothing has happened yet" in text and "Do it with 2 objects" in text and "Block list" in text
    answer = officer.post("/intelligence/many", **_fields(text))
    assert answer.headers["location"] == "/intelligence?type=tool"
    done = _followed(officer, answer)
    assert "2 objects are in the collection now." in done
    assert set(desk.titles(officer.text(f"/intelligence?collection={feed.id}"))) == {"Hammer", "Saw"}
    undo = re.search(r'action="(/intelligence/many/[^"]+/undo)"', done)
    assert undo is not None
    back = officer.post(undo[1], back="/intelligence?type=tool")
    assert "Taken back for 2 objects." in _followed(officer, back)
    assert desk.titles(officer.text(f"/intelligence?collection={feed.id}")) == []
    again = officer.post(undo[1], back="/intelligence?type=tool")
    assert "taken back already" in _followed(officer, again)
    mine = officer.text("/intelligence/many")
    assert "Put into a collection: Block list" in mine and "Taking it back" in mine and "taken back" in mine


def test_what_is_not_done_is_said_with_its_ground(desk: Any) -> None:
    tool, host = desk.thing("tool", "Hammer"), desk.thing("domain-name", "x", value="a.example")
    desk.take(tool, host)
    analyst = desk.visitor(Role.ANALYST)
    text = analyst.text(_review([tool["id"], host["id"], "tool--0000"], "seen"))
    assert "STIX has no sightings of this kind" in text and "It is not held here, or you may not see it." in text
    assert "Do it with 1 object<" in text
    assert _fields(text)["ids"] == tool["id"], "only that with which it is done"


def test_all_hits_of_a_search_are_meant_by_one_mark(desk: Any) -> None:
    desk.take(*(desk.thing("tool", f"Tool {n}") for n in range(60)), desk.thing("malware", "Wick", is_family=True))
    analyst = desk.visitor(Role.ANALYST)
    text = analyst.text("/intelligence/many?type=tool&all=yes&do=note")
    assert "Do it with 60 objects" in text
    answer = analyst.post("/intelligence/many", **_fields(text), text="Looked at.")
    assert "60 notes are kept." in _followed(analyst, answer)
    assert "Nothing was chosen" in _followed(analyst, analyst.get("/intelligence/many?do=note"))


def test_what_is_hidden_is_neither_named_nor_touched(desk: Any, secrets: list[str]) -> None:
    low = desk.visitor(Role.ANALYST, clearance=TLP.AMBER)
    text = low.text(_review(secrets, "note"))
    assert CANARY not in text and "Objects to go on with</div>" in text.replace("\n", "")
    answer = low.post("/intelligence/many", do="note", ids=" ".join(secrets), text="x")
    done = _followed(low, answer)
    assert CANARY not in done and "It is not held here" in done
    assert low.get("/intelligence/many?all=yes&do=note").status_code == 200


def test_publishing_many_says_who_gets_what(desk: Any, agreed: str) -> None:
    tool, red = desk.thing("tool", "Hammer"), desk.marked("tool", "Red", "red")
    desk.take(tool, red)
    lead = desk.visitor(Role.LEAD)
    text = lead.text(_review([tool["id"], red["id"]], "publish"))
    assert "Who will get it" in text and fiction.MINISTRY.name in text
    assert "cannot be taken back" in text and "recall the object" in text
    answer = lead.post("/intelligence/many", **_fields(text))
    done = _followed(lead, answer)
    assert "1 object is published." in done and "/undo" not in done


def test_a_role_does_with_many_what_it_may_do_with_one(desk: Any) -> None:
    tool = desk.thing("tool", "Hammer")
    desk.take(tool)
    auditor = desk.visitor(Role.AUDITOR)
    assert 'name="id"' not in auditor.text("/intelligence")
    assert auditor.get(_review([tool["id"]], "note")).status_code == 403
    assert auditor.post("/intelligence/many", do="note", ids=tool["id"], text="x").status_code == 403
    analyst = desk.visitor(Role.ANALYST)
    assert "Hold: keep it from being erased" not in analyst.text("/intelligence")
    assert analyst.post("/intelligence/many", do="hold", ids=tool["id"], text="x").status_code == 403
    assert analyst.get(_review([tool["id"]], "nonsense")).status_code == 400
    assert analyst.get(_review([tool["id"]], "lift")).status_code == 400


def test_a_deed_that_goes_on_shows_how_far_it_is(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "STEP", 1)
    things = [desk.thing("tool", f"Tool {n}") for n in range(3)]
    desk.take(*things)
    analyst = desk.visitor(Role.ANALYST)
    real = desk.exchange.begin_deed
    monkeypatch.setattr(
        type(desk.exchange), "begin_deed", lambda self, who, act, ids, *, by: real(who, act, ids, by=by, seconds=0)
    )
    answer = analyst.post("/intelligence/many", do="note", ids=" ".join(each["id"] for each in things), text="x")
    url, text = answer.headers["location"], _followed(analyst, answer)
    assert "<progress" in text and "1 / 3" in text
    assert "<html" not in analyst.text(f"{url}/now")
    done = _followed(analyst, analyst.post(f"{url}/on"))
    assert "3 notes are kept." in done and "Undo" in done
    assert desk.visitor(Role.ANALYST, clearance=TLP.GREEN).get(url).status_code == 404, "it is its maker's alone"


def test_the_selection_is_exported(desk: Any) -> None:
    tool, saw = desk.thing("tool", "Hammer"), desk.thing("tool", "Saw")
    desk.take(tool, saw)
    reader = desk.visitor(Role.ANALYST)
    chosen = reader.text(f"/intelligence/export?format=csv&type=tool&id={saw['id']}")
    assert "Saw" in chosen and "Hammer" not in chosen
    whole = reader.text(f"/intelligence/export?format=csv&type=tool&id={saw['id']}&all=yes")
    assert "Saw" in whole and "Hammer" in whole


def test_the_height_of_rows_is_kept_and_stands_in_the_address(desk: Any) -> None:
    desk.take(desk.thing("tool", "Hammer"))
    reader = desk.visitor(Role.ANALYST)
    assert 'class="l-table comfortable"' in reader.text("/intelligence")
    assert 'class="l-table compact"' in reader.text("/intelligence?rows=compact")
    assert 'class="l-table compact"' in reader.text("/intelligence"), "it is kept in the browser"
    assert 'class="l-table comfortable"' in reader.text("/intelligence?rows=comfortable&type=tool")
