"""MISP events taken in by programs."""

from __future__ import annotations

from typing import Any

from kouprey.misp import api
from kouprey.people.model import Role


def test_events_are_taken_in_with_their_losses(programs: Any, misp: Any) -> None:
    writer = programs.client(Role.CONTRIBUTOR)
    event = misp.event(misp.attribute("a", "domain", "a.example", detect=True), misp.attribute("b", "md5", "no hash"))
    told = writer.post("misp/events", params={"name": "feed", "tlp": "green"}, json={"response": [{"Event": event}]})
    assert told.status_code == 200, told.text
    report = told.json()["report"]
    assert report["events"] == 1 and report["new"] > 1 and report["losses"] == len(told.json()["losses"]) == 1
    again = writer.post("misp/events", params={"name": "feed", "tlp": "green"}, json={"response": [{"Event": event}]})
    assert again.json()["report"]["unchanged"] == 1


def test_what_is_no_event_is_refused(programs: Any) -> None:
    writer = programs.client(Role.CONTRIBUTOR)
    assert writer.post("misp/events", params={"tlp": "purple"}, json={}).json()["field"] == "tlp"
    assert writer.post("misp/events", params={"collection": "nowhere"}, json={}).status_code == 404
    assert writer.post("misp/events", content=b"x", headers={"Content-Type": "text/plain"}).status_code == 415
    told = writer.post("misp/events", json={"Event": {"uuid": "x"}})
    assert told.status_code == 200 and told.json()["report"]["refused"] == len(told.json()["refusals"]) == 1
    assert programs.client(Role.AUDITOR).post("misp/events", json={}).status_code == 403
    assert callable(api.routes)
