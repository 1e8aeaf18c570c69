"""The nouns of the exchange."""

from __future__ import annotations

import msgspec
import pytest

from kouprey.exchange.model import OBSERVABLE_TYPES, Arrival, Refusal


def arrival(version_text: str) -> Arrival:
    return Arrival(
        raw=b"{}",
        stix_id="x",
        type="x",
        instant=0,
        version_text=version_text,
        created_by=None,
        tlp=None,
        markings=(),
        revoked=False,
        title="x",
        sighting_of=None,
    )


def test_an_arrival_without_a_version_text_is_observable_and_frozen() -> None:
    assert arrival("").observable
    assert not arrival("2026-11-22T09:00:00Z").observable
    with pytest.raises(AttributeError):
        arrival("").title = "y"  # type: ignore[misc]  # what is tested: it cannot be set


def test_the_observables_are_the_eighteen_of_the_standard() -> None:
    assert len(OBSERVABLE_TYPES) == 18
    assert "observed-data" not in OBSERVABLE_TYPES


def test_a_refusal_can_be_written_to_a_file() -> None:
    refusal = Refusal(offset=1, line=None, stix_id=None, code="bad-id", what="a", why="b", remedy="c")
    assert msgspec.json.decode(msgspec.json.encode(refusal), type=Refusal) == refusal
