"""Partners by programs: a card is trusted with its words, a link kept and paused, a parcel made and read."""

from __future__ import annotations

from typing import Any

from kouprey.federation.api import partners
from kouprey.people.model import Role

CARD = {"Content-Type": "text/plain"}


def test_a_card_is_trusted_with_its_words(programs: Any) -> None:
    liaison, card = programs.client(Role.LIAISON), programs.card(programs.partner)
    assert b"cert.example" in liaison.get("card").content
    read = liaison.post("cards/reading", content=card, headers=CARD).json()
    assert (read["party"], read["known"]) == (programs.partner, False)
    assert liaison.get("partners").json() == {"partners": []}, "nothing is kept of what is only read"
    bare = liaison.post("cards", content=card, headers=CARD)
    wrong = liaison.post("cards", params={"words": "one two three"}, content=card, headers=CARD)
    assert (bare.status_code, wrong.status_code, wrong.json()["code"]) == (409, 409, "not-compared")
    made = liaison.post("cards", params={"words": " ".join(read["words"])}, content=card, headers=CARD)
    assert made.status_code == 201 and made.json()["id"] == programs.partner
    assert liaison.post("cards", content=card, headers=CARD).status_code == 201, "a renewed card needs no words"
    assert liaison.post("cards", content=b"nonsense", headers=CARD).status_code == 400
    assert liaison.post("cards", content=card, headers={"Content-Type": "application/json"}).status_code == 415


def test_a_link_is_kept_paused_and_tried(programs: Any) -> None:
    programs.people.trust(programs.card(programs.partner), by="test")
    liaison, one = programs.client(Role.LIAISON), f"partners/{programs.partner}"
    assert liaison.get(one).json()["link"] is None
    assert liaison.post(f"{one}/call").status_code == 404
    address = {"url": "http://127.0.0.1:1", "allow_private": True}
    assert liaison.put(f"{one}/link", json=address).json()["link"]["url"] == "http://127.0.0.1:1"
    assert liaison.put(f"{one}/link", json={"url": "ftp://a"}).status_code == 400
    assert liaison.post(f"{one}/pause").json()["link"]["paused"] is True
    assert liaison.delete(f"{one}/pause").json()["link"]["paused"] is False
    assert liaison.post(f"{one}/exchange").status_code == 202
    failed = liaison.post(f"{one}/call")
    assert failed.status_code == 503 and failed.json()["remedy"]
    assert liaison.get("partners/nobody.example").status_code == 404
    assert liaison.get(f"partners/{programs.home}").json()["code"] == "own-party"


def test_others_look_and_change_nothing(programs: Any) -> None:
    programs.people.trust(programs.card(programs.partner), by="test")
    analyst, one = programs.client(Role.ANALYST), f"partners/{programs.partner}"
    assert analyst.get("partners").status_code == analyst.get(one).status_code == 200
    for method, path in (
        ("PUT", f"{one}/link"),
        ("POST", f"{one}/pause"),
        ("POST", f"{one}/exchange"),
        ("POST", f"{one}/call"),
        ("POST", f"{one}/parcel"),
        ("POST", "cards"),
        ("POST", "parcels"),
    ):
        assert analyst.request(method, path).status_code == 403, path
    stranger = programs.client(Role.LIAISON, party=programs.partner)
    assert stranger.get("partners").status_code == stranger.get("card").status_code == 403
    assert callable(partners.routes)
