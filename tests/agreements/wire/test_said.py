"""What one party says alone, as bytes: one form each, and everything else refused in words."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.agreements.model import CLAUSES, Comment, Narrowing
from kouprey.agreements.wire import said
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import SECOND

AGREEMENT = "agr_f9941c00cfc53b2fd2e6cc792000e305"
quick = settings(max_examples=200, deadline=None)
LISTS = st.none() | st.sets(st.sampled_from(["a", "b-c", "sighting"]), min_size=1).map(
    lambda words: tuple(sorted(words))
)
NARROWINGS = st.builds(
    Narrowing,
    agreement=st.just(AGREEMENT),
    version=st.integers(1, 1 << 50),
    party=st.just("operator.example"),
    serial=st.integers(0, 1 << 50),
    at=st.integers(0, 1 << 31).map(lambda seconds: seconds * SECOND),
    tlp_ceiling=st.sampled_from(["", "clear", "green", "amber", "amber+strict", "red"]),
    pap_ceiling=st.sampled_from(["", "clear", "green", "amber", "red"]),
    onward=st.sampled_from(["", "none", "members", "community"]),
    types=LISTS,
    purposes=LISTS,
    parties=st.none() | st.just(("cert.example", "ministry.example")),
)
COMMENTS = st.builds(
    Comment,
    agreement=st.just(AGREEMENT),
    version=st.binary(min_size=32, max_size=32),
    party=st.just("operator.example"),
    about=st.sampled_from(["all", "decline", *CLAUSES.values()]),
    serial=st.integers(0, 1 << 50),
    at=st.integers(0, 1 << 31).map(lambda seconds: seconds * SECOND),
    words=st.text(min_size=1, max_size=60).map(said.clean_words).filter(bool),
)
NARROWING = Narrowing(
    agreement=AGREEMENT, version=1, party="operator.example", serial=7, at=0, tlp_ceiling="green", types=("sighting",)
)
COMMENT = Comment(
    agreement=AGREEMENT, version=b"1" * 32, party="operator.example", about="2", serial=7, at=0, words="ខ្ពស់ពេក\n“no”"
)


@quick
@given(NARROWINGS)
def test_a_narrowing_comes_back(narrowing: Narrowing) -> None:
    text = said.render_narrowing(narrowing)
    if narrowing.narrows_nothing:
        with pytest.raises(Damaged):
            said.parse_narrowing(text)
    else:
        assert said.is_narrowing(text) and not said.is_comment(text)
        assert said.parse_narrowing(text) == narrowing


@quick
@given(COMMENTS)
def test_a_comment_comes_back(comment: Comment) -> None:
    text = said.render_comment(comment)
    assert said.is_comment(text) and not said.is_narrowing(text)
    assert said.parse_comment(text) == comment


CUT = st.builds(lambda at, more: said.render_comment(COMMENT)[:at] + more, st.integers(0, 300), st.binary(max_size=40))


@quick
@given(st.binary(max_size=300) | CUT)
def test_no_bytes_are_more_than_damaged(raw: bytes) -> None:
    for parse in (said.parse_narrowing, said.parse_comment):
        try:
            parse(raw)
        except Damaged:
            continue


@quick
@given(st.integers(0, 400), st.integers(1, 255))
def test_a_changed_byte_is_read_as_itself_or_damaged(place: int, flip: int) -> None:
    for text, parse, render in (
        (said.render_narrowing(NARROWING), said.parse_narrowing, said.render_narrowing),
        (said.render_comment(COMMENT), said.parse_comment, said.render_comment),
    ):
        spoiled = bytearray(text)
        spoiled[place % len(text)] ^= flip
        try:
            assert render(parse(bytes(spoiled))) == bytes(spoiled)  # type: ignore[operator]  # each with its own
        except Damaged:
            continue


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("tlp green", "tlp GREEN"),
        ("tlp green", "tlp purple"),
        ("onward -", "onward nobody"),
        ("types sighting", "types sighting intelligence"),
        ("types sighting", "types sighting sighting"),
        ("types sighting", "types "),
        ("types sighting", "types S"),
        ("parties -", "parties not_a_party!"),
        ("serial 7", "serial 07"),
        ("at 1970", "at 1970 "),
        ("party operator.example", "party  operator.example"),
    ],
)
def test_a_narrowing_has_one_form(old: str, new: str) -> None:
    with pytest.raises(Damaged):
        said.parse_narrowing(said.render_narrowing(NARROWING).decode().replace(old, new).encode())


@pytest.mark.parametrize("words", ["", "a\u202eb", "a\x00", "x" * (said.WORDS_MAX + 1)])
def test_words_that_cannot_be_shown_are_refused(words: str) -> None:
    with pytest.raises(Damaged):
        said.parse_comment(said.render_comment(msgspec.structs.replace(COMMENT, words=words)))


def test_typed_words_are_made_fit() -> None:
    assert said.clean_words(" a\r\nb\t\u202ec\x07 ") == "a\nb c"
