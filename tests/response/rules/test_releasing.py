"""Whose two words are needed."""

from __future__ import annotations

from kouprey.agreements.model import ApprovalRule
from kouprey.response.model import Side, Verb
from kouprey.response.rules.releasing import Two, two_words


def test_files_are_given_by_a_lead_and_a_legal_officer() -> None:
    two = two_words("disclose", Side.ASKED, Verb.REPORT, True, (), ())
    assert two == Two(("lead", "legal"), apart=True)
    assert two.part_of(("lead", "legal"), ()) == "lead" and two.part_of(("lead", "legal"), ("lead",)) == "legal"
    assert two.part_of(("lead",), ("lead",)) == "" == two.part_of(("analyst",), ())


def test_settings_and_clauses_ask_for_two() -> None:
    assert two_words("act", Side.ASKED, Verb.ACCEPT, False, ("act",), ()) == Two(("lead", "liaison"))
    for kind, side, verb, eyes in (
        ("act", Side.ASKED, Verb.ACCEPT, ()),
        ("act", Side.ASKED, Verb.ACCEPT, ("transfer",)),
        ("act", Side.ASKED, Verb.DECLINE, ("act",)),
        ("act", Side.ASKING, Verb.CONFIRM, ("act",)),
        ("inform", Side.ASKED, Verb.ACCEPT, ("inform",)),
        ("disclose", Side.ASKED, Verb.REPORT, ("act",)),
    ):
        assert two_words(kind, side, verb, False, eyes, ()) is None, (kind, side, verb)
    rule = ApprovalRule(tlp="amber", role="liaison", persons=2)
    two = two_words("inform", Side.ASKING, Verb.CONFIRM, False, (), (rule,))
    assert two == Two(("liaison",)) and two.part_of(("liaison",), ("liaison",)) == "liaison"
    assert two_words("inform", Side.ASKING, Verb.CONFIRM, False, (), (ApprovalRule(tlp="amber", role="lead"),)) is None
