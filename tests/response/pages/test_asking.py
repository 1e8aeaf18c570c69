"""The form by which a partner is asked: what it offers, and what it says when nothing can be asked."""

from __future__ import annotations

from typing import Any

from kouprey.people.model import Role
from kouprey.response.pages import asking

assert asking


def test_it_offers_what_agreements_allow_and_can_be_filled_in_by_a_link(offices: Any) -> None:
    a, b, agreement = offices
    text = a.visitor(Role.LEAD).text(f"/handoffs/new?way=inform+{agreement}+{b.party}&title=Known+%3Cb%3E&refs=x")
    assert f'value="inform {agreement} {b.party}" selected' in text and "Known &lt;b&gt;" in text
    assert text.count("Operator.Example:") == 4, "one for each kind of clause 15"


def test_without_an_agreement_it_says_what_to_do(offices: Any) -> None:
    a, _, agreement = offices
    a.agreements.suspend(agreement, suspended=True, by="test")
    assert "Operator.Example" in a.visitor(Role.LEAD).text("/handoffs/new"), "it goes once resumed"
    a.ahead = 10 * 365 * 86_400
    assert a.visitor(Role.LEAD).text("/handoffs/new")
