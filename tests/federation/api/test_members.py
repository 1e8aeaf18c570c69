"""Members by programs: written down, listed and taken off; no right follows from them."""

from __future__ import annotations

from typing import Any

from kouprey.federation.api import members
from kouprey.people.model import Role


def test_who_belongs_to_whom_is_written_down_and_gives_nothing(programs: Any) -> None:
    programs.people.trust(programs.card(programs.partner), by="test")
    liaison, partner = programs.client(Role.LIAISON), programs.client(Role.FEED, party=programs.partner)
    before = partner.get("list").content
    ours, theirs = f"partners/{programs.home}/members", f"partners/{programs.partner}/members"
    asked = {"member": programs.partner, "because": "Articles, section 2"}
    made = liaison.post(ours, json=asked)
    assert made.status_code == 201 and made.json()["by"] and made.json()["since"]
    assert liaison.post(ours, json=asked).json()["code"] == "known-member"
    assert liaison.post(theirs, json={**asked, "member": programs.home}).json()["code"] == "member-of-itself"
    assert liaison.post(theirs, json={**asked, "member": "nobody.example"}).status_code == 404
    assert [each["member"] for each in liaison.get(ours).json()["members"]] == [programs.partner]
    assert [each["party"] for each in liaison.get(theirs).json()["member_of"]] == [programs.home]
    shown = liaison.get(f"partners/{programs.partner}").json()
    assert (shown["members"], shown["member_of"]) == ([], [programs.home])
    assert partner.get("list").content == before
    assert partner.get("list", headers={"X-Acting-For": programs.home}).status_code == 403
    analyst = programs.client(Role.ANALYST)
    assert analyst.get(ours).status_code == 200 and analyst.post(ours, json=asked).status_code == 403
    assert liaison.delete(f"{ours}/{programs.partner}").status_code == 204
    assert liaison.delete(f"{ours}/{programs.partner}").json()["code"] == "unknown-member"
    assert callable(members.routes)
