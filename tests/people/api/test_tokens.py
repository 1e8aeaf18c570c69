"""Tokens by programs: made, narrowed, given another secret, ended; secrets are shown once."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.kernel.words.tlp import TLP
from kouprey.people.api import tokens
from kouprey.people.model import Role

NEW = {"role": "feed", "clearance": "green", "collections": ["main"], "days": 30}


def test_from_making_to_ending(programs: Any) -> None:
    admin = programs.client()
    made = admin.post("tokens", json=NEW)
    assert made.status_code == 201 and made.json()["token"]["expires"]
    secret, user = made.json()["secret"], made.json()["token"]["user"]
    other = programs.client()
    other.headers["Authorization"] = f"Bearer {secret}"
    assert other.get("list", params={"collection": "main"}).status_code == 200
    assert secret not in admin.get("tokens").text and secret not in admin.get(f"tokens/{user}").text
    narrowed = admin.patch(f"tokens/{user}", json={"verbs": ["read"], "collections": []}).json()
    assert (narrowed["verbs"], narrowed["collections"]) == (["read"], [])
    rotated = admin.post(f"tokens/{user}/secret").json()
    assert rotated["secret"] != secret and other.get("list").status_code == 401
    assert admin.patch(f"tokens/{user}", json={"active": False}).json()["active"] is False
    assert admin.get("tokens/nobody").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "status"),
    [({"role": "king"}, 400), ({"verbs": ["fly"]}, 400), ({"verbs": ["people"]}, 409), ({"party": "x.example"}, 404)],
)
def test_what_is_no_token(programs: Any, wrong: dict[str, Any], status: int) -> None:
    assert programs.client().post("tokens", json={**NEW, **wrong}).status_code == status


def test_a_secret_is_not_kept_under_a_key(programs: Any, tmp_path: Any) -> None:
    admin = programs.client()
    key = {"Idempotency-Key": "one"}
    made = admin.post("tokens", json=NEW, headers=key)
    again = admin.post("tokens", json=NEW, headers=key)
    secret = made.json()["secret"]
    assert again.status_code in (409, 422) or secret not in again.text
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes(), path


def test_nobody_hands_out_more_than_he_has(programs: Any) -> None:
    low = programs.client(Role.ADMINISTRATOR, TLP.GREEN)
    assert low.post("tokens", json={**NEW, "clearance": "red"}).status_code == 403
    assert programs.client(Role.ANALYST).get("tokens").status_code == 403
    assert callable(tokens.doors)
