"""Parcels by programs: for the partner alone."""

from __future__ import annotations

from typing import Any

from kouprey.federation.api import parcels
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
