"""Pages of shields as an officer decides by them."""

from __future__ import annotations

import re
from typing import Any

from kouprey.people.model import Role
from kouprey.protect.service import Protect
from kouprey.watch.model import Format
from kouprey.watch.service import Watch
from protect.conftest import Indicate
from readiness.pages.test_pages import Person
from watch.lines import dns


def test_from_the_empty_page_to_going_back(programs: Any, protect: Protect, watch: Watch, indicate: Indicate) -> None:
    officer, analyst = Person(programs, Role.DUTY_OFFICER), Person(programs, Role.ANALYST)
    assert "No shield yet" in analyst.get("/protect") and "Make it" not in analyst.get("/protect")
    wish = {"names": "yes", "addresses": "yes", "tlp": "amber"}
    assert "cannot be the name" in officer.post("/protect/new", at="/protect", name="A b", **wish).text
    assert "That is no level" in officer.post("/protect/new", at="/protect", name="edge", tlp="x", names="yes").text
    made = officer.post("/protect/new", at="/protect", name="edge", title="The <b>order", growth="50", **wish).text
    assert "The shield is there" in made and "The &lt;b&gt;order" in made and "Nothing was made of it yet" in made
    indicate("[domain-name:value = 'evil.example']")
    indicate("[domain-name:value = '-b.example']")
    indicate("[ipv4-addr:value = '8.8.8.8']")
    watch.add_source(watch.operator(), "zeek", Format.ZEEK, by="test")
    watch.take(watch.operator(), "zeek", dns("www.evil.example", "fine.example"))
    page = officer.post("/protect/edge/compile", at="/protect/edge").text
    assert "A list awaits your approval" in page and "It is the first list of this shield." in page
    assert "What comes would have blocked more" in page and "www.evil.example" in page
    assert "Release it" not in analyst.get("/protect/edge")
    serial = re.search(r'name="serial" value="(\d+)"', page)
    assert serial is not None
    assert (
        "A reason is needed"
        in officer.post("/protect/edge/decide", at="/protect/edge", serial=serial[1], do="refuse").text
    )
    done = officer.post("/protect/edge/decide", at="/protect/edge", serial=serial[1], do="approve").text
    assert "The list is in force." in done and "names.txt" in done and "rndc reload edge.rpz" in done
    listed = analyst.get("/protect/edge/entries?text=EVIL")
    assert "evil.example" in listed and "indicator--" not in listed.split("<tbody>")[1].replace(
        "/intelligence/indicator--", ""
    )
    assert "It lists nothing like that" in analyst.get("/protect/edge/entries?text=none")
    left = analyst.get("/protect/edge/left")
    assert "8.8.8.8" in left and "-b.example" in left and "not writable" in left
    assert "8.8.8.8" not in analyst.get("/protect/edge/left?why=unsafe")
    first = protect.standing(protect.operator(), "edge").current
    assert first is not None
    indicate("[domain-name:value = 'more.example']")
    assert "up to date" in officer.post("/protect/edge/compile", at="/protect/edge").text
    back = officer.post("/protect/edge/rollback", at="/protect/edge", serial=str(first.serial), reason="Mail").text
    assert (
        "The earlier list is in force again" in back and "No new values are added" in back and "Go back to it" in back
    )
    assert "New values are added again." in officer.post("/protect/edge/resume", at="/protect/edge").text
    outlet = officer.post("/protect/edge/outlets", at="/protect/edge", title="First name server").text
    assert "The secret of the device" in outlet and "First name server" in analyst.get("/protect/edge")
    assert "The secret of the device" not in analyst.get("/protect/edge")
    end = re.search(r"/protect/edge/outlets/[^/]+/end", outlet)
    assert end is not None and "fetches nothing any more" in officer.post(end[0], at="/protect/edge").text
    assert "out of bounds" in officer.post("/protect/edge", at="/protect/edge", growth="9999").text
    assert "no number" in officer.post("/protect/edge", at="/protect/edge", growth="x").text
    assert "The shield was changed." in officer.post("/protect/edge", at="/protect/edge", growth="30").text
    retired = officer.post("/protect/edge", at="/protect/edge", retired="yes").text
    assert "This shield is retired" in retired and "Undo" in retired
    assert analyst.post("/protect/edge/compile", at="/protect/edge").status_code == 403
    assert Person(programs, Role.POLICY).client.get("/protect").status_code == 403


def test_values_that_people_decide_of(programs: Any) -> None:
    officer, analyst = Person(programs, Role.DUTY_OFFICER), Person(programs, Role.ANALYST)
    assert "Nothing was decided" in analyst.get("/protect/allowed")
    assert "A reason is needed" in officer.post("/protect/allowed", at="/protect/allowed", text="gov.example").text
    done = officer.post("/protect/allowed", at="/protect/allowed", text="gov.example", reason="The state").text
    assert "It holds from the next list on." in done and "<h2>Never blocked</h2>" in done
    assert "<h2>Blocked in spite of a warning</h2>" not in done
    other = officer.post(
        "/protect/allowed", at="/protect/allowed", text="github.com", reason="Bad page", insists="yes"
    ).text
    spared, insisted = other.split("<h2>Blocked in spite of a warning</h2>")
    assert "gov.example</bdi>" in spared and "github.com</bdi>" not in spared
    assert "github.com</bdi>" in insisted and "gov.example</bdi>" not in insisted
    gone = officer.post("/protect/allowed/remove", at="/protect/allowed", text="gov.example").text
    assert "gov.example</bdi>" not in gone
    asked = officer.get("/protect/allowed?text=a.example&insists=yes")
    assert 'value="a.example"' in asked and '<option value="yes" selected>' in asked
