"""Remedies: every code has one, apart from those of patterns."""

from __future__ import annotations

import json
import re
from pathlib import Path

import kouprey.exchange.rules as rules
from kouprey.exchange.rules import remedy, validate

EXAMPLES = Path(__file__).with_name("examples.ndjson")


def test_every_code_in_the_rules_has_a_remedy() -> None:
    folder = Path(rules.__file__).parent
    # A refusal, and what is wrong with a draft, bring their own remedies.
    own = re.compile(r"Refused\(|Problem\(|Damaged\(")
    texts = "".join(text for path in folder.glob("*.py") if not own.search(text := path.read_text()))
    codes = set(re.findall(r'finding\(\s*"([a-z-]+)"|code="([a-z-]+)"|Finding\(\s*"([a-z-]+)"', texts))
    named = {code for found in codes for code in found if code}
    assert len(named) > 20
    assert [code for code in sorted(named) if not remedy(code)] == []


def test_what_is_really_found_has_a_remedy() -> None:
    for line in EXAMPLES.read_text().splitlines():
        value = json.loads(line)
        spoiled = {**value, "created": 1, "labels": [], "lang": "zz-zz-zz", "x": 1, "granular_markings": [{}]}
        assert all(remedy(one.code) for one in validate(spoiled, type=value["type"]))


def test_patterns_say_it_themselves() -> None:
    assert remedy("pattern-syntax") == ""
