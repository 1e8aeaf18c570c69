"""The address of the list: whatever it says is read without failing, and written again it asks for the same."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.pages.query import Query, query_of, read_address, read_words

NAMES = ["q", "type", "tlp", "source", "from", "to", "collection", "findings", "revoked", "conflict", "saved", "x"]
VALUES = st.sampled_from(
    ["", "tool", "amber+strict", "AMBER", "red", "2026-11-22", "2026-02-30", "any", "must", "yes", "no", "feed.json"]
) | st.text(max_size=30)


@given(st.dictionaries(st.sampled_from(NAMES), st.lists(VALUES, max_size=4)))
def test_any_address_is_read_and_asks_for_the_same_when_it_is_written(given_: dict[str, list[str]]) -> None:
    query = read_address(given_)
    assert query_of(query.search) == query
    assert read_words(urlsplit(query.url()).query) == query
    assert query.narrows == bool(query.pairs)


def test_every_filter_has_its_place() -> None:
    address = (
        "q=wick&type=tool&tlp=amber%2Bstrict&source=feed.json&from=2026-11-01&to=2026-11-22&collection=feed"
        "&findings=must&revoked=no&conflict=yes"
    )
    query = read_words(address)
    assert all(getattr(query, name) for name in Query.__dataclass_fields__)
    assert parse_qs(urlsplit(query.url()).query) == parse_qs(address)
    assert query.toggled("types", "tool").types == () and query.toggled("types", "malware").types == ("tool", "malware")


@given(st.text())
def test_what_no_browser_sends_is_no_failure(text: str) -> None:
    assert isinstance(read_words(text), Query)
