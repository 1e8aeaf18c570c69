"""Fingerprint words are distinct, easy to tell apart, and fixed for ever."""

from __future__ import annotations

from hashlib import sha256

import pytest

from kouprey.kernel.seal.voice import WORDS, words_of


def test_the_list() -> None:
    assert len(WORDS) == len(set(WORDS)) == 256
    assert len({word[:4] for word in WORDS}) == 256
    assert all(word.isascii() and word.isalpha() and word.islower() and 4 <= len(word) <= 8 for word in WORDS)
    assert list(WORDS) == sorted(WORDS)


def test_the_list_never_changes() -> None:
    # Two versions of the software would otherwise read the same key aloud in different words.
    assert (
        sha256(" ".join(WORDS).encode()).hexdigest()
        == "0dbe27c381e734316859ca111db6d75e408d705107f32baf101c98d5000357a2"
    )
    assert words_of(b"kouprey") == ("cedar", "opera", "crystal", "barrel", "village", "barrel", "potato", "bulb")


def test_words_depend_on_every_bit_and_are_as_many_as_asked() -> None:
    assert words_of(b"\x00") != words_of(b"\x01")
    assert words_of(b"x", 32)[:5] == words_of(b"x", 5)
    for count in (0, 33):
        with pytest.raises(ValueError, match="between 1 and 32"):
            words_of(b"x", count)
