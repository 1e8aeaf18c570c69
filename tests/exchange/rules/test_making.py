"""What we make of a value names that value, is valid, and has the id everybody gives it."""

from __future__ import annotations

import pytest

from kouprey.exchange.model import Observable
from kouprey.exchange.rules.making import observable_object, pattern_of, stamp
from kouprey.exchange.wire import findings_of
from kouprey.exchange.wire.observables import KINDS, observables_in
from kouprey.exchange.wire.observables.canonical import HEX_DIGITS
from kouprey.exchange.wire.pattern import parse_pattern

TEXTS = {
    **dict.fromkeys(HEX_DIGITS, "0123456789abcdef" * 8),
    "ssdeep": "3:abc:def",
    "as-number": "AS64500",
    "certificate-serial": "1a2b",
    "cve": "CVE-2026-1234",
    "domain-name": "a.example",
    "email-addr": "a@a.example",
    "file-name": "it's\\a.exe",
    "ipv4-net": "198.51.100.0/24",
    "mutex": "Global\\it's",
    "registry-key": "hkey_current_user\\software\\o'x",
    "tlsh": "T1" + "A" * 70,
    "url": "https://a.example/?q='x'",
}


@pytest.mark.parametrize("kind", KINDS)
def test_an_observable_and_its_pattern_name_the_value(kind: str) -> None:
    observable = Observable(kind, TEXTS.get(kind, "198.51.100.7")[: HEX_DIGITS.get(kind)])
    made, pattern = observable_object(observable), pattern_of(observable)
    assert (made is None) == (kind in ("cve", "user-agent"))
    assert (pattern is None) == (kind == "cve")
    if pattern is not None:
        parse_pattern(pattern)


@pytest.mark.parametrize(
    "kind", sorted({"as-number", "domain-name", "email-addr", "ipv4-net", "mutex", "registry-key", "url"})
)
def test_what_is_made_is_found_again(kind: str) -> None:
    observable = Observable(kind, TEXTS[kind])
    made = observable_object(observable)
    assert made is not None and observables_in(made) == (observable,)
    assert not [finding for finding in findings_of(made, made["type"]) if finding.severity == "must"]
    indicator = {"type": "indicator", "pattern": pattern_of(observable), "pattern_type": "stix"}
    assert observables_in(indicator) == (observable,)


def test_an_instant_has_milliseconds() -> None:
    assert stamp(1_234_567) == "1970-01-01T00:00:01.234Z"
