"""Parcels by programs: for the partner alone."""

from __future__ import annotations

from typing import Any

from kouprey.federation.api import parcels
from kouprey.federation.service import Spool
from kouprey.people.model import Role
from kouprey.people.service import People


def test_a_parcel_is_made_for_a_partner_and_read_there(programs: Any) -> None:
    programs.people.trust(programs.card(programs.partner), by="test")
    theirs = programs.nodes[programs.partner].services.get(People)
    theirs.trust(programs.card(programs.home), by="test")
    liaison = programs.client(Role.LIAISON)
    parcel = liaison.post(f"partners/{programs.partner}/parcel")
    assert parcel.status_code == 200 and parcel.headers["content-type"] == "application/vnd.kouprey.parcel"
    kind = {"Content-Type": "application/vnd.kouprey.parcel"}
    foreign = liaison.post("parcels", content=parcel.content, headers=kind)
    assert foreign.status_code in (400, 409), "it is for the partner alone"
    assert liaison.post("parcels", content=b"", headers=kind).status_code == 400
    assert callable(parcels.routes)


def test_a_program_says_what_goes_in_and_looks_into_the_spool_folder(programs: Any) -> None:
    programs.people.trust(programs.card(programs.partner), by="test")
    liaison = programs.client(Role.LIAISON)
    path = f"partners/{programs.partner}/parcel"
    assert liaison.post(path, json={"fresh": True, "most": 1000}).status_code == 200
    for slip, status, code in (
        ("please send 605ac5c0093b 3", 404, "unknown-lane"),
        ("send it", 400, "bad-slip"),
    ):
        answer = liaison.post(path, json={"slips": [slip]})
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert liaison.post(path, json={"most": -1}).status_code in (400, 422)
    spool = programs.nodes[programs.home].services.get(Spool)
    assert liaison.get("parcels/spool").json() == {"files": []}
    laid = spool.lay_ready(programs.partner, by="test")
    (spool.folder / "in" / "coming.kpx").write_bytes(b"half")
    files = {each["state"]: each for each in liaison.get("parcels/spool").json()["files"]}
    assert files["ready"]["name"] == laid.name and files["ready"]["party"] == programs.partner
    assert files["waiting"]["bytes"] == 4
