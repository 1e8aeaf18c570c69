"""The record of processing and the impact assessment: what stands in them follows from what is agreed and kept."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.constituents.model import Constituent
from kouprey.constituents.service import Constituents
from kouprey.exchange.service import Exchange
from kouprey.kernel.words.errors import Damaged, Forbidden, Unknown
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.performance.pages import processing
from kouprey.performance.service.processing import Processing
from kouprey.performance.wire import register as words
from performance.test_api import agreed

__all__ = ["agreed"]


def test_the_record_names_agreements_collections_rules_and_access(programs: Any, agreed: str) -> None:
    services = programs.node.services
    exchange, desk = services.get(Exchange), services.get(Processing)
    who = exchange.operator()
    made = exchange.make_collection("feed", "Feed", by="test") if hasattr(exchange, "make_collection") else None
    found = desk.register(who)
    kinds = [each.kind for each in found.activities]
    assert kinds[0] == "agreement" and kinds[-1] == "access" and "collection" in kinds, made
    first = words.row(found.activities[0], {"cert.example": "CERT"})
    assert first["kept"] == "730 days" and first["erasure"] == "30 days" and "CERT" in first["recipients"]
    assert set(first) == set(words.COLUMNS) == set(words.heads())
    with pytest.raises(Forbidden):
        desk.register(programs.people.home() and type(who)(party=who.party, clearance=TLP.AMBER, local=True))
    for language in ("en", "km"):
        assert words.draw_register(found, {}, language).startswith(b"%PDF")
    with pytest.raises(Damaged):
        words.draw_register(found, {}, "xx")


def test_what_people_write_goes_on_paper_and_is_not_kept(programs: Any, agreed: str) -> None:
    client = programs.client(Role.LEGAL)
    place = f"agreements/{agreed}/impact"
    assert client.get(place).json()["days"] == 730
    given = client.post(place, json={"risks": "A secret of ours", "language": "km"})
    assert given.status_code == 200 and given.json()["pdf"].startswith("JVBER")
    assert "secret" not in client.get(place).text and "secret" not in client.get("audit").text
    assert "performance.impact" in client.get("audit").text
    with pytest.raises(Unknown):
        programs.node.services.get(Processing).describe("agr_0")
    record = client.get("processing").json()
    assert record["party"] == programs.home and record["activities"][0]["id"] == agreed
    assert client.get("processing/table").text.startswith("activity,title,purposes")
    assert client.get("processing/paper").json()["pdf"].startswith("JVBER")
    assert programs.client(Role.LEGAL, TLP.AMBER).get("processing").json()["code"] == "not-cleared"
    assert programs.client(Role.ANALYST).get("processing").status_code == 403
    assert processing.LONGEST == 10_000


def test_the_record_counts_every_account_those_of_constituents_too(programs: Any) -> None:
    services, people = programs.node.services, programs.people
    desk, who = services.get(Processing), services.get(Exchange).operator()

    def count() -> int:
        return desk.register(who).activities[-1].count

    before = count()
    services.get(Constituents).add(Constituent(id="bank.example", name="Bank", clearance=TLP.GREEN), by="test")
    services.get(Constituents).invite("bank.example", "Chan", by="test")
    people.create_token("cert.example", Role.FEED, TLP.GREEN, by="test")
    assert count() == before + 2
