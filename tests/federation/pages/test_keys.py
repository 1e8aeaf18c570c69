"""The page of keys: words and never secrets, who has heard of a new key, and what to do when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kouprey.kernel.seal import keyring
from kouprey.people.model import Permission, Role, roles_with

Face = Any
Do = Callable[..., Any]
MINISTRY, OPERATOR = "ministry.example", "operator.example"
PAGE = "/partners/keys"


def test_our_keys_are_shown_by_their_words_and_no_secret_is(make_face: Callable[..., Face], text_of: Do) -> None:
    face = make_face(MINISTRY, "Ministry of Examples")
    page = face.visitor(Role.LIAISON).get(PAGE).text
    said = text_of(page)
    assert " ".join(face.people.fingerprint(MINISTRY)) in said
    for key in face.federation.ceremonies.look().own:
        assert " ".join(key.words) in said
    for named in ("Our root key", "Node key", "Receipt key", "Age key", "on this machine", "kouprey keys rotate --age"):
        assert named in said
    for secret in secrets_of(face.ring):
        assert secret not in page
    assert "No partners yet" in said and "Trust a card" in said and "None. A key that is retired" in said
    assert "A new node key is taking over" not in said
    (face.folder / "keys" / "root.key").rename(face.folder / "away")
    face.restart(lambda folder: None)
    assert "taken away" in text_of(face.visitor(Role.LIAISON).get(PAGE).text)


def secrets_of(ring: keyring.Keyring) -> list[str]:
    keys = [ring.require_root(), ring.node, ring.receipt]
    return [*(key.to_bytes().hex() for key in keys), *ring.age_secrets, ring.cookie.hex()]


def test_only_who_keeps_links_sees_it(make_face: Callable[..., Face]) -> None:
    face = make_face(MINISTRY, "Ministry of Examples")
    may = roles_with(Permission.LINK)
    for role in Role:
        if role in (Role.FEED, Role.CONTRIBUTOR, Role.OPERATOR):
            continue
        for path in (PAGE, f"{PAGE}/ceremonies.pdf"):
            assert face.visitor(role).get(path).status_code == (200 if role in may else 403), role


def test_a_rotation_says_who_has_heard_and_what_comes_next(pair: tuple[Face, Face], agreed: Do, text_of: Do) -> None:
    ministry, operator = pair
    agreed(ministry, operator)
    ministry.federation.rotation.prepare()
    ministry.restart(keyring.begin_rotation)
    ministry.federation.rotation.announce(by="test")
    said = text_of(ministry.visitor(Role.LIAISON).get(PAGE).text)
    assert "A new node key is taking over" in said and "step 2 of 3" in said
    assert "0 of 1 partner has it. Not yet: Operator" in said and "kouprey keys finish" in said
