"""Papers of response: any words are drawn as words, with the marking on every page."""

from __future__ import annotations

import pytest

from kouprey.kernel.words.errors import Damaged
from kouprey.response.wire.papers import Section, Sheet, draw, look
from leaks.unpacking import texts_of

ODD = ("#let x = 1", "$a$ *b* _c_", "<label> @ref \\ \u202e", "អក្សរខ្មែរ", "'\"` -- ~")


def sheet() -> Sheet:
    rows = [(word, str(place)) for place, word in enumerate(ODD * 20)]
    return Sheet(
        title=ODD[0],
        about=ODD[1],
        marking="TLP:AMBER+STRICT",
        sections=[
            Section(title=ODD[2], heads=ODD[:2], rows=rows, widths=(3, 1), note="noted"),
            Section(title="None", none="nothing is here"),
            Section(title="Days", bars=[("11-01", 0), ("11-02", 7)]),
        ],
        at=1_790_000_000_000_000,
        footer="ours",
        notice="look here",
        ends="the end",
    )


def test_words_are_never_source_and_every_page_is_marked() -> None:
    made = draw("en", sheet)
    words = texts_of(made)
    for wanted in ("#let x = 1", "nothing is here", "look here", "the end", "noted", "11-02"):
        assert wanted in words, wanted
    pages = len(look("en", sheet))
    assert pages >= 2 and words.count("TLP:AMBER+STRICT") >= 2 * pages
    assert draw("en", sheet) == made, "the same words are the same bytes"


def test_a_language_there_is_none_of() -> None:
    with pytest.raises(Damaged):
        draw("xx", sheet)
