"""Pages of the watch as an analyst sees them."""

from __future__ import annotations

from typing import Any

from kouprey.people.model import Role
from kouprey.watch.service import Watch
from readiness.pages.test_pages import Person
from watch.conftest import Indicate
from watch.lines import dns


def test_from_the_empty_page_to_a_sighting(programs: Any, watch: Watch, indicate: Indicate) -> None:
    officer, analyst = Person(programs, Role.DUTY_OFFICER), Person(programs, Role.ANALYST)
    empty = analyst.get("/watch")
    assert "No sensor sends yet" in empty and "kouprey watch follow suricata" in empty and "Add it" not in empty
    assert "cannot be the name" in officer.post("/watch/sources", at="/watch", name="a b", format="auto").text
    assert officer.post("/watch/sources", at="/watch", name="zeek", format="no").status_code == 400
    assert "The source may send." in officer.post("/watch/sources", at="/watch", name="zeek", format="auto").text
    assert "has not sent" in analyst.get("/watch/now") and "No alert" in analyst.get("/watch")
    indicate("[domain-name:value = 'evil.example']")
    indicate("[ipv4-addr:value = '10.0.0.53']")
    watch.take(watch.operator(), "zeek", dns("<b>.evil.example", "fine.example"))
    shown = analyst.get("/watch")
    assert "&lt;b&gt;.evil.example" in shown and "<b>.evil" not in shown and "sends" in shown
    assert 'href="/watch?how=below"' in shown and "10.0.0.53" not in analyst.get("/watch?how=below").split("<tbody>")[1]
    assert "No alert is like that" in analyst.get("/watch?how=within")
    alert = next(each.alert for each in watch.list_alerts(watch.operator()).shown if each.alert.kind == "domain-name")
    one = f"/watch/alerts/{alert.id}"
    page = analyst.get(one)
    assert "is below evil.example" in page and "/cases/new?title=" in page and "&lt;b&gt;" in page
    assert "A reason is needed." in analyst.post(one, at=one, reason=" ").text
    done = analyst.post(one, at=one, reason="A test").text
    assert "The alert is dismissed." in done and "A test" in done and "Undo" in done
    assert "The alert is open again." in analyst.post(one, at=one, open="yes").text
    assert "The sighting is kept." in analyst.post(f"{one}/sightings", at=one).text
    assert "The sighting" in analyst.get(one)
    watch.take(watch.operator(), "zeek", dns("late.example", "fine.example"))
    indicate("[domain-name:value = 'late.example']")
    watch.recall()
    rows = analyst.get("/watch").split("<tbody>")[1].split("</tbody>")[0].split("</tr>")
    late = next(row for row in rows if "late.example" in row)
    assert "in kept events" in late and late.count("</span>open</span>") == 1, "open is open, however it was found"
    past = next(each.alert for each in watch.list_alerts(watch.operator()).shown if each.alert.past)
    found = analyst.get(f"/watch/alerts/{past.id}")
    assert "indicator names. It was found in kept events" in found and "</span>open</span>" in found
    changed = officer.post("/watch/sources/zeek", at="/watch", retired="yes").text
    assert "The source was changed." in changed and "retired" in changed
    assert Person(programs, Role.POLICY).client.get("/watch").status_code == 403
    assert analyst.post("/watch/sources/zeek", at=one, retired="no").status_code == 403
