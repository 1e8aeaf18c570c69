"""What is known of agreements, remembered no longer than it is true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kouprey.agreements.model import State, Terms, Version
from kouprey.kernel.words.errors import Refused, Unknown
from kouprey.kernel.words.time import SECOND

# Decisions and rows are tested on both engines; this is about parties, not about engines.
pytestmark = pytest.mark.parametrize("stores", ["sqlite"], indirect=True)
A, B, C = "cert.example", "ministry.example", "operator.example"


def draft(node: Any, title: str, *parties: str) -> str:
    version = node.agreements.draft(title, parties, Terms(), starts=node.clock(), by="operator")
    return str(version.agreement)


def test_found_by_the_beginning_of_id_or_title(trio: dict[str, Any]) -> None:
    node = trio[A]
    first, second = draft(node, "Exchange", B), draft(node, "Exchange of more", B)
    agreements = node.agreements
    assert agreements.find_by_prefix("EXCHANGE") == first
    assert agreements.find_by_prefix("exchange of") == second
    assert agreements.find_by_prefix(first[:20]) == first
    assert agreements.find_by_prefix(second) == second
    with pytest.raises(Refused) as ambiguous:
        agreements.find_by_prefix("ex")
    assert ambiguous.value.code == "ambiguous"
    for nothing in ("agr_x", "change"):
        with pytest.raises(Unknown):
            agreements.find_by_prefix(nothing)


def test_another_process_is_noticed(trio: dict[str, Any]) -> None:
    node = trio[A]
    assert node.agreements.standings() == {}
    made = draft(node.again(), "Exchange", B)
    assert list(node.agreements.standings()) == [made]
    assert node.agreements.standings() is node.agreements.standings()
    assert node.agreements.now() > 0


def test_the_calendar_is_noticed_without_any_write(trio: dict[str, Any], hand_over: Any) -> None:
    node = trio[A]
    starts = node.clock() // SECOND * SECOND + 100 * SECOND
    made = node.agreements.draft("Exchange", [B], Terms(), starts=starts, by="operator")
    for party in (A, B):
        trio[party].agreements.sign(made.agreement, by="operator")
        hand_over(trio)
    standing = node.agreements.get_standing(made.agreement)
    assert standing.changes == starts
    assert standing.state(node.clock()) is State.NOT_YET
    node.clock.pass_seconds(101)
    assert node.agreements.get_standing(made.agreement).state(node.clock()) is State.IN_FORCE


def test_a_proposal_counts_more_than_a_draft_and_what_is_signed_more_than_both(
    trio: dict[str, Any], agree: Callable[..., Version]
) -> None:
    node = trio[A]
    made = agree(trio, A, B)
    node.agreements.draft("More", [B], Terms(), starts=node.clock(), amends=made.agreement, by="operator")
    assert node.agreements.get_current(made.agreement) == made
    assert [version.draft for version in node.agreements.list_versions(made.agreement)] == [False, True]
    assert [version.number for version in node.agreements.list_signable(made.agreement)] == [2]


def test_unknown(trio: dict[str, Any]) -> None:
    agreements = trio[A].agreements
    assert agreements.list_versions() == []
    for ask in (agreements.list_versions, agreements.get_current, agreements.get_standing):
        with pytest.raises(Unknown) as unknown:
            ask("agr_0")
        assert unknown.value.code == "unknown-agreement"
    assert agreements.agreement_notes("agr_0") == []
