"""What a request means together with its cursor, and which STIX a body is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.errors import Unreachable
from kouprey.taxii.model import Cursor, Match, Query
from kouprey.taxii.rules import exchange_versions, settle, spec_of

BEGUN = Cursor(after=50, limit=7, match=Match(types=("malware",), versions=("all",)))


def test_without_a_cursor_the_request_says_everything() -> None:
    assert settle(Query(), None, 100) == Cursor(after=0, limit=100, match=Match())
    asked = Query(added_after=9, limit=5, match=Match(types=("tool",)))
    assert settle(asked, None, 100) == Cursor(after=9, limit=5, match=asked.match)


def test_a_cursor_is_enough_by_itself() -> None:
    assert settle(Query(), BEGUN, 100) == BEGUN


@given(st.integers(-(2**60), 2**60))
def test_a_changed_added_after_beside_a_cursor_moves_nothing(added_after: int) -> None:
    assert settle(Query(added_after=added_after), BEGUN, 100).after == BEGUN.after


def test_what_is_sent_beside_a_cursor_holds_and_the_rest_is_kept() -> None:
    on = settle(Query(limit=3, match=Match(types=("tool",), ids=("a",))), BEGUN, 100)
    assert on == Cursor(after=50, limit=3, match=Match(ids=("a",), types=("tool",), versions=("all",)))


@given(st.one_of(st.none(), st.integers(1, 10**18)), st.integers(1, 2000), st.booleans())
def test_a_page_is_never_larger_than_the_operator_allows(limit: int | None, most: int, going_on: bool) -> None:
    assert 1 <= settle(Query(limit=limit), BEGUN if going_on else None, most).limit <= most


@pytest.mark.parametrize(
    ("versions", "selected"),
    [
        ((), "last"),
        (("last",), "last"),
        (("first",), "first"),
        (("all",), "all"),
        ((7, 9), frozenset({7, 9})),
        (("first", "last"), None),
        (("last", 7), None),
    ],
)
def test_versions_the_exchange_can_select(versions: tuple[str | int, ...], selected: object) -> None:
    assert exchange_versions(Match(versions=versions)) == selected


@pytest.mark.parametrize(
    ("raw", "spec"),
    [
        (b'{"type":"malware","spec_version":"2.1"}', "2.1"),
        (b'{"type":"malware"}', "2.0"),
        (b'{"type":"file"}', "2.1"),
        (b'{"type":"file","spec_version":"2.0"}', "2.0"),
        (b'{"type":"malware","spec_version":2.1}', "2.1"),
    ],
)
def test_bodies_say_which_stix_they_are(raw: bytes, spec: str) -> None:
    assert spec_of(raw) == spec


@pytest.mark.parametrize("raw", [b"{", b'{"type":"tool" "id":1}', b'{"type":"\xff"}'])
def test_a_body_damaged_in_the_database_is_said_and_neither_passed_on_nor_left_out(raw: bytes) -> None:
    with pytest.raises(Unreachable) as told:
        spec_of(raw)
    assert told.value.code == "damaged-body" and "kouprey doctor" in told.value.remedy
