"""Pages of cards: looking keeps nothing, and nobody is trusted before the words were compared."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from kouprey.federation.pages import cards
from kouprey.people.model import Role

Face = Any
Do = Callable[..., Any]
MINISTRY, OPERATOR = "ministry.example", "operator.example"


def test_our_card_can_be_taken_and_its_words_read(pair: tuple[Face, Face], text_of: Do) -> None:
    ministry, _ = pair
    analyst = ministry.visitor(Role.ANALYST)
    page = text_of(analyst.get("/partners/card").text)
    assert " ".join(ministry.people.fingerprint(MINISTRY)) in page
    assert analyst.get("/partners/card/file").content == ministry.people.home().note


@pytest.fixture
def strangers(make_face: Callable[..., Face], tmp_path: Any) -> tuple[Face, bytes, tuple[str, ...]]:
    """A node, and the card and words of a party it has never heard of."""
    from kouprey.kernel.seal import keyring
    from kouprey.people.model import Card
    from kouprey.people.wire import render_card

    ring = keyring.create(tmp_path / "stranger")
    home = make_face(MINISTRY, "Ministry of Examples")
    own = home.people.home().card
    fields = {name: getattr(own, name) for name in Card.__struct_fields__}
    party = "stranger.example"
    for word in ("root", "node", "receipt"):
        kind = {"alg": 0x04} if word == "receipt" else {}
        key = getattr(ring, word).vkey(f"{party}/{word}", **kind)
        fields.update({word: key} if word in fields else {f"{word}s": (key,)})
    fields.update({"age": ring.age_recipient} if "age" in fields else {"ages": (ring.age_recipient,)})
    fields |= {"party": party, "name": "Stranger", "identities": ()}
    note = render_card(Card(**fields), ring)
    return home, note, home.people.read_card(note)[1]


def test_a_card_is_trusted_only_after_comparing(strangers: tuple[Face, bytes, tuple[str, ...]], text_of: Do) -> None:
    home, note, words = strangers
    liaison = home.visitor(Role.LIAISON)
    text = note.decode()
    for sent in ({"card": text.replace("\n", "\r\n")}, {"card": f"\n{text.strip()}\n\n"}):
        page = liaison.post("/partners/trust", sent)
        assert page.status_code == 200 and " ".join(words) in text_of(page.text)
    assert home.people.find_party("stranger.example") is None, "looking keeps nothing"
    assert liaison.post("/partners/trust/confirmed", {"card": text}).status_code == 400
    assert home.people.find_party("stranger.example") is None
    answer = liaison.post("/partners/trust/confirmed", {"card": text, "compared": "yes"})
    assert answer.headers["location"] == "/partners/stranger.example"
    assert home.people.get_party("stranger.example").note == note


def test_a_card_can_be_uploaded(strangers: tuple[Face, bytes, tuple[str, ...]], text_of: Do) -> None:
    home, note, words = strangers
    page = home.visitor(Role.LIAISON).post("/partners/trust", files={"file": ("a.card", io.BytesIO(note))})
    assert " ".join(words) in text_of(page.text)


def test_a_card_is_fetched_from_an_address(
    strangers: tuple[Face, bytes, tuple[str, ...]], text_of: Do, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, note, words = strangers
    asked: list[str] = []
    monkeypatch.setattr(cards, "fetch_card", lambda url, _fetcher: asked.append(url) or note)
    page = home.visitor(Role.LIAISON).post("/partners/trust", {"card": "https://node.stranger.example"})
    assert asked == ["https://node.stranger.example"]
    assert page.status_code == 200 and " ".join(words) in text_of(page.text)
    assert note.decode().splitlines()[0] in page.text, "what is confirmed is the card itself, not the address"


def test_an_address_inside_is_not_asked(pair: tuple[Face, Face]) -> None:
    for address in ("http://127.0.0.1:9", "https://localhost", "http://a b"):
        answer = pair[0].visitor(Role.LIAISON).post("/partners/trust", {"card": address})
        assert answer.status_code >= 400 and address.split()[0] in answer.text


def test_our_card_is_a_picture_too(pair: tuple[Face, Face]) -> None:
    page = pair[0].visitor(Role.ANALYST).get("/partners/card").text
    assert '<div class="qr" role="img"' in page and "<svg" in page.split('class="qr"')[1]


@pytest.mark.parametrize("bad", ["", "hello", "kouprey.dev/card/v1\nparty x\n", "\x00" * 50])
def test_what_is_no_card_is_told_and_stays_in_the_form(pair: tuple[Face, Face], bad: str) -> None:
    answer = pair[0].visitor(Role.LIAISON).post("/partners/trust", {"card": bad})
    assert answer.status_code == 400 and "textarea" in answer.text


def test_a_known_partners_card_needs_no_comparing(pair: tuple[Face, Face]) -> None:
    ministry, operator = pair
    newer = operator.people.renew_card().note.decode()
    answer = ministry.visitor(Role.LIAISON).post("/partners/trust/confirmed", {"card": newer})
    assert answer.status_code == 303
    assert ministry.people.get_party(OPERATOR).card.serial == operator.people.home().card.serial
