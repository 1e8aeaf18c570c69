"""The text of `next`: round trips, and nobody else's is taken."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.errors import Damaged
from kouprey.taxii.model import Cursor, Match
from kouprey.taxii.wire.cursor import read_cursor, write_cursor


def keyed(key: bytes) -> Callable[[bytes], bytes]:
    return lambda data: hmac.new(key, data, hashlib.sha256).digest()


HERE = keyed(b"here")
CURSOR = Cursor(after=5, limit=10, match=Match(types=("malware",), versions=("first", 7)))
WORDS = st.lists(st.text(min_size=1, max_size=20), max_size=3).map(tuple)
INSTANTS = st.integers(-(2**62), 2**62)
CURSORS = st.builds(
    Cursor,
    after=INSTANTS,
    limit=st.integers(1, 10**9),
    match=st.builds(
        Match,
        ids=WORDS,
        types=WORDS,
        specs=WORDS,
        versions=st.lists(st.one_of(st.sampled_from(["first", "last", "all"]), INSTANTS), max_size=3).map(tuple),
    ),
)


def write(cursor: Cursor = CURSOR, party: str = "cert.example", collection: str = "c") -> str:
    return write_cursor(cursor, party=party, collection=collection, sign=HERE)


@given(CURSORS)
def test_what_was_written_is_read(cursor: Cursor) -> None:
    text = write(cursor)
    assert read_cursor(text, party="cert.example", collection="c", sign=HERE) == cursor
    assert text.replace("-", "").replace("_", "").isalnum()
    assert write(cursor) == text


@pytest.mark.parametrize(
    ("party", "collection", "key"),
    [("other.example", "c", b"here"), ("cert.example", "d", b"here"), ("cert.example", "c", b"there")],
)
def test_it_holds_for_one_party_one_collection_and_one_node(party: str, collection: str, key: bytes) -> None:
    with pytest.raises(Damaged) as caught:
        read_cursor(write(), party=party, collection=collection, sign=keyed(key))
    assert caught.value.code == "bad-next"


def test_every_changed_letter_is_noticed() -> None:
    text = write()
    for place in range(len(text)):
        for letter in "AQg_":
            changed = text[:place] + letter + text[place + 1 :]
            if changed != text:
                try:
                    # Unused bits of the last letter may differ; then it means the same.
                    assert read_cursor(changed, party="cert.example", collection="c", sign=HERE) == CURSOR
                    assert place == len(text) - 1
                except Damaged:
                    pass


@given(st.one_of(st.text(max_size=60), st.from_regex(r"[A-Za-z0-9_-]{0,80}", fullmatch=True)))
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Damaged):
        read_cursor(text, party="cert.example", collection="c", sign=HERE)
