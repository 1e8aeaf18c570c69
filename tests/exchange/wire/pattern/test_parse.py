"""The pattern parser: which texts are patterns, what tree they make, what it costs, and that nothing else escapes."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.exchange.wire.pattern.parse import MAX_DEPTH, MAX_LENGTH, MAX_TERMS, parse_pattern
from kouprey.exchange.wire.pattern.tree import (
    Between,
    Binary,
    Comparison,
    Comparisons,
    Hex,
    Observation,
    Observations,
    Path,
    Qualified,
    Repeats,
    Timestamp,
    Within,
)
from kouprey.kernel.words.errors import Damaged, TooLarge

DAY = "t'2026-11-22T09:00:00Z'"
MD5 = "0123456789abcdef" * 2
NAME = Path("file", ("name",))


def test_a_comparison() -> None:
    assert parse_pattern("[file:name = 'a.exe']").expression == Observation(Comparison(NAME, "=", "a.exe"))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (r"'it\'s C:\\x'", "it's C:\\x"),
        ("''", ""),
        ("0", 0),
        ("-12", -12),
        ("+7", 7),
        (".5", 0.5),
        ("-1.50", -1.5),
        ("true", True),
        ("false", False),
        ("h'fFd8'", Hex(b"\xff\xd8")),
        ("h''", Hex(b"")),
        ("b'ABI='", Binary(b"\x00\x12")),
        ("b'AB\nI=\n'", Binary(b"\x00\x12")),
        (DAY, Timestamp("2026-11-22T09:00:00Z")),
    ],
)
def test_constants(written: str, value: object) -> None:
    test = parse_pattern(f"[file:name={written}]").expression.condition
    assert (test.value, type(test.value)) == (value, type(value))


@pytest.mark.parametrize(
    ("written", "operator", "value"),
    [
        ("== 'a'", "=", "a"),
        ("<> 'a'", "!=", "a"),
        ("NOT <= 5", "<=", 5),
        ("NOT IN ('a','b' , 3)", "IN", ("a", "b", 3)),
        ("IN()", "IN", ()),
        ("LIKE'%a'", "LIKE", "%a"),
        ("NOT MATCHES '^a'", "MATCHES", "^a"),
        ("ISSUBSET '198.51.100.0/24'", "ISSUBSET", "198.51.100.0/24"),
        ("ISSUPERSET '198.51.100.0/24'", "ISSUPERSET", "198.51.100.0/24"),
    ],
)
def test_operators(written: str, operator: str, value: object) -> None:
    test = parse_pattern(f"[file:name {written}]").expression.condition
    assert test == Comparison(NAME, operator, value, "NOT" in written)


def test_existence() -> None:
    assert parse_pattern("[NOT EXISTS file:name]").expression.condition == Comparison(NAME, "EXISTS", None, True)
    assert parse_pattern("[EXISTS file:name]").expression.condition == Comparison(NAME, "EXISTS", None)
    with pytest.raises(Damaged, match=r"2\.0"):
        parse_pattern("[EXISTS file:name]", "2.0")


@pytest.mark.parametrize(
    ("written", "object_type", "steps"),
    [
        ("x-thing:a", "x-thing", ("a",)),
        ("file:extensions.'windows-pebinary-ext'.sections[*].entropy", "file", None),
        ("a : b [ +2 ] . 'c d'", "a", ("b", 2, "c d")),
        ("a:b[0][*]", "a", ("b", 0, None)),
        ("a:'*'", "a", ("*",)),
        (r"a:b.'\'\\'", "a", ("b", "'\\")),
        ("a:" + "b." * 200 + "c", "a", ("b",) * 200 + ("c",)),
    ],
)
def test_paths(written: str, object_type: str, steps: tuple[object, ...] | None) -> None:
    steps = steps or ("extensions", "windows-pebinary-ext", "sections", None, "entropy")
    assert parse_pattern(f"[{written}=1]").expression.condition.path == Path(object_type, steps)


def test_and_binds_tighter_than_or_tighter_than_followedby() -> None:
    a, b, c, d = (Comparison(Path("x", (name,)), "=", 1) for name in "abcd")
    inner = parse_pattern("[x:a=1 OR x:b=1 AND x:c=1 OR (x:d=1)]").expression
    assert inner == Observation(Comparisons("OR", (a, Comparisons("AND", (b, c)), d)))
    assert parse_pattern("[(x:a=1 OR x:b=1) AND x:c=1]").expression.condition == Comparisons(
        "AND", (Comparisons("OR", (a, b)), c)
    )
    one, two, three, four = map(Observation, (a, b, c, d))
    outer = parse_pattern("[x:a=1] FOLLOWEDBY [x:b=1] OR [x:c=1] AND [x:d=1]").expression
    assert outer == Observations("FOLLOWEDBY", (one, Observations("OR", (two, Observations("AND", (three, four))))))


def test_qualifiers_hold_for_what_they_follow() -> None:
    one, two = (Observation(Comparison(Path("x", (name,)), "=", 1)) for name in "ab")
    last = parse_pattern("[x:a=1] AND [x:b=1] REPEATS 5 TIMES WITHIN 1.5 SECONDS").expression
    assert last == Observations("AND", (one, Qualified(two, (Repeats(5), Within(1.5)))))
    group = parse_pattern(f"([x:a=1] AND [x:b=1]) START {DAY} STOP {DAY}").expression
    stamp = Timestamp("2026-11-22T09:00:00Z")
    assert group == Qualified(Observations("AND", (one, two)), (Between(stamp, stamp),))


def test_one_qualifier_of_a_kind() -> None:
    with pytest.raises(Damaged, match="same kind"):
        parse_pattern("[x:a=1] REPEATS 2 TIMES WITHIN 5 SECONDS REPEATS 3 TIMES")
    parse_pattern("[x:a=1] REPEATS 2 TIMES REPEATS 3 TIMES", "2.0")
    parse_pattern("([x:a=1] REPEATS 2 TIMES) REPEATS 3 TIMES")


@pytest.mark.parametrize(
    "text",
    [
        "[a:b/* why */=1 // and so on\n]",
        "[a:b=1AND c:d=1]AND[a:b='x'OR c:d='y']FOLLOWEDBY[a:b=1]WITHIN 5SECONDS",
        "\u3000([a:b=1]\x85)\u2003",
        "[a:and=1 AND a-:b=true]",
        f"[file:hashes.MD5 IN ('{MD5}') AND file:hashes.'SHA-1' LIKE '00%' AND file:hashes.TLSH = 'any']",
        "[file:hashes[0] = 'x' AND file:hashes[*] = 'x' AND EXISTS file:hashes.MD5]",
    ],
)
def test_accepted(text: str) -> None:
    parse_pattern(text)


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("", 0, "the text ends"),
        ("file:size = 1", 0, "square bracket"),
        ("( /* why */ [a:b=1])", 2, "no comment"),
        ("[]", 1, "object path"),
        ("[a.b = 1]", 1, "object path"),
        ("['a':b = 1]", 1, "object path"),
        ("[a:b-c = 1]", 1, "object path"),
        ("[a:IN = 1]", 1, "object path"),
        ("[true:b = 1]", 1, "of the language"),
        ("[NOT a:b = 1]", 1, "of the language"),
        ("[a:b[-1] = 1]", 4, "operator"),
        ("[a:b[01] = 1]", 4, "operator"),
        ("[a:b is 1]", 5, "operator"),
        ("[a:b like 'x']", 5, "operator"),
        ("[a:b =? 'x']", 6, "a value belongs after ="),
        ("[a:b === 'x']", 7, "a value"),
        ("[a:b = ]", 7, "a value"),
        ("[a:b = abc]", 7, "a value"),
        ('[a:b = "x"]', 7, "a value"),
        ("[a:b = TRUE]", 7, "a value"),
        ("[a:b = h'fff']", 7, "a value"),
        ("[a:b = b'====']", 7, "a value"),
        ("[a:b = b'']", 7, "a value"),
        ("[a:b = 'C:\\x']", 7, "a value"),
        ("[a:b = t'2026-13-22T09:00:00Z']", 7, "a value"),
        ("[a:b = t'2026-11-22T24:00:00Z']", 7, "a value"),
        ("[a:b = t'2026-11-22T09:00:00']", 7, "a value"),
        ("[a:b IN ('x',)]", 8, "a value"),
        ("[a:b IN 'x']", 8, "IN wants a set"),
        ("[a:b = ('x')]", 7, "one value"),
        ("[a:b > true]", 7, "cannot compare"),
        ("[a:b LIKE 5]", 10, "LIKE wants text"),
        ("[a:b = 05]", 8, "after a comparison"),
        ("[a:b = 1.]", 8, "after a comparison"),
        ("[a:b = 1 and c:d = 1]", 9, "after a comparison"),
        ("[a:b = 1 FOLLOWEDBY c:d = 1]", 9, "after a comparison"),
        ("[(a:b = 1]", 9, "still open"),
        ("[a:b = 1)]", 8, "nothing is open"),
        ("[a:b = 1] OR a:b = 2", 13, "square brackets"),
        ("[a:b = 1])", 9, "nothing is open"),
        ("([a:b = 1]", 10, "still open"),
        ("[a:b = 1] within 2 SECONDS", 10, "a qualifier"),
        ("[a:b = 1] WITHIN -2 SECONDS", 10, "a qualifier"),
        ("[a:b = 1] REPEATS 2.5 TIMES", 10, "a qualifier"),
        ("[a:b = 1] START '2026-11-22T09:00:00Z' STOP '2026-11-22T09:00:00Z'", 10, "a qualifier"),
        ("[a:b = 1] /* why", 10, "a qualifier"),
        ("[a:b = 1]\x1f", 9, "a qualifier"),
        ("[file:hashes.'SHA-256' = 'f00']", 25, "no SHA-256 hash"),
        ("[file:hashes.md5 = 5]", 19, "no MD5 hash"),
        (f"[x:a.hashes.MD5 IN ('{MD5}', '{MD5}0')]", 56, "no MD5 hash"),
        (f"[file:hashes.MD5 = '{MD5}\n']", 19, "no MD5 hash"),
    ],
)
def test_refused_with_place_reason_and_remedy(text: str, position: int, words: str) -> None:
    with pytest.raises(Damaged) as caught:
        parse_pattern(text)
    damage = caught.value
    assert (damage.code, damage.detail) == ("bad-pattern", {"position": position})
    assert words in damage.why and f"character {position + 1} " in damage.why
    assert damage.what and damage.remedy


@pytest.mark.parametrize(
    "text",
    [
        "[a:b='" + "x" * MAX_LENGTH + "']",
        "[" + "(" * 10_000 + "a:b=1" + ")" * 10_000 + "]",
        "(" * 10_000 + "[a:b=1]" + ")" * 10_000,
        "[" + " OR ".join(["a:b=1"] * (MAX_TERMS + 1)) + "]",
        "[a:b IN (" + ",".join("1" * (MAX_TERMS + 1)) + ")]",
        "[a:b=" + "9" * 401 + "]",
        "[a:b=" + "9" * 400 + ".5]",
        "[a:b=" + "9" * 310 + ".5]",
        "[a:b[" + "9" * 401 + "]=1]",
        "[a:b=1] REPEATS " + "9" * 401 + " TIMES",
    ],
)
def test_limits(text: str) -> None:
    with pytest.raises(TooLarge) as caught:
        parse_pattern(text)
    assert caught.value.code == "pattern-too-large" and caught.value.why


def test_up_to_the_limits() -> None:
    deep = "(" * MAX_DEPTH + "[" + "(" * MAX_DEPTH + "a:b=1" + ")" * MAX_DEPTH + "]" + ")" * MAX_DEPTH
    assert parse_pattern(deep) == parse_pattern("[a:b=1]")
    wide = parse_pattern("[" + " OR ".join(["a:b=1"] * MAX_TERMS) + "]")
    assert parse_pattern(str(wide)) == wide


@pytest.mark.parametrize(
    "unit",
    [
        *("/*", "'", "\\", "[", "(", "/**/", "[a:b=1] AND ", "a:b.", "a:b[0]", "t'2026-", "1,", " ", "h'", "NOT "),
        *("*", "\\'", ".c", ".c/**/", "[0]", "/**/,'a'/**/", "AAAA", "A\nA\n", "//\n"),
    ],
)
@pytest.mark.parametrize(
    "before",
    [
        *("", "[", "[a:b", "[a:b=", "[a:b IN (", "[a:b=1", "[a:b=1]", "[a:b='"),
        *("[a:b IN (1", "[a:b=b'", "[EXISTS a:b", "[/*"),
    ],
)
def test_hostile_repetition_takes_linear_time(unit: str, before: str) -> None:
    text = (before + unit * (MAX_LENGTH // len(unit)))[:MAX_LENGTH]
    began = time.process_time()
    with suppress(Damaged):
        parse_pattern(text)
    assert time.process_time() - began < 1


@settings(max_examples=400, deadline=None)
@given(
    st.text() | st.text(alphabet="[]()'\\:.=ab1 ANDORI<>!-+*,/\n") | st.binary().map(lambda raw: raw.decode("latin1"))
)
def test_any_text_is_a_pattern_or_damaged(text: str) -> None:
    for candidate in (text, f"[{text}]", f"[a:b = {text}]", f"[a:b=1] {text}"):
        try:
            parsed = parse_pattern(candidate)
        except Damaged as damage:
            assert damage.why and damage.remedy
        else:
            assert parse_pattern(str(parsed)) == parsed


_QUICK = st.sampled_from(
    ("a:b", "ipv4-addr:value", "file:hashes.MD5", "file:hashes.'SHA-256'", "a:b[*].c", "AND:b", "a:IN")
)


@settings(max_examples=300, deadline=None)
@given(_QUICK | st.text(alphabet="ab-_:.[]*1' "), st.text() | st.text(alphabet="'\\ab]") | st.just("0" * 32))
def test_one_comparison_is_read_at_one_look_as_it_is_step_by_step(path: str, value: str) -> None:
    def read(text: str) -> object:
        try:
            return parse_pattern(text)
        except Damaged as damage:
            return damage.code

    # The blank leads along the long road.
    assert read(f"[{path} = '{value}']") == read(f"[ {path} = '{value}']")
