"""Rights of sources at the gate: what a source keeps inside stays here, by hand, in bulk and by rule."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.exchange.model.acting import Act
from kouprey.exchange.model.searching import Search
from kouprey.kernel.storage import audit
from kouprey.kernel.words.errors import Damaged, Forbidden, Unknown
from kouprey.kernel.words.tlp import TLP


def say(ministry: Any, source: str, passing: str, **more: Any) -> Any:
    who = more.pop("who", ministry.reader())
    return ministry.exchange.set_source_right(who, source, passing, by="test", **more)


def test_what_is_for_inside_goes_by_no_road_until_another_source_lets_it(
    ministry: Any, operator: Any, stix: Any
) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="green")
    exchange, who, ids = ministry.exchange, ministry.reader(), [stix.id("indicator", name) for name in ("a", "b")]
    ministry.keep(stix.make("a"), stix.make("b"), source="paid feed")
    # Nothing said, nothing changed.
    assert exchange.foresee_publish(agreement, ids[0], who=who).fate == "queued"
    assert say(ministry, "paid feed", "inside", because="Licence.").passing == "inside"
    seen = exchange.foresee_publish(agreement, ids[0], who=who)
    assert seen.fate == "refused" and seen.because[0].code == "source-right"
    assert "“paid feed”" in seen.because[0].text and "page “Rights of sources”" in seen.because[0].text
    report = exchange.publish(agreement, ids, by="test")
    assert [why.because[0].code for why in report.refused] == ["source-right"] * 2
    act = Act(kind="publish", agreement=agreement)
    assert [why.because[0].code for why in exchange.foresee(who, act, ids).wont] == ["source-right"] * 2
    exchange.save_search(exchange.operator(), "All", Search(), by="operator")
    rule = exchange.add_publishing_rule(exchange.operator(), saved="All", agreement=agreement, by="operator")
    exchange.start_publishing_rule(exchange.operator(), rule.id, by="operator", everything=True)
    assert exchange.give_by_rules() == 0 and not ministry.outgoing()
    # The same from somebody who lets it go may go.
    ministry.keep(stix.make("a"), source="open feed")
    assert exchange.publish(agreement, ids, by="test").queued == (ids[0],)
    say(ministry, "paid feed", "agreement")
    assert exchange.publish(agreement, ids, by="test").queued == (ids[1],)
    with ministry.store.read() as reader:
        told = [each.detail for each in audit.list_audit(reader) if each.action == "source.set-right"]
    assert {(each["before"], each["right"]) for each in told} == {("agreement", "inside"), ("inside", "agreement")}


def test_whom_it_is_owed_to_travels_along(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="green")
    ministry.keep(stix.make("a"), stix.make("b"), source="named feed")
    ministry.keep(stix.make("b"), source="open feed")
    say(ministry, "named feed", "attribution", credit=" Abuse   Watch ")
    ids = [stix.id("indicator", name) for name in ("a", "b")]
    assert ministry.exchange.publish(agreement, ids, by="test").queued == tuple(ids)
    labels = {sent.content: sent.label.handling for sent in ministry.outgoing()}
    assert labels == {stix.make("a"): ("attribution: Abuse Watch",), stix.make("b"): ()}
    assert stix.hand_over(ministry, operator) == [None, None]
    (body,) = operator.exchange.get_object(operator.reader(), ids[0]).newest.bodies
    assert body.assertions[0].label.handling == ("attribution: Abuse Watch",)


def test_a_source_is_told_to_those_alone_who_see_something_of_it(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="green")
    ministry.keep(stix.make("a"), source="open feed")
    ministry.keep(stix.make("a"), tlp=TLP.RED, source="canary feed")
    low, exchange = ministry.reader(TLP.GREEN), ministry.exchange
    assert [each.name for each in exchange.list_source_rights(low)] == ["open feed"]
    assert [each.name for each in exchange.list_source_rights(ministry.reader())] == ["canary feed", "open feed"]
    for name in ("open feed", "canary feed"):
        say(ministry, name, "inside")
    made = exchange.foresee_publish(agreement, stix.id("indicator", "a"), who=low)
    assert made.because[0].code == "source-right" and "canary" not in made.because[0].text
    numbers = {each.name: each.key for each in exchange.list_source_rights(ministry.reader())}
    with pytest.raises(Unknown):
        say(ministry, numbers["canary feed"], "agreement", who=low)
    with pytest.raises(Forbidden):
        exchange.list_source_rights(ministry.foreign("operator.example"))


def test_a_right_is_said_ahead_and_said_well(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="green")
    say(ministry, "TAXII feed to come", "inside")
    (ahead,) = ministry.exchange.list_source_rights(ministry.reader(TLP.CLEAR))
    assert (ahead.name, ahead.passing) == ("TAXII feed to come", "inside")
    ministry.keep(stix.make("a"), source="TAXII feed to come")
    made = ministry.exchange.publish(agreement, everything=True, by="test")
    assert [why.because[0].code for why in made.refused] == ["source-right"]
    for wrong in ({"passing": "sell"}, {"passing": "attribution"}, {"because": "x" * 2_000}):
        with pytest.raises(Damaged):
            say(ministry, **{"source": "TAXII feed to come", "passing": "inside", **wrong})
    for nobody in ("", "src_12345"):
        with pytest.raises(Unknown):
            say(ministry, nobody, "inside")
