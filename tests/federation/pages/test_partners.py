"""Pages of partners: how links do, who keeps them, and what waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kouprey.people.model import Role

Face = Any
MINISTRY, OPERATOR = "ministry.example", "operator.example"


def test_without_partners_the_page_says_how_to_get_one(make_face: Callable[..., Face]) -> None:
    page = make_face(MINISTRY, "Ministry").visitor(Role.LIAISON).get("/partners").text
    assert "No partners yet" in page and "/partners/trust" in page


def test_a_link_is_added_paused_and_resumed(pair: tuple[Face, Face]) -> None:
    ministry, _ = pair
    liaison = ministry.visitor(Role.LIAISON)
    place = f"/partners/{OPERATOR}"
    assert "no link" in liaison.get(place).text and "Operator &lt;i&gt;Example" in liaison.get(place).text
    bad = liaison.post(f"{place}/link", {"url": "javascript:alert(1)"})
    assert bad.status_code == 400 and "not an address" in bad.text
    liaison.post(f"{place}/link", {"url": "https://node.operator.example", "private": "no"})
    link = ministry.federation.links.get_link(OPERATOR)
    assert (link.url, link.allow_private, link.paused) == ("https://node.operator.example", False, False)
    assert "not tried yet" in liaison.get("/partners").text
    liaison.post(f"{place}/pause")
    assert "paused" in liaison.get("/partners/live").text
    assert ministry.federation.links.get_link(OPERATOR).paused
    liaison.post(f"{place}/resume")
    assert not ministry.federation.links.get_link(OPERATOR).paused
    assert liaison.post(f"{place}/now").status_code == 303


def test_a_link_that_fails_is_said_with_its_reason(pair: tuple[Face, Face]) -> None:
    ministry, _ = pair
    liaison = ministry.visitor(Role.LIAISON)
    liaison.post(f"/partners/{OPERATOR}/link", {"url": "http://127.0.0.1:9"})
    tested = liaison.post(f"/partners/{OPERATOR}/test")
    assert tested.status_code >= 400 and 'class="notice bad"' in tested.text
    with pytest.raises(Exception, match=r"."):
        ministry.federation.links.sync(OPERATOR)
    page = liaison.get(f"/partners/{OPERATOR}").text
    assert "not reached" in page and "never reached" in page


def test_only_liaisons_keep_links_cards_and_parcels(pair: tuple[Face, Face]) -> None:
    ministry, _ = pair
    for role in (Role.ANALYST, Role.LEAD, Role.AUDITOR):
        somebody = ministry.visitor(role)
        for path in ("", "/card", "/live", f"/{OPERATOR}"):
            assert somebody.get(f"/partners{path}").status_code == 200
        assert somebody.get("/partners/trust").status_code == 403
        for path in ("trust", "trust/confirmed", "parcels", *(f"{OPERATOR}/{verb}" for verb in ("link", "parcel"))):
            assert somebody.post(f"/partners/{path}").status_code == 403
        for verb in ("pause", "resume", "now", "test"):
            assert somebody.post(f"/partners/{OPERATOR}/{verb}").status_code == 403


def test_nobody_is_a_partner_of_itself_or_unknown(pair: tuple[Face, Face]) -> None:
    liaison = pair[0].visitor(Role.LIAISON)
    for party in (MINISTRY, "nobody.example", "x"):
        assert liaison.get(f"/partners/{party}").status_code == 404
    assert liaison.post(f"/partners/{MINISTRY}/parcel").status_code == 400


def test_who_belongs_to_whom_is_written_down_on_the_page(pair: tuple[Face, Face]) -> None:
    ministry, _ = pair
    liaison, place = ministry.visitor(Role.LIAISON, name="Lim"), f"/partners/{OPERATOR}"
    assert "Nothing is written down." in liaison.get(place).text
    asked = {"other": MINISTRY, "as": "group", "because": "Decree <i>7</i>"}
    assert liaison.post(f"{place}/members", asked).status_code == 303
    (made,) = ministry.people.list_memberships()
    assert (made.party, made.member) == (MINISTRY, OPERATOR)
    page = liaison.get(place).text
    assert "Decree &lt;i&gt;7" in page and "Lim" in page and "gives nobody a right" in page
    assert f"member of {MINISTRY}" in liaison.get("/partners").text
    again = liaison.post(f"{place}/members", {**asked, "as": "member"})
    assert again.status_code == 409 and "belong to itself" in again.text
    analyst = ministry.visitor(Role.ANALYST, name="Ana")
    assert "Take off" not in analyst.get(place).text
    assert analyst.post(f"{place}/members", asked).status_code == 403
    others = {"of": "a.example", "member": "b.example"}
    assert liaison.post(f"{place}/members/remove", others).status_code == 404
    assert liaison.post(f"{place}/members/remove", {"of": MINISTRY, "member": OPERATOR}).status_code == 303
    assert ministry.people.list_memberships() == []
