"""Foresight: the numbers it tells are those that the partner then finds, and it tells nothing of what is hidden."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.agreements.model import ApprovalRule, Terms
from kouprey.kernel.words.errors import Forbidden, Unknown
from kouprey.kernel.words.tlp import TLP


def fill(ministry: Any, stix: Any) -> None:
    ministry.keep(*(stix.make(f"g{n}") for n in range(3)), tlp=TLP.GREEN)
    ministry.keep(*(stix.make(f"a{n}", "malware") for n in range(4)), tlp=TLP.AMBER)
    ministry.keep(stix.make("canary"), tlp=TLP.RED)


def draft(ministry: Any, operator: Any, **terms: Any) -> str:
    ministry.people.trust(operator.people.home().note, by="test")
    starts = ministry.clock() - 3_600_000_000
    made = ministry.agreements.draft("Draft", ["operator.example"], Terms(**terms), starts=starts, by="test")
    return str(made.agreement)


def test_a_draft_says_what_signing_it_then_does(ministry: Any, operator: Any, stix: Any) -> None:
    fill(ministry, stix)
    rules = (ApprovalRule(tlp="amber", role="legal"),)
    for terms in ({"tlp_ceiling": "green"}, {"tlp_ceiling": "amber"}, {"tlp_ceiling": "amber", "approvals": rules}):
        seen = ministry.exchange.foresight(ministry.reader(), draft(ministry, operator, **terms))
        (outlook,) = seen.outlooks
        assert (outlook.party, outlook.now, seen.signed) == ("operator.example", 0, False)
        levels = {each.tlp: each for each in outlook.levels}
        assert levels[TLP.GREEN].then == 3 and levels[TLP.RED].then == 0 and levels[TLP.RED].held == 1
        amber = levels[TLP.AMBER]
        assert amber.then == (4 if terms["tlp_ceiling"] == "amber" else 0)
        assert amber.released == (4 if "approvals" in terms else 0)
        assert all(reason.clause and reason.agreement for reason in levels[TLP.RED].because)
        assert {each.title for each in outlook.opens} <= {*(f"g{n}" for n in range(3)), *(f"a{n}" for n in range(4))}
        assert len(outlook.opens) in (3, 5) and not outlook.closes
    stix.agree(ministry, operator, tlp_ceiling="amber")
    ministry.settle()
    assert ministry.exchange.counts(ministry.foreign("operator.example")).total == 7


def test_what_a_tighter_version_closes_is_told(ministry: Any, operator: Any, stix: Any) -> None:
    fill(ministry, stix)
    agreement = stix.agree(ministry, operator, tlp_ceiling="amber")
    (same,) = ministry.exchange.foresight(ministry.reader(), agreement).outlooks
    assert (same.now, same.then) == (7, 7) and not same.opens and not same.closes
    starts = ministry.clock() - 3_600_000_000
    ministry.agreements.draft(
        "Tighter", ["operator.example"], Terms(tlp_ceiling="green"), starts=starts, by="test", amends=agreement
    )
    (tighter,) = ministry.exchange.foresight(ministry.reader(), agreement).outlooks
    assert (tighter.now, tighter.then) == (7, 3)
    assert {each.type for each in tighter.closes} == {"malware"} and len(tighter.closes) == 4
    assert {name: (a, b) for name, a, b in tighter.types} == {"indicator": (3, 3), "malware": (4, 0)}


def test_it_tells_nothing_of_what_its_reader_may_not_see(ministry: Any, operator: Any, stix: Any) -> None:
    fill(ministry, stix)
    ministry.keep(stix.make("g0"), tlp=TLP.RED, owner="third.example", source="third.example", agreement="agr_x")
    agreement = draft(ministry, operator, tlp_ceiling="amber")
    seen = ministry.exchange.foresight(ministry.reader(TLP.GREEN), agreement)
    (outlook,) = seen.outlooks
    assert [(each.tlp, each.held, each.then) for each in outlook.levels] == [(TLP.GREEN, 3, 3)]
    assert "canary" not in repr(seen) and "third" not in repr(seen)
    with pytest.raises(Forbidden):
        ministry.exchange.foresight(ministry.foreign("operator.example"), agreement)
    with pytest.raises(Unknown):
        ministry.exchange.foresight(ministry.reader(), agreement, "ffff")
