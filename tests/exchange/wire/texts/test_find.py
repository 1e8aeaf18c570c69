"""Values in running text: found however they are written, in their place, and nothing that is none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.exchange.wire.texts import find_candidates

PIECES = (
    *("https://bad-host.kh/gate.php?id=7", "45.77.0.0/16", "2a06:e480::7", "bob@bad-host.kh", "00:11:22:33:44:55"),
    *("0123456789abcdef" * 2, "CVE-2026-12345", "AS13335", "hkey_local_machine\\software\\evil"),
    *("[.]", "(dot)", " [.] ", "[.", "\\.", " dot ", "<.>", "[[.]]", "[at]", " [at] ", "[@]"),
    *("<a href='", "&#46;", "hxxp://", " "),
)


def found(text: str) -> list[tuple[str, str]]:
    return [(each.observable.kind, each.observable.text) for each in find_candidates(text).candidates]


@settings(deadline=None)
@given(st.text(), st.lists(st.sampled_from(PIECES)))
def test_nothing_raises_and_every_place_is_true(text: str, pieces: list[str]) -> None:
    for whole in (text, text.join(pieces), "".join(pieces)):
        for each in find_candidates(whole).candidates:
            lines = whole.splitlines(keepends=True)
            assert 1 <= each.line <= len(lines) and each.times >= 1
            assert (each.before + each.written)[-1:] in whole
            assert lines[each.line - 1][each.column - 1 :].startswith(each.written.split("\n")[0].split("\r")[0][:1])


def test_the_words_before_a_value_begin_whole() -> None:
    words = "The dropper that was found at the ministry on Monday has the checksum "
    (each,) = find_candidates(f"{words}44d88612fea8a8f36de82e1278abb02f.").candidates
    assert words.endswith(each.before) and words[: -len(each.before)].endswith(" ") and len(each.before) > 40
    assert find_candidates(f"{'x' * 90}=44d88612fea8a8f36de82e1278abb02f").candidates[0].before.endswith("=")


def test_scripts_without_blanks_and_names_beyond_ascii() -> None:
    text = "ไปที่evil.inครับ សូមមើលhttp://bad.coនៅ b\u00fccher.de ตัวอย่าง.ไทย កន្លែងbob@bad.suនេះ"
    assert [value for _, value in found(text)] == [
        "evil.in",
        "http://bad.co/",
        "xn--bcher-kva.de",
        "xn--72c1a1bt4awk9o.xn--o3cw4h",
        "bob@bad.su",
    ]


@pytest.mark.parametrize(
    "text", ["no.suchtop", "1.2.3.4.5", "a.b", "::", "00000000000000000000000000000000", "300.1.1.1"]
)
def test_what_is_no_value_is_not_found(text: str) -> None:
    assert found(text) == []


def test_each_value_once_with_how_often_and_an_end() -> None:
    first, second = find_candidates("a.ru b.ru\nhxxp://c.ru A[.]RU").candidates[:2]
    assert (first.times, first.line, first.column, second.times) == (2, 1, 1, 1)
    short = find_candidates("a.ru b.ru c.ru", most=2)
    assert len(short.candidates) == 2 and short.more


HOSTILE = (
    "a.",
    "[",
    "http://",
    "http://a[",
    "x@",
    "a dot ",
    "HKLM\\a\\",
    "a:",
    "1.",
    "<a ",
    '<a b="',
    "&a",
    "\u0e44",
    "<http:",
)


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_texts_end(unit: str) -> None:
    assert len(find_candidates(unit * (100_000 // len(unit))).candidates) <= 2


@pytest.mark.long
@pytest.mark.parametrize("unit", HOSTILE)
def test_five_million_hostile_characters_end(unit: str) -> None:
    assert len(find_candidates(unit * (5_000_000 // len(unit))).candidates) <= 2
