"""Sources on a page: each with its right, and the page of publishing says when one keeps a thing here."""

from __future__ import annotations

from typing import Any

from kouprey.kernel.words.tlp import TLP
from kouprey.node import fiction
from kouprey.people.model import Role


def test_a_right_is_said_and_publishing_names_the_source(desk: Any, agreed: str) -> None:
    lead = desk.visitor(Role.LEAD, clearance=TLP.RED)
    desk.take(desk.thing("malware", "Wick", is_family=True), name="paid <b>feed</b>")
    publish = f"/intelligence/{fiction.stix_id('malware', 'Wick')}/publish"
    assert "does not let it be passed on" not in lead.text(publish)
    text = lead.text("/rights")
    assert "may be passed on under an agreement" in text and "feed" in text
    desk.assert_harmless(text)
    said = lead.post("/rights", source="paid <b>feed</b>", passing="inside", credit="", because="Licence <i>4</i>")
    assert said.status_code == 303
    text = lead.text("/rights")
    assert "only inside our own party" in text and "Licence" in text
    desk.assert_harmless(text)
    text = lead.text(publish)
    assert "Its source does not let it be passed on." in text and "/rights" in desk.links(text)
    assert "will receive it" not in text
    desk.assert_harmless(text)
    answer = lead.post(publish, agreement=agreed, emergency="")
    assert "paid" in answer.text and not desk.exchange.count_waiting()
    lead.post("/rights", source="paid <b>feed</b>", passing="sell", credit="", because="")
    assert "only inside our own party" in lead.text("/rights")


def test_sources_are_for_those_who_publish_and_see_them(desk: Any) -> None:
    desk.take(desk.marked("malware", "Locked", "red", is_family=True), name="canary-feed")
    low = desk.visitor(Role.LEAD, clearance=TLP.GREEN)
    assert "canary-feed" not in low.text("/rights") and "Nothing has come from anywhere" in low.text("/rights")
    assert desk.visitor(Role.ANALYST).get("/rights").status_code == 403
