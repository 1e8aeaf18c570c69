"""Words of statements: a claim in one line."""

from __future__ import annotations

from advisories.conftest import content
from kouprey.advisories.model import Claim
from kouprey.advisories.wire.words import claim_in_brief


def test_a_claim_is_one_line_that_ends_with_a_word() -> None:
    assert claim_in_brief(content(verdict=None, claims=())) == ""
    assert (
        claim_in_brief(content(claims=(Claim(text="All sites\nare  closed"), Claim(text="b"))))
        == "All sites are closed"
    )
    long = claim_in_brief(content(claims=(Claim(text="word " * 100),)))
    assert len(long) <= 161 and long.endswith("word…")
    assert claim_in_brief(content(claims=(Claim(text="ក" * 200),))) == "ក" * 160 + "…"
