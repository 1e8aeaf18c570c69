"""The publish gate: only what all parties may have, in a body of its own label, without references to the rest."""

from __future__ import annotations

from typing import Any

from kouprey.kernel.words.tlp import TLP


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
