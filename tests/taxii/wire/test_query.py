"""The query string: what is understood, what is refused, and that nothing else can happen."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import parse_instant
from kouprey.taxii.model import Match, Query
from kouprey.taxii.wire.query import MOST_VALUES, read_query

ONE = "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
TWO = "file--fb0419a8-f09c-57f8-be64-71a80417591c"
NAMES = ["added_after", "limit", "next", "match[id]", "match[type]", "match[version]", "match[spec_version]"]


def read(**given: str) -> Query:
    named = {name if name in NAMES else f"match[{name}]": value for name, value in given.items()}
    return read_query(urlencode(named).encode())


def test_nothing_asked_is_everything() -> None:
    assert read_query(b"") == Query()
    assert read_query(b"&&=&match%5Bcolour%5D=red&x=1&x=2") == Query()


def test_filters_are_read_with_brackets_plain_and_encoded() -> None:
    wanted = Query(match=Match(ids=(ONE, TWO)))
    assert read_query(f"match[id]={ONE},{TWO}".encode()) == wanted
    assert read_query(f"match%5Bid%5D={ONE}%2C{TWO}".encode()) == wanted
    assert read(type="malware,x-custom,Tool").match.types == ("malware", "x-custom", "Tool")
    assert read(spec_version="2.1,2.0").match.specs == ("2.1", "2.0")


@pytest.mark.parametrize("fraction", ["", ".1", ".12", ".123", ".1234", ".12345", ".123456", ".1234567", ".123456789"])
def test_added_after_takes_any_precision(fraction: str) -> None:
    text = f"2026-11-22T09:00:00{fraction}Z"
    assert read(added_after=text).added_after == parse_instant(text)


def test_versions_are_words_and_instants() -> None:
    assert read(version="first,last").match.versions == ("first", "last")
    assert read(version="2026-11-22T09:00:00Z,first").match.versions == (parse_instant("2026-11-22T09:00:00Z"), "first")


def test_a_huge_limit_is_a_limit() -> None:
    assert (read(limit="1").limit, read(limit="007").limit) == (1, 7)
    assert (read(limit="1000000000").limit or 0) == 10**9
    assert (read(limit="9" * 9000).limit or 0) > 10**9


WRONG = [
    "limit=0",
    "limit=-1",
    "limit=abc",
    "limit=",
    "limit=1.5",
    "limit=%D9%A1",
    "limit=000",
    "limit=1&limit=2",
    "added_after=x",
    "added_after=",
    "added_after=2026-13-01T00:00:00Z",
    "added_after=2026-11-22",
    "added_after=9999-12-31T23:59:60Z",
    "added_after=0001-01-01T00:00:00%2B14:00",
    "added_after=2026-11-22T09:00:00Z&added_after=2026-11-22T09:00:00Z",
    "next=",
    "next=a&next=a",
    "match[id]=",
    "match[id]=x",
    f"match[id]={ONE},",
    f"match[id]={ONE}%00",
    f"match[id]={ONE}&match[id]={TWO}",
    "match[id]=" + ",".join([ONE] * (MOST_VALUES + 1)),
    "match[type]=",
    "match[type]=a,,b",
    "match[type]=in%00dicator",
    "match[type]=a&match%5Btype%5D=b",
    "match[version]=",
    "match[version]=newest",
    "match[version]=all,first",
    "match[version]=first,first",
    "match[version]=2026-11-22T09:00:00Z,2026-11-22T09:00:00.000Z",
    "match[spec_version]=2",
    "match[spec_version]=",
    "match[id]=%FF",
    "&".join(["a=1"] * 101),
]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_refused(text: str) -> None:
    with pytest.raises(Damaged) as caught:
        read_query(text.encode())
    assert caught.value.http_status == 400
    assert caught.value.why and caught.value.remedy


VALUES = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from([ONE, TWO, "first", "all", "2.1", "2026-11-22T09:00:00Z", "1", ""])).map(",".join),
)


@given(st.one_of(st.binary(max_size=80), st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=4)))
def test_anything_is_understood_or_refused(sent: bytes | list[tuple[str, str]]) -> None:
    if isinstance(sent, list):
        sent = "&".join(f"{quote(name)}={quote(value)}" for name, value in sent).encode()
    try:
        query = read_query(sent)
    except Damaged:
        return
    assert query.limit is None or query.limit > 0
    assert len(set(query.match.versions)) == len(query.match.versions)
    for values in (query.match.ids, query.match.types, query.match.specs):
        assert all(values) and len(set(values)) == len(values)
