"""Publishing and explaining: what goes is kept with its ground, what does not is told with the clause."""

from __future__ import annotations

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


def test_what_cannot_be_applied_is_told_and_the_rest_is_kept(ministry: Any, operator: Any, stix: Any) -> None:
    stix.agree(ministry, operator, tlp_ceiling="amber")
    agreement = next(iter(ministry.agreements.standings()))
    ministry.keep(stix.make("a"), stix.make("b"), tlp=TLP.GREEN)
    ministry.exchange.publish(agreement, everything=True, by="test")
    good, bad = ministry.outgoing()
    forged = msgspec.structs.replace(
        bad, content=stix.make("own", created_by_ref=stix.id("identity", "operator.example"))
    )
    broken = msgspec.structs.replace(bad, content=b'{"type":"indicator","type":"x"}')
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


def test_verdicts_are_those_that_explain_gives(ministry: Any, operator: Any, neighbour: Any, stix: Any) -> None:
    stix.agree(ministry, operator, tlp_ceiling="green")
    parties = ("operator.example", "neighbour.example")
    ministry.people.trust(neighbour.people.home().note, by="test")
    ministry.keep(stix.make("open"), tlp=TLP.GREEN)
    ministry.keep(stix.make("both"), tlp=TLP.GREEN)
    ministry.keep(stix.make("both"), tlp=TLP.RED, source="canary.json")
    for clearance in (TLP.GREEN, TLP.RED):
        who = ministry.reader(clearance)
        for name in ("open", "both"):
            found = ministry.exchange.get_object(who, stix.id("indicator", name))
            made = ministry.exchange.verdicts(who, found, parties)
            explained = {each: ministry.exchange.explain(found.stix_id, each, who=who).decision for each in parties}
            assert made == explained
            assert made["operator.example"].allowed and not made["neighbour.example"].allowed
