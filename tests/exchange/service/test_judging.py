"""Judging on the way in: everything is judged once, nothing is lost for it, strict collections refuse, readers see."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from kouprey.exchange import service
from kouprey.exchange.model import Filters
from kouprey.exchange.service import MAIN
from kouprey.exchange.store import narrowing
from kouprey.exchange.wire import extracts
from kouprey.kernel.words.tlp import TLP

GOOD: dict[str, Any] = {
    "kind": "indicator",
    "description": "d",
    "pattern": "[domain-name:value = 'www.ministry.example']",
    "pattern_type": "stix",
    "valid_from": "2026-11-22T09:00:00Z",
    "indicator_types": ["benign"],
}
BAD = GOOD | {"pattern": "[broken"}


def ident(stix: Any, name: str) -> str:
    """An id as the standard advises it, so that there is nothing to remark on."""
    made = str(stix.id("indicator", name))
    return f"{made[:-22]}4{made[-21:]}"


def make(stix: Any, name: str, **more: Any) -> bytes:
    return bytes(stix.make(name, id=ident(stix, name), **more))


def codes(party: Any, who: Any, stix_id: str) -> list[list[str]]:
    return [[one.code for one in body.findings] for body in party.exchange.get_object(who, stix_id).newest.bodies]


def names(page: Any) -> list[str]:
    return [head.title for head in page.heads]


@pytest.fixture(params=["few", "many"], autouse=True)
def road(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both roads to what has findings: from the few there are, and past all there is."""
    if request.param == "many":
        monkeypatch.setattr(narrowing, "_FEW", -1)


def test_findings_are_kept_with_the_body_and_the_bytes_as_they_came(ministry: Any, stix: Any) -> None:
    raw = make(stix, "bad", **BAD)
    (outcome,) = ministry.keep(raw)
    assert (outcome.verdict, outcome.musts, outcome.shoulds) == ("new", 1, 0)
    who = ministry.reader()
    (body,) = ministry.exchange.get_object(who, ident(stix, "bad")).newest.bodies
    assert body.raw == raw
    assert [(one.path, one.severity) for one in body.findings] == [("pattern", "must")]
    (again,) = ministry.keep(raw)
    assert (again.verdict, again.musts, again.shoulds) == ("repeat", 0, 0)


def test_a_body_is_judged_once(ministry: Any, stix: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[str] = []
    monkeypatch.setattr(extracts, "findings_of", lambda value, type: judged.append(value["id"]) or ())
    ministry.exchange.create_collection("clean", strict=True, by="test")
    raw = make(stix, "a", **GOOD)
    ministry.keep(raw, into=["clean"])
    assert judged == [ident(stix, "a")]
    ministry.keep(raw)
    assert len(judged) == 2, "a member of a strict collection is judged before it is known to be a repeat"
    ministry.keep(make(stix, "b", **GOOD))
    ministry.keep(make(stix, "b", **GOOD))
    assert len(judged) == 3, "elsewhere a repeat is not judged again"


def test_an_import_counts_what_it_found(ministry: Any, stix: Any) -> None:
    lines = [
        make(stix, "good", **GOOD),
        make(stix, "bad", **BAD),
        make(stix, "odd", **GOOD | {"indicator_types": ["x"]}),
    ]
    report = ministry.exchange.import_stream(BytesIO(b"\n".join(lines)), name="f.ndjson", by="test")
    assert (report.new, report.refused) == (3, 0)
    assert (report.musts, report.shoulds, report.invalid) == (1, 1, 1)


def test_a_strict_collection_refuses_at_the_door(ministry: Any, stix: Any) -> None:
    ministry.exchange.create_collection("clean", strict=True, by="test")
    refusals: list[Any] = []
    lines = [
        make(stix, "good", **GOOD),
        make(stix, "bad", **BAD),
        make(stix, "odd", **GOOD | {"indicator_types": ["x"]}),
    ]
    report = ministry.exchange.import_stream(
        BytesIO(b"\n".join(lines)), name="f", collection="clean", by="test", on_refusal=refusals.append
    )
    assert (report.new, report.refused, report.shoulds) == (2, 1, 1), "what is only advised refuses nothing"
    (refusal,) = refusals
    assert refusal.code == "breaks-standard" and refusal.stix_id == ident(stix, "bad")
    assert "pattern:" in refusal.why and "STIX 2.1, 9" in refusal.why and refusal.remedy
    assert ministry.exchange.list_objects(ministry.reader(), text=ident(stix, "bad")).heads == ()
    ministry.keep(make(stix, "bad", **BAD))
    (outcome,) = ministry.keep(make(stix, "bad", **BAD), into=["clean"])
    assert outcome.verdict == "refused", "being held elsewhere opens no door"


def test_no_other_body_gets_behind_a_strict_door(ministry: Any, stix: Any) -> None:
    ministry.exchange.create_collection("clean", strict=True, by="test")
    ministry.keep(make(stix, "a", **GOOD), into=["clean"])
    (late,) = ministry.keep(make(stix, "a", **BAD), source="other.json")
    assert late.error.code == "breaks-standard"
    ministry.keep(make(stix, "b", **BAD))
    outcomes = ministry.keep(make(stix, "b", **GOOD), into=["clean"])
    assert outcomes[0].error.code == "breaks-standard", "the bad body would be served to whoever sees only that one"
    clean = ministry.exchange.page(ministry.reader(), "clean", versions="all")
    assert [row.raw for row in clean.rows] == [make(stix, "a", **GOOD)]


def test_within_one_batch_too(ministry: Any, stix: Any) -> None:
    ministry.exchange.create_collection("clean", strict=True, by="test")
    outcomes = ministry.keep(make(stix, "a", **GOOD), make(stix, "a", **BAD), make(stix, "b", **GOOD), into=["clean"])
    assert [outcome.verdict for outcome in outcomes] == ["new", "refused", "new"]


def test_what_partners_send_is_judged_and_kept(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(operator, ministry)
    operator.keep(make(stix, "bad", tlp=TLP.GREEN, **BAD), make(stix, "odd", tlp=TLP.GREEN, **GOOD | {"x_y_z": 1}))
    operator.exchange.publish(agreement, everything=True, by="test")
    operator.settle()
    assert set(stix.hand_over(operator, ministry)) == {None}
    who = ministry.reader()
    assert codes(ministry, who, ident(stix, "bad")) == [["pattern-unreadable"]]
    assert codes(ministry, who, ident(stix, "odd")) == [["custom"]]


def test_what_partners_send_does_not_enter_strict_collections(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(operator, ministry)
    ministry.exchange.ensure_defaults()
    ministry.store.write(lambda tx: tx.execute("UPDATE collection SET strict = 1 WHERE name = ?", (MAIN,)))
    operator.keep(make(stix, "bad", tlp=TLP.GREEN, **BAD), make(stix, "good", tlp=TLP.GREEN, **GOOD))
    operator.exchange.publish(agreement, everything=True, by="test")
    operator.settle()
    answers = stix.hand_over(operator, ministry)
    assert sorted(answer.code if answer else "" for answer in answers) == ["", "breaks-standard"]


def test_the_list_keeps_what_has_findings(ministry: Any, stix: Any) -> None:
    ministry.exchange.create_collection("feed", by="test")
    ministry.keep(make(stix, "good", **GOOD), into=["feed"])
    ministry.keep(make(stix, "bad", **BAD), into=["feed"])
    ministry.keep(make(stix, "odd", **GOOD | {"indicator_types": ["x"]}))
    who, exchange = ministry.reader(), ministry.exchange
    assert names(exchange.list_objects(who, findings="any")) == ["odd", "bad"]
    assert names(exchange.list_objects(who, findings="must")) == ["bad"]
    assert names(exchange.list_objects(who, findings="any", collection="feed")) == ["bad"]
    assert names(exchange.list_objects(who, findings="must", types=["malware"])) == []
    assert names(exchange.list_objects(who, findings="any", after_position=0)) == ["odd", "bad"]
    assert [head.musts for head in exchange.list_objects(who).heads] == [0, 1, 0]
    assert names(exchange.list_objects(who, text="bad", findings="must")) == ["bad"]
    assert names(exchange.list_objects(who, text="odd", findings="must")) == []
    assert exchange.facets(who, filters=Filters(findings="any")).total == 2
    assert service.Findings is not None


def test_nobody_learns_of_findings_about_what_he_may_not_see(ministry: Any, stix: Any) -> None:
    canary = "x_canary_" + "z" * 20
    ministry.keep(make(stix, "a", **GOOD), tlp=TLP.CLEAR)
    ministry.keep(make(stix, "a", **BAD | {canary: 1}), tlp=TLP.RED, source="secret.json")
    ministry.keep(make(stix, "b", **BAD | {canary: 1}), tlp=TLP.RED, source="secret.json")
    low, high = ministry.reader(TLP.GREEN), ministry.reader(TLP.RED)
    exchange = ministry.exchange
    for findings in ("any", "must"):
        page = exchange.list_objects(low, findings=findings)
        assert page.heads == () and not page.more
    assert [head.musts for head in exchange.list_objects(low).heads] == [0]
    assert codes(ministry, low, ident(stix, "a")) == [[]]
    assert canary not in repr(exchange.get_object(low, ident(stix, "a")))
    assert [len(each) for each in codes(ministry, high, ident(stix, "a"))] == [0, 2]
    assert names(exchange.list_objects(high, findings="must")) == ["b"], "the body he is given of the other is sound"
