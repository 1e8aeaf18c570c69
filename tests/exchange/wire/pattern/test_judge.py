"""Our verdicts beside those of stix2-patterns: the same, or different for a reason that a paragraph gives."""

from __future__ import annotations

import gzip
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kouprey.exchange.wire.pattern.parse import Edition, parse_pattern
from kouprey.kernel.words.errors import Damaged, TooLarge

if TYPE_CHECKING:
    from .conftest import Maker

judge = pytest.importorskip("stix2patterns.validator", reason="stix2-patterns, the judge, is not installed")

SHARED = Path(os.environ.get("KOUPREY_SHARED") or Path(__file__).parents[5] / "shared")
MD5 = "0123456789abcdef" * 2

DIFFERENCES = [
    # text, verdict of the judge (a name: it fails with that), our verdict, paragraph of STIX 2.1
    (f"[file:hashes.MD5 IN ('{MD5}')]", False, True, "9.6.1: IN takes a set of constants"),
    ("[file:hashes.MD5 LIKE 'cead%']", False, True, "9.6.1: LIKE takes a pattern, not a hash"),
    ("[file:hashes.MD5 MATCHES '^cead']", False, True, "9.6.1: MATCHES takes an expression, not a hash"),
    ("[file:hashes[0] = 'x']", "AttributeError", True, "9.7.2: a place in a list"),
    ("[a:b[-1] = 1]", "AttributeError", False, "9.7.2: places count from 0"),
    ("[a:b = b'AB\nI=']", False, True, "9.2: line feeds in base64 are to be ignored"),
    (f"[file:hashes.MD6 = '{MD5}zz']", True, False, "2.7: a hash is the digest and nothing more"),
    (f"[file:hashes.MD5 = '{MD5}\n']", True, False, "2.7: a hash is the digest and nothing more"),
    ("[a:b = " + "9" * 309 + ".0]", True, False, "2.6: a float is an IEEE 754 double"),
    ("", "UnboundLocalError", False, "9.5: a pattern has at least one observation"),
]
"""Every class of difference we know of, with an example. The one more is in 2.0: there EXISTS may name a property."""

SEEDS = [
    "[file:size = 1280]",
    "[file:hashes.'SHA-256' = '" + MD5 * 2 + "' OR file:hashes.MD5 != '" + MD5 + "']",
    "[x-thing:a.'b c'[*].d[0] NOT IN ('x', 1, -2.5, true, h'ff', b'ABI=')] WITHIN 5 SECONDS",
    "([a:b LIKE '%x'] FOLLOWEDBY [a:b MATCHES '^x$' AND NOT EXISTS c:d]) WITHIN 300.5 SECONDS REPEATS 2 TIMES",
    "[a:b ISSUBSET '198.51.100.0/24' OR (a:b ISSUPERSET '2001:db8::/32' AND a:c <= 5)] REPEATS 5 TIMES",
    "[a:b = t'2026-11-22T09:00:00.5Z'] START t'2026-11-22T09:00:00Z' STOP t'2026-11-23T09:00:00Z'",
    "[a:b = 'it\\'s'] AND ([a:c == +1] OR [a:c <> .5]) // end",
    "[a:b/* why */>1AND c-d:e<'x'OR f:g>=false]AND[a:b=true]",
    "(([a:b = 1] REPEATS 2 TIMES) REPEATS 3 TIMES) FOLLOWEDBY [AND:b = 1] OR [a:true = 1]",
]


def judged(text: str, edition: Edition) -> bool | str:
    try:
        return judge.run_validator(text, stix_version=edition) == []
    except Exception as failure:
        return type(failure).__name__


def ours(text: str, edition: Edition) -> bool:
    try:
        parse_pattern(text, edition)
    except Damaged:
        return False
    return True


def explained(text: str, edition: Edition, theirs: bool | str, mine: bool) -> bool:
    """Is this difference one of the classes above?"""
    if isinstance(theirs, str):
        return "[" in text[1:] or not text
    if mine:
        searched = re.search(r"hashes.*\b(?:IN|LIKE|MATCHES|ISSUBSET|ISSUPERSET)\b", text, re.DOTALL)
        return searched is not None or re.search(r"b'[^']*[\r\n]", text) is not None
    return (edition == "2.0" and "EXISTS" in text) or limited(text, edition)


def limited(text: str, edition: Edition) -> bool:
    try:
        parse_pattern(text, edition)
    except TooLarge:
        return True
    except Damaged:
        return False
    return False


@pytest.mark.parametrize(("text", "theirs", "mine", "paragraph"), DIFFERENCES)
def test_known_differences(text: str, theirs: bool | str, mine: bool, paragraph: str) -> None:
    assert (judged(text, "2.1"), ours(text, "2.1")) == (theirs, mine), paragraph


@pytest.mark.parametrize("edition", ["2.0", "2.1"])
def test_made_patterns_get_one_verdict(maker: Maker, edition: Edition) -> None:
    accepted = 0
    for _ in range(300):
        text = str(maker.pattern())
        theirs, mine = judged(text, edition), ours(text, edition)
        accepted += mine
        assert theirs == mine or explained(text, edition, theirs, mine), text
    assert accepted == 300 if edition == "2.1" else accepted > 100


@pytest.mark.parametrize(
    "count", [1500, pytest.param(100_000, marks=pytest.mark.long)], ids=lambda count: f"{count} mutants"
)
def test_mutants_get_one_verdict(maker: Maker, count: int) -> None:
    seeds = SEEDS + [str(maker.pattern()) for _ in range(50)]
    verdicts = {True: 0, False: 0}
    for _ in range(count):
        text = maker.mutant(seeds)
        edition: Edition = maker.random.choice(("2.0", "2.1"))
        theirs, mine = judged(text, edition), ours(text, edition)
        verdicts[mine] += 1
        assert theirs == mine or explained(text, edition, theirs, mine), (edition, text)
    assert min(verdicts.values()) > count // 50, verdicts


@pytest.mark.parametrize("step", [17, pytest.param(1, marks=pytest.mark.long)])
def test_published_patterns_get_one_verdict(step: int) -> None:
    if not (SHARED / "data" / "stix").is_dir():
        pytest.skip("published samples are not here: set KOUPREY_SHARED")
    found: set[tuple[Edition, str]] = set()
    for path in sorted((SHARED / "data" / "stix").glob("*.ndjson.gz")):
        with gzip.open(path) as lines:
            for line in lines:
                if b'"pattern"' in line and isinstance((value := json.loads(line)).get("pattern"), str):
                    found.add(("2.1" if value.get("spec_version") == "2.1" else "2.0", value["pattern"]))
    for edition, text in sorted(found)[::step]:
        assert judged(text, edition) == ours(text, edition), text
