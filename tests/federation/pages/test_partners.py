"""Pages of partners: how links do, who keeps them, and what waits."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from kouprey.federation import store as rows
from kouprey.federation.model import ForkEvidence
from kouprey.kernel.seal.checkpoint import Checkpoint, sign_checkpoint
from kouprey.people.model import Role

Face = Any
Do = Callable[..., Any]
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
    assert "Reached, minutes a day" in page and "127.0.0.1:9" in page.partition("Last failure")[2]


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


def test_what_is_proven_against_a_partner_is_shown_and_can_be_taken_away(
    pair: tuple[Face, Face], agreed: Do, publish: Do, make_parcel: Do, read_parcel: Do
) -> None:
    ministry, operator = pair
    agreement = agreed(ministry, operator)
    publish(ministry, agreement, b"one", b"two")
    ministry.settle()
    read_parcel(operator, make_parcel(ministry, OPERATOR))
    (lane,) = operator.federation.ledger.list_lanes()
    analyst, path = operator.visitor(Role.ANALYST), f"/partners/{MINISTRY}/evidence/{lane.tag}"
    assert "Proven against them" not in analyst.get(f"/partners/{MINISTRY}").text
    assert analyst.get(path).status_code == 404
    key = ministry.lanes._keyring.node
    lie = sign_checkpoint(Checkpoint(lane.origin, 3, bytes(32)), key)
    with operator.store.read() as reader:
        held = rows.find_checkpoint(reader, 1, 3)
    evidence = ForkEvidence(origin=lane.origin, checkpoint_a=held.note.decode(), checkpoint_b=lie.decode())
    assert operator.federation.evidence.keep(evidence, OPERATOR)
    page = analyst.get(f"/partners/{MINISTRY}").text
    assert "Proven against them" in page and path in page and "at the same size" in page
    lines = analyst.get(path).content.splitlines()
    assert [json.loads(line)["type"] for line in lines] == ["card", "fork"]
    assert analyst.get(f"/partners/other.example/evidence/{lane.tag}").status_code == 404
