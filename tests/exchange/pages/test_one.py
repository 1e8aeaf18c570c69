"""One object: readable, harmless, and explained; and the sighting of it."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.node import fiction
from kouprey.people.model import Role

CANARY = fiction.CANARY
MINISTRY = fiction.MINISTRY.party


def test_an_object_is_read_before_it_is_raw(desk: Any, agreed: str) -> None:
    desk.take(*fiction.operator_findings(desk.identity))
    reader = desk.visitor(Role.LEAD)
    text = reader.text(f"/intelligence/{fiction.stix_id('indicator', 'server-1')}")
    assert "The loader asks here for its orders." in text
    assert "2026-10-28 00:00:00 UTC" in text
    assert "198[.]51[.]100[.]7" in text and "cdn1[.]lantern-press[.]example" in text
    assert text.index("The loader asks here") < text.index("The object as it was received")
    assert f"/agreements/{agreed}#clause-2" in desk.links(text), "every verdict names its clause"
    text = reader.text(f"/intelligence/{fiction.stix_id('note', 'witness')}")
    assert "may not see it" in text and "TLP:RED" in text


def test_an_id_that_leads_nowhere_here_is_told_from_one_that_does(desk: Any) -> None:
    ids = [fiction.stix_id("malware", name) for name in ("held", "elsewhere")]
    desk.take(desk.thing("malware", "held", is_family=True))
    for name, refs in (("half", ids), ("whole", ids[:1])):
        desk.take(desk.thing("report", name, published="2026-10-27T00:00:00Z", object_refs=refs))
    reader = desk.visitor(Role.ANALYST)
    half, whole = (reader.text(f"/intelligence/{fiction.stix_id('report', name)}") for name in ("half", "whole"))
    assert f"/intelligence/{ids[0]}" in desk.links(half)
    assert ids[1] in half and f"/intelligence/{ids[1]}" not in desk.links(half)
    assert "An id that is no link" in half and "An id that is no link" not in whole


def test_an_indicators_value_is_never_a_link(desk: Any) -> None:
    pattern = "[url:value = 'https://press-day-1.example/invitation']"
    desk.take(
        desk.thing("indicator", "Lure", pattern=pattern, pattern_type="stix", valid_from="2026-10-27T00:00:00Z"),
        {"type": "url", "spec_version": "2.1", "id": fiction.stix_id("url", "u"), "value": "https://evil.example/"},
        desk.thing(
            "report",
            "Sources",
            published="2026-10-27T00:00:00Z",
            object_refs=[fiction.stix_id("indicator", "Lure")],
            external_references=[{"source_name": "news", "url": "javascript:alert(1)"}],
        ),
    )
    reader = desk.visitor(Role.ANALYST)
    for kind, name in (("indicator", "Lure"), ("url", "u"), ("report", "Sources")):
        text = reader.text(f"/intelligence/{fiction.stix_id(kind, name)}")
        assert all(each.startswith(("/", "#")) for each in desk.links(text)), desk.links(text)
    assert "hxxps://press-day-1[.]example/invitation" in reader.text(
        f"/intelligence/{fiction.stix_id('indicator', 'Lure')}"
    )


def test_a_conflict_is_shown_side_by_side(desk: Any) -> None:
    desk.take(desk.thing("campaign", "Paper Lantern", description="We say this."), name="ours.json")
    other = desk.thing("campaign", "Paper Lantern", description="They say that.")
    desk.take(other, name="theirs.json")
    reader = desk.visitor(Role.ANALYST)
    assert "conflict" in reader.text("/intelligence?type=campaign")
    text = reader.text(f"/intelligence/{other['id']}")
    assert "Another body for the same version" in text
    assert "Sources say different things of this version" in text
    assert 'class="changed"' in text
    assert "We say this." in text and "They say that." in text
    assert "ours.json" in text and "theirs.json" in text


def test_a_revoked_object_says_so_first(desk: Any) -> None:
    gone = desk.thing("campaign", "Gone", revoked=True)
    desk.take(gone)
    assert "Its author has revoked it" in desk.visitor(Role.ANALYST).text(f"/intelligence/{gone['id']}")


def test_a_sighting_is_counted(desk: Any) -> None:
    target = desk.thing("malware", "Wick", is_family=True)
    desk.take(target)
    reader = desk.visitor(Role.ANALYST)
    path = f"/intelligence/{target['id']}"
    for count in ("-3", "many", "1.5", "9" * 20, "١٢"):
        assert reader.post(f"{path}/sight", count=count).status_code == 303
        assert "Sightings" not in reader.text(path).partition("<main")[2], count
    assert reader.post(f"{path}/sight", count="3", note="In the proxy's log.").status_code == 303
    assert "seen 3 times" in reader.text(path)
    assert reader.post(f"{path}/sight", count="0").status_code == 303
    text = reader.text(path)
    assert "seen 3 times" in text and "1 sighting says that it was looked for and not seen" in text
    assert desk.visitor(Role.AUDITOR).post(f"{path}/sight", count="1").status_code == 403
    assert f"{path}/sight" not in desk.links(desk.visitor(Role.AUDITOR).text(path))


def test_findings_are_shown_with_place_paragraph_and_remedy(desk: Any) -> None:
    odd = desk.thing("campaign", "Odd", first_seen="<b>yesterday</b>")
    desk.take(odd)
    reader = desk.visitor(Role.ANALYST)
    text = reader.text(f"/intelligence/{odd['id']}")
    panel = text[text.index("Findings") :]
    assert "It must be a date and time in UTC" in panel and "Write it in the form named." in panel
    assert ">first_seen</code>" in panel and "STIX 2.1, 2.16" in panel
    assert text.count("breaks the standard") == 1
    desk.assert_harmless(text)


@pytest.mark.parametrize("damage", [b"{", b'"name":"Tool', b"\xff"])
def test_a_damaged_object_says_what_to_do_and_spoils_no_list(desk: Any, damage: bytes) -> None:
    """A bit flipped in the database: no 500, no page lost, and nothing is shown that nobody sent."""
    desk.take(desk.thing("tool", "lamp"), desk.thing("tool", "well"))
    stix_id = fiction.stix_id("tool", "lamp")
    desk.exchange._store.write(
        lambda tx: tx.execute(
            "UPDATE body SET bytes = ? WHERE title = 'lamp'",
            (damage if damage != b'"name":"Tool' else b'{"type":"tool","id":"%b","name":"lamq"}' % stix_id.encode(),),
        )
    )
    desk.exchange.sight(fiction.stix_id("tool", "well"), who=desk.exchange.operator(), by="operator")
    visitor = desk.visitor(Role.LEAD)
    answer = visitor.client.get(f"/intelligence/{stix_id}")
    assert answer.status_code == 503 and "kouprey doctor" in answer.text and "lamq" not in answer.text
    for page in ("/", "/intelligence", "/intelligence?q=lamp", f"/intelligence/{fiction.stix_id('tool', 'well')}"):
        assert visitor.client.get(page).status_code == 200, page
