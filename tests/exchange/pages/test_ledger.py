"""The ledger calls entries by their objects, and tells nobody a title above what they may see."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

from kouprey.agreements.model import Terms
from kouprey.exchange.pages.ledger import ObjectNaming
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.time import wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

Desk = Any


def _given(desk: Desk, agreement: str) -> list[int]:
    """Publish an object of each level that may go, and a relationship between two of them."""
    server, lure = desk.marked("malware", "Open server", "green"), desk.marked("malware", "Narrow lure", "amber")
    link = desk.marked("relationship", "link", "green", relationship_type="drops")
    link |= {"source_ref": server["id"], "target_ref": lure["id"]}
    del link["name"]
    desk.take(server, lure, link)
    ids = [str(each["id"]) for each in (server, lure, link)]
    desk.exchange.publish(agreement, ids, by="operator")
    desk.node.settle()
    return [line.entry.publication for line in desk.node.federation.ledger.list_given().lines]


def test_a_row_has_the_title_type_and_page_of_its_object(desk: Desk, agreed: str) -> None:
    _given(desk, agreed)
    page = desk.visitor(Role.ANALYST).text("/ledger")
    titles = re.findall(r'<td class="main">\s*<a class="clamp" href="([^"]+)"><bdi>([^<]+)</bdi>', page)
    assert {title for _, title in titles} == {"Open server", "Narrow lure", "Open server drops Narrow lure"}
    assert all(url.startswith("/intelligence/") for url, _ in titles)
    assert page.count('<ul class="receipts">') == 3 and page.count("by the operator of this node") == 3
    assert desk.visitor(Role.ANALYST).get(titles[0][0]).status_code == 200


def test_nobody_reads_a_title_above_them(desk: Desk, agreed: str) -> None:
    _given(desk, agreed)
    (lane,) = desk.node.federation.ledger.list_lanes()
    for path in ("/ledger", f"/ledger/{lane.tag}"):
        low = desk.visitor(Role.ANALYST, clearance=TLP.GREEN).text(path)
        assert "Open server" in low and "Narrow lure" not in low
        assert low.count("marked above your clearance") == 1
        assert "Narrow lure" in desk.visitor(Role.ANALYST, clearance=TLP.AMBER).text(path)


def test_a_narrow_object_behind_an_open_label_keeps_its_title(desk: Desk, agreed: str) -> None:
    """The label of an entry may be open while what it came from is closed by now: naming asks for itself."""
    numbers = _given(desk, agreed)
    naming = ObjectNaming(desk.node.services)
    for level, count in ((TLP.AMBER, 3), (TLP.GREEN, 2), (TLP.CLEAR, 0)):
        who = Reader(party=desk.people.home_id, clearance=level, local=True)
        named = naming.name_entries(who, numbers)
        assert len(named) == count
        if level < TLP.AMBER:
            assert not any("Narrow lure" in each.title for each in named.values())
    assert naming.name_entries(Reader(party="cert.talay.example", clearance=TLP.RED), numbers) == {}


def test_what_came_is_called_by_its_object_too(desk: Desk, ministry: Callable[[], Desk]) -> None:
    other = ministry()
    here, there = desk.people.home_id, other.people.home_id
    draft = other.agreements.draft("Exchange", [here], Terms(), starts=wall_clock() - 10**6, by="test")
    signed = other.agreements.sign(draft.agreement, by="test")
    desk.agreements.receive_note(signed.note, signed.document_bytes, by="test")
    desk.agreements.sign(draft.agreement, by="test")
    _given(desk, draft.agreement)
    parcel = desk.visitor(Role.LIAISON).post(f"/partners/{there}/parcel")
    read = other.visitor(Role.LIAISON).post(
        "/partners/parcels", files={"parcel": ("x.kpx", io.BytesIO(parcel.content))}
    )
    assert read.status_code == 200
    high, low = (other.visitor(Role.ANALYST, clearance=level) for level in (TLP.AMBER, TLP.GREEN))
    page = high.text("/ledger?view=received")
    assert "Narrow lure" in page and "Open server drops Narrow lure" in page and page.count("#check") == 3
    page = low.text("/ledger?view=received")
    assert "Open server" in page and "Narrow lure" not in page and page.count("marked above your clearance") == 1


def test_places_that_cannot_be_are_told(desk: Desk, agreed: str) -> None:
    analyst = desk.visitor(Role.ANALYST)
    for query in ("before=x", "after=1-2", "view=received&before=1", "before=-1", f"before={'9' * 30}"):
        assert analyst.get(f"/ledger?{query}").status_code == 400
