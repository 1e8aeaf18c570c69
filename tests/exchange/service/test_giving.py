"""Publishing, sighting and explaining: what may go goes, without references to what may not, and with its ground."""

from __future__ import annotations

import dataclasses
from typing import Any

import msgspec
import pytest

from kouprey.kernel.storage import audit
from kouprey.kernel.words.errors import Refused, Unknown
from kouprey.kernel.words.tlp import TLP


def fates(report: Any) -> tuple[int, int, int]:
    return len(report.queued), len(report.already), len(report.refused)


def test_what_is_allowed_is_queued_once_with_its_ground(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="green")
    ministry.keep(stix.make("open"), tlp=TLP.GREEN)
    ministry.keep(stix.make("canary-red"), tlp=TLP.RED)
    ids = [stix.id("indicator", name) for name in ("open", "canary-red", "missing")]
    report = ministry.exchange.publish(agreement, ids, by="test")
    assert fates(report) == (1, 0, 2) and report.waits_because == ""
    assert [(why.stix_id, why.because[0].code) for why in report.refused] == [
        (ids[1], "ceiling"),
        (ids[2], "unknown-object"),
    ]
    assert fates(ministry.exchange.publish(agreement, everything=True, by="test")) == (0, 1, 1)
    (sent,) = ministry.outgoing()
    assert sent.content == stix.make("open") and sent.label.tlp is TLP.GREEN and sent.label.owner == "ministry.example"
    (line,) = ministry.exchange.list_publications(ministry.reader())
    assert line.parties == ("operator.example",) and line.by == "test" and "ceiling TLP:GREEN" in line.because
    assert ministry.exchange.get_object(ministry.reader(), ids[0]).publications == (line,)
    assert ministry.exchange.count_waiting() == {agreement: 1}
    with ministry.store.read() as reader:
        assert any(entry.action == "exchange.publish" for entry in audit.list_audit(reader))


def test_a_new_version_and_a_query_are_published(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="green")
    ministry.keep(stix.make("a"), stix.make("b"), stix.make("c", "malware"), tlp=TLP.GREEN)
    assert fates(ministry.exchange.publish(agreement, types=["indicator"], by="test")) == (2, 0, 0)
    ministry.keep(stix.make("a", minute=5), tlp=TLP.GREEN)
    assert fates(ministry.exchange.publish(agreement, text="A", types=["indicator"], by="test"))[0] == 1
    with pytest.raises(Refused):
        ministry.exchange.publish(agreement, by="test")


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


def test_suspended_and_unsigned(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, sign=False, tlp_ceiling="green")
    ministry.keep(stix.make("a"), stix.make("b"), tlp=TLP.GREEN)
    a, b = stix.id("indicator", "a"), stix.id("indicator", "b")
    with pytest.raises(Refused) as unsigned:
        ministry.exchange.publish(agreement, [a], by="test")
    assert unsigned.value.code == "unsigned"
    operator.agreements.sign(agreement, by="test")
    stix.pass_notes(agreement, operator, [ministry])
    operator.agreements.suspend(agreement, suspended=True, by="test")
    stix.pass_notes(agreement, operator, [ministry])
    report = ministry.exchange.publish(agreement, [a], by="test")
    assert report.queued == (a,) and "operator.example" in report.waits_because
    ministry.agreements.suspend(agreement, suspended=True, by="test")
    with pytest.raises(Refused) as suspended:
        ministry.exchange.publish(agreement, [b], by="test")
    assert suspended.value.code == "suspended"
    with pytest.raises(Unknown):
        ministry.exchange.publish("agr_unknown", [a], by="test")


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


def test_published_objects_arrive_and_a_sighting_comes_back(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="amber")
    ministry.keep(stix.make("a"), tlp=TLP.AMBER)
    wanted = stix.id("indicator", "a")
    ministry.exchange.publish(agreement, [wanted], by="test")
    assert stix.hand_over(ministry, operator) == [None]
    view = operator.exchange.get_object(operator.reader(), wanted)
    (said,) = view.newest.served.assertions
    assert said.source.party == "ministry.example" and said.label.agreement == agreement
    assert said.label.tlp is TLP.AMBER and said.origin == "origin" and said.entry_index > 0
    assert [c.name for c in operator.exchange.list_collections()] == [f"agr-{agreement[4:12]}", "main"]
    made = operator.exchange.sight(wanted, who=operator.reader(), by="ann", count=3, description="at the edge")
    (report,) = made.reports
    assert report.agreement == agreement and len(report.queued) == 2 and not report.refused
    assert operator.exchange.get_object(operator.reader(), wanted).times_seen == 3
    assert stix.hand_over(operator, ministry) == [None, None]
    seen = ministry.exchange.get_object(ministry.reader(), wanted).sightings
    assert [(s.times, s.sources) for s in seen] == [(3, ("operator.example",))]
    sighting = ministry.exchange.get_object(ministry.reader(), made.stix_id).newest
    assert sighting.tlp is TLP.AMBER and sighting.served.assertions[0].label.kind == "sighting"
    again = operator.exchange.sight(wanted, who=operator.reader(), by="ann")
    assert fates(again.reports[0]) == (1, 1, 0)


def test_a_sighting_of_our_own_tells_nobody_and_of_an_observable_is_refused(ministry: Any, stix: Any) -> None:
    ministry.keep(stix.make("a"), tlp=TLP.RED)
    made = ministry.exchange.sight(stix.id("indicator", "a"), who=ministry.reader(), by="ann")
    assert made.reports == ()
    with pytest.raises(Unknown):
        ministry.exchange.get_object(ministry.reader(TLP.GREEN), made.stix_id)
    with pytest.raises(Unknown):
        ministry.exchange.sight(stix.id("indicator", "a"), who=ministry.reader(TLP.GREEN), by="ann")
    ministry.keep(msgspec.json.encode({"type": "url", "id": stix.id("url", "u"), "value": "https://a.example"}))
    with pytest.raises(Refused):
        ministry.exchange.sight(stix.id("url", "u"), who=ministry.reader(), by="ann")


def test_an_exercise_stays_in_its_exercise(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="amber")
    ministry.keep(stix.make("a"), tlp=TLP.CLEAR, exercise="drill")
    with pytest.raises(Unknown):
        ministry.exchange.get_object(ministry.reader(), stix.id("indicator", "a"))
    assert fates(ministry.exchange.publish(agreement, [stix.id("indicator", "a")], by="test")) == (0, 0, 1)
    player = msgspec.structs.replace(ministry.reader(), exercise="drill")
    made = ministry.exchange.sight(stix.id("indicator", "a"), who=player, by="ann")
    with pytest.raises(Unknown):
        ministry.exchange.get_object(ministry.reader(), made.stix_id)


def test_what_cannot_be_applied_is_told_and_the_rest_is_kept(ministry: Any, operator: Any, stix: Any) -> None:
    stix.agree(ministry, operator, tlp_ceiling="amber")
    agreement = next(iter(ministry.agreements.standings()))
    ministry.keep(stix.make("a"), stix.make("b"), tlp=TLP.GREEN)
    ministry.exchange.publish(agreement, everything=True, by="test")
    good, bad = ministry.outgoing()
    forged = dataclasses.replace(bad, content=stix.make("own", created_by_ref=stix.id("identity", "operator.example")))
    broken = dataclasses.replace(bad, content=b'{"type":"indicator","type":"x"}')
    answers = operator.store.write(lambda tx: operator.exchange.apply(tx, [broken, good, forged]))
    assert [error and error.code for error in answers] == ["unsafe-json", None, "reserved-author"]
    assert operator.exchange.counts(operator.reader()).total == 1


def test_explain_names_agreement_and_clause(ministry: Any, operator: Any, neighbour: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="green")
    neighbour_card = neighbour.people.home().note
    ministry.people.trust(neighbour_card, by="test")
    ministry.keep(stix.make("a"), tlp=TLP.AMBER)
    who, wanted = ministry.reader(), stix.id("indicator", "a")
    made = ministry.exchange.explain(wanted, "operator.example", who=who)
    assert not made.decision.allowed and made.agreements[0].agreement == agreement
    (label,) = made.agreements[0].labels
    assert label.decision.because[0].clause == "2" and label.label.tlp is TLP.AMBER
    assert ministry.exchange.explain(wanted, "neighbour.example", who=who).decision.because[0].code == "no-agreement"
    ministry.keep(stix.make("a"), tlp=TLP.GREEN)
    assert ministry.exchange.explain(wanted, "operator.example", who=who).decision.allowed
    with pytest.raises(Unknown):
        ministry.exchange.explain(wanted, "nobody.example", who=who)


def test_explain_does_not_speak_of_what_the_asker_may_not_see(ministry: Any, operator: Any, stix: Any) -> None:
    stix.agree(ministry, operator, tlp_ceiling="amber")
    agreement = next(iter(ministry.agreements.standings()))
    ministry.keep(stix.make("a"), tlp=TLP.GREEN)
    ministry.keep(stix.make("a"), tlp=TLP.RED, owner="third.example", source="third.example", agreement="agr_x")
    made = ministry.exchange.explain(stix.id("indicator", "a"), "operator.example", who=ministry.reader(TLP.GREEN))
    assert not made.decision.allowed
    assert [reason.code for reason in made.decision.because] == ["not-shown"]
    assert "third" not in repr(made) and "RED" not in repr(made) and agreement in repr(made)
