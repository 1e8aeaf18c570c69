"""A draft is looked at before it is kept: what is wrong with it is named, and nothing is stored."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.exchange.model.writing import Draft
from kouprey.kernel.words.errors import Damaged, Unknown
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.tlp import TLP

VALUES = ("203.0.113.7", "hxxps://login[.]bad[.]test/x")
PATTERN = "[ipv4-addr:value = '203.0.113.7'] OR [url:value = 'https://login.bad.test/x']"


def indicator(**more: Any) -> Draft:
    return Draft(**{"kind": "indicator", "values": VALUES, "tlp": TLP.GREEN} | more)


def view(party: Any, stix_id: str) -> Any:
    return party.exchange.get_object(party.reader(), stix_id)


def body(party: Any, stix_id: str) -> Any:
    return decode(view(party, stix_id).newest.served.raw)


def write(party: Any, draft: Draft) -> Any:
    return party.exchange.write(draft, who=party.reader(), by="ann")


def test_what_is_wrong_is_named_and_nothing_is_kept(ministry: Any, stix: Any) -> None:
    ministry.keep(stix.make("secret", "malware", is_family=True), tlp=TLP.RED)
    ministry.keep(stix.make("note-like", "report", published="2026-11-22T09:00:00Z", object_refs=[]))
    hidden, report = stix.id("malware", "secret"), stix.id("report", "note-like")
    low = ministry.reader(TLP.GREEN)
    for draft, field, code in (
        (indicator(values=()), "values", "no-value"),
        (indicator(values=("???",)), "values", "unknown-value"),
        (indicator(values=tuple(f"10.0.{n // 250}.{n % 250}" for n in range(300))), "values", "too-many-values"),
        (indicator(pattern="[ipv4-addr:value = ]"), "pattern", "bad-pattern"),
        (indicator(tlp=TLP.AMBER), "tlp", "above-clearance"),
        (indicator(links=(hidden,)), "links", "unknown-object"),
        (indicator(links=(stix.id("malware", "nowhere"),)), "links", "unknown-object"),
        (indicator(links=(report,)), "links", "not-indicated"),
        (Draft(kind="report", tlp=TLP.GREEN), "name", "no-name"),
    ):
        problems = ministry.exchange.look(draft, low).problems
        assert [(each.field, each.code) for each in problems] == [(field, code)], draft
        with pytest.raises((Damaged, Unknown)) as wrong:
            ministry.exchange.write(draft, who=low, by="ann")
        assert wrong.value.code == code and wrong.value.detail["field"] == field
    place = ministry.exchange.look(indicator(pattern="[ipv4-addr:value = ]"), low).problems[0].position
    assert place == len("[ipv4-addr:value = ")
    assert ministry.exchange.counts(ministry.reader()).total == 2


def test_a_pattern_written_by_hand_stays_as_it_is_written(ministry: Any) -> None:
    for pattern in ("[file:name = 'a' AND file:size > 3]", "[ipv4-addr:value='203.0.113.7']", "[x:y = 'it\\'s']"):
        made = write(ministry, indicator(values=(), pattern=pattern))
        draft = ministry.exchange.draft_again(ministry.reader(), made.stix_id)[1]
        assert (draft.pattern, draft.values) == (pattern, ())
