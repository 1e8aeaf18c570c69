"""Agreements by programs: drafted, read, signed, suspended and discarded, as on the pages and no further."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from kouprey.agreements import api
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

DRAFT = {
    "title": "Exchange",
    "parties": ["operator.example"],
    "starts": "2026-01-01T00:00:00Z",
    "ends": "2030-01-01T00:00:00Z",
    "terms": {"tlp_ceiling": "green", "retention_days": 90},
    "text": {"en": "We exchange."},
}


@pytest.fixture
def liaison(programs: Any) -> Any:
    programs.people.trust(programs.card(programs.partner), by="test")
    return programs.client(Role.LIAISON)


def test_from_draft_to_suspension(programs: Any, liaison: Any) -> None:
    assert liaison.get("agreements").json() == {"agreements": []}
    made = liaison.post("agreements", json=DRAFT)
    assert made.status_code == 201 and made.json()["terms"]["retention_days"] == 90
    (held,) = liaison.get("agreements").json()["agreements"]
    assert (held["state"], held["awaits_us"], held["tlp_ceiling"]) == ("draft", True, "green")
    one = f"agreements/{held['id']}"
    refused = liaison.post(f"{one}/signature", json={"version": "0" * 64})
    assert refused.status_code == 409 and refused.json()["code"] == "nothing-to-sign"
    signed = liaison.post(f"{one}/signature", json={"version": made.json()["version"]})
    assert signed.json()["signers"] == [programs.home] and signed.json()["missing"] == [programs.partner]
    whole = liaison.get(one).json()
    assert whole["state"] == "proposed" and [each["action"] for each in whole["history"]] == [
        "agreement.sign",
        "agreement.draft",
    ]
    (version,) = whole["versions"]
    raw = liaison.get(f"{one}/versions/{version['version']}/document").content
    assert sha256(raw).hexdigest() == version["document_sha256"] and b"We exchange." in raw
    assert "operator.example" not in liaison.get(f"{one}/versions/{version['version']}/note").text.split("\n\n")[1]
    assert liaison.get(f"{one}/versions/{'0' * 64}/note").status_code == 404
    assert liaison.post(f"{one}/suspension").status_code == 409, "what is not in force cannot be suspended"
    assert liaison.delete(f"{one}/drafts").status_code == 409


def test_a_draft_is_discarded(liaison: Any) -> None:
    liaison.post("agreements", json=DRAFT)
    (held,) = liaison.get("agreements").json()["agreements"]
    assert liaison.delete(f"agreements/{held['id']}/drafts").json() == {"drafts": 1}
    assert liaison.get(f"agreements/{held['id']}").json()["code"] == "unknown-agreement"


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"title": "x"}, 400),
        ({"parties": []}, 400),
        ({"parties": ["nobody.example"]}, 404),
        ({"starts": "soon"}, 400),
        ({"ends": "soon"}, 400),
        ({"terms": {"tlp_ceiling": "purple"}}, 400),
        ({"terms": {"onward": "x"}}, 400),
        ({"terms": {"retention_days": 0}}, 400),
        ({"terms": {"more": 1}}, 400),
        ({"text": {"??": "x"}}, 400),
        ({"amends": "agr_nothing"}, 404),
    ],
)
def test_what_is_no_agreement(liaison: Any, wrong: dict[str, Any], status: int) -> None:
    answer = liaison.post("agreements", json={**DRAFT, **wrong})
    assert answer.status_code == status and answer.headers["content-type"] == "application/problem+json"
    assert liaison.get("agreements").json() == {"agreements": []}


def test_others_read_and_do_not_sign(programs: Any, liaison: Any) -> None:
    made = liaison.post("agreements", json=DRAFT).json()
    (held,) = liaison.get("agreements").json()["agreements"]
    analyst = programs.client(Role.ANALYST, TLP.CLEAR)
    assert analyst.get(f"agreements/{held['id']}").status_code == 200
    one = f"agreements/{held['id']}"
    for call in (
        analyst.post("agreements", json=DRAFT),
        analyst.post(f"{one}/signature", json={"version": made["version"]}),
        analyst.post(f"{one}/suspension"),
        analyst.delete(f"{one}/drafts"),
    ):
        assert call.status_code == 403
    stranger = programs.client(Role.LIAISON, party=programs.partner)
    assert stranger.get("agreements").status_code == stranger.get(one).status_code == 403
    assert callable(api.routes)
