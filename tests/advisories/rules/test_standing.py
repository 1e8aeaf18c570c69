"""What may be said, and who lets it out."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from advisories.conftest import RUMOUR, content
from kouprey.advisories.model import Approval, Claim, Kind, Media, Words
from kouprey.advisories.rules.standing import check_content, enough, is_public, next_id, prefix_of
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import TLP


def test_ids_follow_from_the_party_and_the_year() -> None:
    assert prefix_of("mptc.gov.kh") == "KH-MPTC" and prefix_of("cert-one.example") == "XX-CERTONE"
    assert next_id("cert.example", 2026, []) == "XX-CERT-2026-0001"
    assert next_id("cert.example", 2026, ["XX-CERT-2026-0009", "XX-CERT-2025-0044"]) == "XX-CERT-2026-0010"
    assert next_id("cert.example", 2026, ["XX-CERT-2026-9999"]) == "XX-CERT-2026-10000"


def test_two_different_persons_are_enough_and_one_is_not() -> None:
    one, other = Approval(person="a", at=1), Approval(person="b", at=2)
    assert enough([one, other]) and not enough([one]) and not enough([one, Approval(person="a", at=3)])
    assert not enough([])


def test_only_what_is_marked_for_everybody_is_public() -> None:
    label = Label(owner="a.example", tlp=TLP.CLEAR, kind="statement")
    assert is_public(label)
    for more in ({"tlp": TLP.GREEN}, {"sealed_to": ("b.example",)}, {"not_before": 5}, {"concerned": ("c.example",)}):
        assert not is_public(msgspec.structs.replace(label, **more))


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("languages", {"languages": {}}),
        ("languages", {"languages": {"English": Words(title="a", body="b")}}),
        ("languages.en.title", {"languages": {"en": Words(title=" ", body="b")}}),
        ("languages.en.title", {"languages": {"en": Words(title="a\nb", body="b")}}),
        ("languages.en.body", {"languages": {"en": Words(title="a", body="turned \u202e round")}}),
        ("languages.en.body", {"languages": {"en": Words(title="a", body="b" * 6_001)}}),
        ("verdict", {"verdict": None}),
        ("verdict", {"claims": ()}),
        ("claims", {"kind": Kind.SERVICE_NOTICE, "claims": ()}),
        ("claims", {"claims": (Claim(text=RUMOUR),) * 11}),
        ("claims.1.text", {"claims": (Claim(text=""),)}),
        ("claims.1.urls", {"claims": (Claim(text="a", urls=("javascript:alert(1)",)),)}),
        ("claims.1.media", {"claims": (Claim(text="a", media=(Media(sha256="AB" * 32),)),)}),
        ("evidence", {"evidence": ("https://a.example/a b",)}),
        ("replaces", {"replaces": ("one of last year",)}),
        ("replaces", {"kind": Kind.CORRECTION}),
        ("cancels", {"cancels": True}),
        ("valid_until", {"valid_from": 10, "valid_until": 10}),
    ],
)
def test_what_cannot_be_a_statement_is_refused_by_field(field: str, more: dict[str, Any]) -> None:
    with pytest.raises(Damaged) as caught:
        check_content(content(**more))
    assert caught.value.code == "bad-statement" and caught.value.detail["field"] == field


def test_what_is_right_passes() -> None:
    check_content(content())
    check_content(content(kind=Kind.SERVICE_NOTICE, verdict=None, claims=()))
