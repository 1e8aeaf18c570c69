"""The publish gate: only what all parties may have, in a body of its own label, without references to the rest."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.agreements.model import ApprovalRule, Group
from kouprey.exchange.model.acting import Act
from kouprey.exchange.model.searching import Search
from kouprey.kernel.words.errors import Unknown
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

TWO = Group(name="two", parties=("ministry.example", "operator.example"))


def fates(report: Any) -> tuple[int, int, int]:
    return len(report.queued), len(report.already), len(report.refused)


def test_references_to_what_may_not_travel_are_pruned_or_keep_it_here(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="green")
    red, green, far = (stix.id("malware", name) for name in ("canary-red", "green", "never held"))
    ministry.keep(stix.make("canary-red", "malware"), tlp=TLP.RED)
    ministry.keep(stix.make("green", "malware"), tlp=TLP.GREEN)
    report = stix.make("report", "report", object_refs=[red, green, far])
    only_red = stix.make("only", "report", object_refs=[red])
    related = stix.make("related", "relationship", source_ref=green, target_ref=red, relationship_type="uses")
    nested = stix.make("nested", "tool", x_notes={"deep": [{"about_ref": red.upper()}, {"about_ref": red}]})
    ministry.keep(report, only_red, related, nested, tlp=TLP.GREEN)
    made = ministry.exchange.publish(agreement, types=["report", "relationship", "tool", "malware"], by="test")
    assert set(made.pruned) == {stix.id("report", "report"), stix.id("tool", "nested")}
    blocked = {why.stix_id: why.because[0].code for why in made.refused}
    assert blocked == {
        red: "ceiling",
        stix.id("report", "only"): "reference",
        stix.id("relationship", "related"): "reference",
    }
    sent = b"".join(delivery.content for delivery in ministry.outgoing())
    assert red.encode() not in sent and b"canary" not in sent
    assert green.encode() in sent and far.encode() in sent
    # A voice of ours that opens it opens its name.
    ministry.keep(stix.make("canary-red", "malware"), tlp=TLP.GREEN, source="second")
    assert (
        stix.id("relationship", "related")
        in ministry.exchange.publish(agreement, types=["relationship"], by="test").queued
    )


def test_of_a_conflict_only_the_body_that_may_goes(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="green")
    ministry.keep(stix.make("a", description="canary-red"), tlp=TLP.RED)
    ministry.keep(stix.make("a", description="fit to share"), tlp=TLP.GREEN)
    assert fates(ministry.exchange.publish(agreement, everything=True, by="test")) == (1, 0, 0)
    (sent,) = ministry.outgoing()
    assert b"canary" not in sent.content and b"fit to share" in sent.content


def test_grounds_do_not_speak_of_what_the_publisher_may_not_see(ministry: Any, operator: Any, stix: Any) -> None:
    """Neither that somebody else said it, nor how they marked it; for who may see that, it is the ground."""
    agreement = stix.agree(ministry, operator, tlp_ceiling="amber")
    ministry.keep(stix.make("barred"), stix.make("came"), tlp=TLP.GREEN)
    ministry.keep(
        stix.make("barred"), tlp=TLP.RED, owner="third.example", source="third.example", agreement="agr_elsewhere"
    )
    ministry.keep(
        stix.make("came"), tlp=TLP.RED, owner="operator.example", source="operator.example", agreement=agreement
    )
    low, high = ministry.reader(TLP.GREEN), ministry.reader(TLP.RED)
    for name in ("barred", "came"):
        wanted = stix.id("indicator", name)
        seen = ministry.exchange.foresee_publish(agreement, wanted, who=low)
        assert (seen.fate, [each.code for each in seen.because]) == ("refused", ["not-shown"])
        report = ministry.exchange.publish(agreement, [wanted], by="test", who=low)
        assert [each.code for each in report.refused[0].because] == ["not-shown"]
        for told in (seen, report):
            assert "third" not in repr(told) and "RED" not in repr(told)
    (told,) = ministry.exchange.publish(agreement, [stix.id("indicator", "barred")], by="test", who=high).refused
    assert told.because[0].code != "not-shown" and "third" in repr(told)
    assert ministry.exchange.foresee_publish(agreement, stix.id("indicator", "came"), who=high).fate == "already"


def test_what_was_given_says_no_more_than_its_reader_sees(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="amber")
    ministry.keep(stix.make("a"), tlp=TLP.AMBER, source="hidden")
    ministry.keep(stix.make("a"), tlp=TLP.GREEN)
    ministry.exchange.publish(agreement, everything=True, by="test")
    for level in (TLP.GREEN, TLP.AMBER):
        who = ministry.reader(level)
        (whole,) = ministry.exchange.list_publications(who)
        (of_one,) = ministry.exchange.get_object(who, stix.id("indicator", "a")).publications
        assert whole == of_one and whole.tlp is level
        assert ("AMBER" in whole.because) is (level is TLP.AMBER)


def test_what_is_reserved_or_came_under_it_is_not_given_again(
    ministry: Any, operator: Any, neighbour: Any, stix: Any
) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="amber", onward="community")
    other = stix.agree(ministry, neighbour, tlp_ceiling="amber")
    theirs = stix.make("a", created_by_ref=stix.id("identity", "operator.example"))
    ministry.keep(theirs, tlp=TLP.GREEN, owner="operator.example", source="operator.example", agreement=agreement)
    assert fates(ministry.exchange.publish(agreement, everything=True, by="test")) == (0, 1, 0)
    report = ministry.exchange.publish(other, everything=True, by="test")
    assert report.refused[0].because[0].code == "reserved-author"
    ministry.keep(
        stix.make("b"), tlp=TLP.AMBER, owner="operator.example", source="operator.example", agreement=agreement
    )
    report = ministry.exchange.publish(other, [stix.id("indicator", "b")], by="test")
    assert report.refused[0].because[0].code == "onward"


def test_a_body_that_no_entry_can_carry(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="green")
    ministry.keep(stix.make("big", description="x" * (1 << 20)), stix.make("small"), tlp=TLP.GREEN)
    report = ministry.exchange.publish(agreement, everything=True, by="test")
    assert fates(report) == (1, 0, 1) and report.refused[0].because[0].code == "too-large"


def test_all_parties_must_be_allowed(ministry: Any, operator: Any, neighbour: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, neighbour, tlp_ceiling="amber")
    ministry.keep(stix.make("sealed"), tlp=TLP.AMBER, sealed_to=("operator.example",))
    ministry.keep(stix.make("both"), tlp=TLP.AMBER, sealed_to=("neighbour.example", "operator.example"))
    report = ministry.exchange.publish(agreement, everything=True, by="test")
    assert report.queued == (stix.id("indicator", "both"),)
    assert ministry.outgoing()[0].label.sealed_to == ("neighbour.example", "operator.example")


def lanes(ministry: Any) -> dict[str, int]:
    """Whom something waits for -> how much."""
    with ministry.store.read() as reader:
        return dict(reader.all("SELECT aim, count(*) FROM lane_outgoing GROUP BY aim"))


def test_an_audience_gets_it_and_the_others_neither_it_nor_a_sign_of_it(
    ministry: Any, operator: Any, neighbour: Any, stix: Any
) -> None:
    agreement = stix.agree(ministry, operator, neighbour, groups=[TWO], tlp_ceiling="amber", onward="community")
    ministry.keep(stix.make("a"), stix.make("b"), tlp=TLP.GREEN)
    one, both = stix.id("indicator", "a"), [stix.id("indicator", name) for name in "ab"]
    exchange, who = ministry.exchange, ministry.reader()
    with pytest.raises(Unknown) as said:
        exchange.publish(agreement, [one], by="test", audience="three")
    assert said.value.code == "unknown-audience" and "“two”" in str(said.value)
    assert exchange.foresee_publish(agreement, one, who=who, audience="two").fate == "queued"
    assert fates(exchange.publish(agreement, [one], by="test", audience="two")) == (1, 0, 0)
    assert lanes(ministry) == {"ministry.example operator.example": 1}
    (line,) = exchange.list_publications(who)
    assert line.parties == ("operator.example",)
    (sent,) = ministry.outgoing()
    assert sent.label.sealed_to == ("ministry.example", "operator.example")
    # There it is theirs, and goes on to nobody else, though passing on is agreed.
    assert stix.hand_over(ministry, operator) == [None]
    assert operator.exchange.get_object(operator.reader(), one).newest.tlp is TLP.GREEN
    why = operator.exchange.explain(one, "neighbour.example", who=operator.reader()).decision
    assert not why.allowed and (why.because[0].code, why.because[0].clause) == ("sealed", "19")
    assert why.because[0].agreement == agreement and "“two”" in why.because[0].text
    assert operator.exchange.publish(agreement, [one], by="test").refused == () and not operator.outgoing()
    # Given to some it is not given to all; given to all it is.
    assert fates(exchange.publish(agreement, [one], by="test", audience="two")) == (0, 1, 0)
    assert fates(exchange.publish(agreement, both, by="test")) == (2, 0, 0)
    assert fates(exchange.publish(agreement, both, by="test", audience="two")) == (0, 2, 0)
    assert lanes(ministry) == {"ministry.example operator.example": 1, "": 2}


def test_a_recall_goes_to_those_alone_who_were_given_it(
    ministry: Any, operator: Any, neighbour: Any, stix: Any
) -> None:
    agreement = stix.agree(ministry, operator, neighbour, groups=[TWO], tlp_ceiling="amber")
    ministry.keep(stix.make("a"), tlp=TLP.GREEN)
    one = stix.id("indicator", "a")
    ministry.exchange.publish(agreement, [one], by="test", audience="two")
    (said,) = ministry.exchange.raise_concern(ministry.reader(), one, "recall", text="Wrong.", by="test")
    assert said.parties == ("operator.example",)
    assert lanes(ministry) == {"ministry.example operator.example": 2}
    assert all("neighbour.example" not in sent.label.sealed_to for sent in ministry.outgoing())
    ministry.exchange.publish(agreement, [one], by="test")
    (said,) = ministry.exchange.raise_concern(ministry.reader(), one, "recall", text="Wrong.", by="test")
    assert said.parties == ("neighbour.example", "operator.example") and lanes(ministry)[""] == 2


def test_what_is_sealed_to_others_goes_to_no_audience_with_anybody_else_in_it(
    ministry: Any, operator: Any, neighbour: Any, stix: Any
) -> None:
    agreement = stix.agree(ministry, operator, neighbour, groups=[TWO], tlp_ceiling="red")
    ministry.keep(stix.make("theirs"), tlp=TLP.GREEN, sealed_to=("neighbour.example",))
    ministry.keep(stix.make("two"), tlp=TLP.GREEN, sealed_to=("ministry.example", "operator.example"))
    ministry.keep(stix.make("red"), tlp=TLP.RED)
    publish = ministry.exchange.publish
    made = publish(agreement, everything=True, by="test", audience="two")
    assert made.queued == (stix.id("indicator", "two"),)
    codes = {why.stix_id: why.because[0].code for why in made.refused}
    # An audience names no recipient of what is for named recipients only.
    assert codes == {stix.id("indicator", "theirs"): "sealed", stix.id("indicator", "red"): "red"}
    made = publish(agreement, [stix.id("indicator", "two")], by="test")
    assert [(why.because[0].code, why.because[0].clause) for why in made.refused] == [("sealed", "19")]


def test_what_was_released_for_an_audience_goes_to_that_alone(
    ministry: Any, operator: Any, neighbour: Any, stix: Any
) -> None:
    rules = (ApprovalRule(tlp="green", role="legal", persons=1),)
    agreement = stix.agree(ministry, operator, neighbour, groups=[TWO], tlp_ceiling="amber", approvals=rules)
    legal = str(ministry.people.save_person("Legal", (Role.LEGAL,), TLP.RED, by="test").id)
    ministry.keep(stix.make("a"), tlp=TLP.GREEN)
    one, exchange, who = stix.id("indicator", "a"), ministry.exchange, ministry.reader()
    assert len(exchange.publish(agreement, [one], by="test", audience="two").waiting) == 1
    (waiting,) = exchange.list_approvals(who)
    assert waiting.parties == ("operator.example",)
    assert exchange.release(who, [waiting.id], by=legal)[0].state == "sent"
    assert lanes(ministry) == {"ministry.example operator.example": 1}
    # What the others were not given is not named to them.
    ministry.keep(stix.make("r", "report", object_refs=[one]), tlp=TLP.CLEAR)
    made = exchange.publish(agreement, [stix.id("report", "r")], by="test")
    assert [why.because[0].code for why in made.refused] == ["reference"]
    assert fates(exchange.publish(agreement, [stix.id("report", "r")], by="test", audience="two")) == (1, 0, 0)


def test_many_at_once_and_a_rule_go_to_an_audience(ministry: Any, operator: Any, neighbour: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, neighbour, groups=[TWO], tlp_ceiling="amber")
    ministry.keep(stix.make("a"), stix.make("b"), tlp=TLP.GREEN)
    exchange, who = ministry.exchange, ministry.reader()
    act = Act(kind="publish", agreement=agreement, audience="two")
    assert exchange.foresee(who, act, [stix.id("indicator", "a")]).parties == ("operator.example",)
    with pytest.raises(Unknown):
        exchange.foresee(who, Act(kind="publish", agreement=agreement, audience="None"), [stix.id("indicator", "a")])
    exchange.begin_deed(who, act, [stix.id("indicator", "a")], by="test")
    exchange.save_search(exchange.operator(), "All", Search(), by="operator")
    words = {"saved": "All", "agreement": agreement, "by": "operator"}
    with pytest.raises(Unknown):
        exchange.add_publishing_rule(exchange.operator(), audience="None", **words)
    rule = exchange.add_publishing_rule(exchange.operator(), audience="two", **words)
    seen = exchange.try_publishing_rule(exchange.operator(), rule.id)
    assert (seen.goes, seen.already, seen.parties) == (1, 1, ("operator.example",))
    exchange.start_publishing_rule(exchange.operator(), rule.id, by="operator", everything=True)
    assert exchange.give_by_rules() == 1
    assert lanes(ministry) == {"ministry.example operator.example": 2}


def test_what_is_said_of_a_sealed_thing_is_told_to_those_it_is_for(
    ministry: Any, operator: Any, neighbour: Any, stix: Any
) -> None:
    agreement = stix.agree(operator, ministry, neighbour, groups=[TWO], tlp_ceiling="amber")
    operator.keep(stix.make("a"), tlp=TLP.GREEN)
    one = stix.id("indicator", "a")
    operator.exchange.publish(agreement, [one], by="test", audience="two")
    assert stix.hand_over(operator, ministry) == [None]
    made = ministry.exchange.sight(one, who=ministry.reader(), by="test", count=2)
    (report,) = made.reports
    assert made.stix_id in report.queued and not report.refused
    assert set(lanes(ministry)) == {"ministry.example operator.example"}
    sealed = {sent.label.sealed_to for sent in ministry.outgoing()}
    assert sealed == {("ministry.example", "operator.example")}
