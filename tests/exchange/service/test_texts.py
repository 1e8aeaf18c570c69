"""Taking in what was chosen of a text: whole, by ourselves, taken back by a new version, and nobody learns more."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.exchange.model import Observable
from kouprey.exchange.model.texts import Chosen, Telling
from kouprey.exchange.service import texts as verbs
from kouprey.kernel.words.errors import Damaged, Refused, TooLarge, Unknown
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.tlp import TLP

BAD = Observable("domain-name", "bad.example")
SEEN = Observable("ipv4-addr", "198.51.100.7")
CVE = Observable("cve", "CVE-2026-1234")
CHOSEN = (Chosen(observable=BAD, malicious=True), Chosen(observable=SEEN), Chosen(observable=CVE))


def telling(tlp: TLP = TLP.GREEN, **more: str) -> Telling:
    return Telling(name="Mail of Monday", tlp=tlp, **more)


def body(party: Any, stix_id: str) -> Any:
    return decode(party.exchange.get_object(party.reader(), stix_id).newest.served.raw)


def test_values_indicators_and_the_report_that_names_them(ministry: Any, stix: Any) -> None:
    more = {"source": "the list", "description": "A lure.", "text": "see bad[.]example"}
    taken = ministry.exchange.take_text(CHOSEN, telling(**more), by="ann")
    (indicator,), (observed,) = taken.indicators, taken.observed
    report, made = body(ministry, taken.report), body(ministry, indicator)
    assert report["object_refs"] == [indicator, observed]
    assert report["description"] == "A lure.\n\nsee bad[.]example"
    assert report["external_references"] == [
        {"source_name": "the list", "description": "Where the text came from."},
        {"source_name": "cve", "external_id": "CVE-2026-1234"},
    ]
    assert made["pattern"] == "[domain-name:value = 'bad.example']" and made["description"] == "A lure."
    assert made["created_by_ref"] == report["created_by_ref"] == stix.id("identity", "ministry.example")
    for stix_id in (taken.report, indicator, observed):
        view = ministry.exchange.get_object(ministry.reader(), stix_id).newest
        assert not view.served.findings, (stix_id, view.served.findings)
    view = ministry.exchange.get_object(ministry.reader(), indicator).newest
    assert view.tlp is TLP.GREEN and view.served.assertions[0].source.name == "ann"
    assert ministry.exchange.known(ministry.reader(), [BAD, SEEN, CVE]) == {BAD: 1, SEEN: 1, CVE: 1}
    again = ministry.exchange.take_text(CHOSEN, telling(), by="ann")
    assert again.observed == taken.observed and again.indicators != taken.indicators
    assert "description" not in body(ministry, again.report)


def test_nothing_is_half_kept(ministry: Any) -> None:
    for chosen, said, wrong in (
        ((), telling(), Refused),
        (CHOSEN, Telling(name=" ", tlp=TLP.GREEN), Damaged),
        (CHOSEN * 2_000, telling(), TooLarge),
    ):
        with pytest.raises(wrong):
            ministry.exchange.take_text(chosen, said, by="ann")
    assert ministry.exchange.counts(ministry.reader()).total == 0
    with pytest.raises(TooLarge):
        ministry.exchange.extract("x" * (verbs.LONGEST_TEXT + 1))


def test_a_report_of_cves_alone_is_whole(ministry: Any) -> None:
    taken = ministry.exchange.take_text((Chosen(observable=CVE, malicious=True),), telling(), by="ann")
    assert (taken.indicators, taken.observed) == ((), ())
    view = ministry.exchange.get_object(ministry.reader(), taken.report).newest
    assert not view.served.findings


def test_what_was_made_is_taken_back_and_nothing_else(ministry: Any, stix: Any) -> None:
    first = ministry.exchange.take_text(CHOSEN, telling(), by="ann")
    other = ministry.exchange.take_text(CHOSEN, telling(), by="ann")
    done = ministry.exchange.withdraw(first.report, who=ministry.reader(), by="bob")
    assert done.revoked == (first.report, *first.indicators) and done.staying == 1
    for stix_id in done.revoked:
        view = ministry.exchange.get_object(ministry.reader(), stix_id)
        assert view.newest.served.revoked and len(view.versions) == 2 and view.newest.tlp is TLP.GREEN
        assert not view.newest.served.findings
    for stix_id in (other.report, *other.indicators, *first.observed):
        assert not ministry.exchange.get_object(ministry.reader(), stix_id).newest.served.revoked
    with pytest.raises(Refused, match="already"):
        ministry.exchange.withdraw(first.report, who=ministry.reader(), by="bob")
    # A report of ours that names what was made at another time takes only itself back.
    named = {"object_refs": list(other.indicators), "created_by_ref": stix.id("identity", "ministry.example")}
    ministry.keep(stix.make("ours", "report", **named))
    alone = ministry.exchange.withdraw(stix.id("report", "ours"), who=ministry.reader(), by="bob")
    assert alone.revoked == (stix.id("report", "ours"),)
    ministry.keep(stix.make("theirs", "report", object_refs=list(first.indicators)))
    with pytest.raises(Refused, match="not made here"):
        ministry.exchange.withdraw(stix.id("report", "theirs"), who=ministry.reader(), by="bob")


def test_nobody_learns_what_he_may_not_see(ministry: Any, operator: Any, stix: Any) -> None:
    stix.agree(ministry, operator, tlp_ceiling="green")
    hidden = ministry.exchange.take_text(CHOSEN, telling(TLP.RED), by="ann")
    ministry.keep(stix.make("open", pattern="[domain-name:value = 'bad.example']", pattern_type="stix"), tlp=TLP.GREEN)
    for who in (ministry.reader(TLP.GREEN), ministry.foreign("operator.example")):
        assert ministry.exchange.known(who, [BAD, SEEN, CVE]) == {BAD: 1}
        with pytest.raises(Unknown):
            ministry.exchange.withdraw(hidden.report, who=who, by="eve")
    assert ministry.exchange.known(ministry.foreign("stranger.example"), [BAD, SEEN, CVE]) == {}
    assert ministry.exchange.known(ministry.reader(), [BAD]) == {BAD: 2}
