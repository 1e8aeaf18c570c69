"""The verdict on a pattern: fatal or not, with its paragraph."""

from __future__ import annotations

import pytest

from kouprey.exchange.wire.pattern.check import check_pattern


@pytest.mark.parametrize(
    "text",
    [
        "[a:b=1 AND a:c=1] REPEATS 1 TIMES WITHIN 0.1 SECONDS",
        "[a:b=1 OR c:d=1]",
        "[(a:b=1 AND a:c=1) OR (c:d=1 AND c:e=1)]",
        "[a:b=1] AND [c:d=1]",
        "[a:b IN (1, 2.5)]",
    ],
)
def test_sound(text: str) -> None:
    assert check_pattern(text) == ()


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("[a:b=1 AND c:d=1]", ["pattern-mixed-types"]),
        ("[a:b=1 AND (c:d=1 OR e:f=1)]", ["pattern-mixed-types"]),
        ("([a:b=1] FOLLOWEDBY [a:b=1 AND c:d=1]) WITHIN 5 SECONDS", ["pattern-mixed-types"]),
        ("[a:b IN (1, 'x')]", ["pattern-mixed-set"]),
        ("[a:b IN (1, true)]", ["pattern-mixed-set"]),
        ("[a:b=1] REPEATS 0 TIMES", ["pattern-zero-qualifier"]),
        ("[a:b=1] WITHIN 0.0 SECONDS", ["pattern-zero-qualifier"]),
    ],
)
def test_breaches_beyond_the_grammar(text: str, codes: list[str]) -> None:
    found = check_pattern(text)
    assert [finding.code for finding in found] == codes
    assert all(not one.fatal and one.what and one.why and one.remedy and "STIX 2.1, 9." in one.source for one in found)


def test_an_unreadable_pattern_has_one_fatal_finding() -> None:
    (finding,) = check_pattern("[a:b = ]")
    assert (finding.code, finding.fatal, finding.position, finding.source) == ("bad-pattern", True, 7, "STIX 2.1, 9")


def test_a_limit_of_ours_is_no_paragraph_of_the_standard() -> None:
    (finding,) = check_pattern("(" * 1000)
    assert finding.code == "bad-pattern"
    (finding,) = check_pattern("(" * 1000 + "[")
    assert (finding.code, finding.fatal, finding.position, finding.source) == ("pattern-too-large", True, None, "")


def test_the_edition_decides() -> None:
    assert check_pattern("[EXISTS a:b]") == ()
    assert check_pattern("[EXISTS a:b]", "2.0")[0].fatal
