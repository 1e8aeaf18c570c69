"""A case is written as the extension suite says, and read again as it was."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.kernel.words.time import SECOND, format_instant, parse_instant
from kouprey.kernel.words.tlp import TLP
from kouprey.response.model.cases import (
    Case,
    Fact,
    Item,
    Kind,
    Link,
    LinkTo,
    Moment,
    Note,
    Phase,
    Precision,
    Seen,
    Severity,
    Task,
    TaskState,
    Track,
)
from kouprey.response.rules.items import sort_of
from kouprey.response.wire import incidents
from kouprey.response.wire.incidents import CRITICALITY, OURS, Author, vulnerability, write_case
from kouprey.response.wire.incoming import read_incident

NOW = parse_instant("2026-11-27T00:00:00Z")
AUTHOR = Author(identity="identity--" + "1" * 8 + "-1111-4111-8111-" + "1" * 12, party="a.example", name="A")
ADDRESS = {"type": "ipv4-addr", "spec_version": "2.1", "id": "ipv4-addr--" + "2" * 8 + "-2222-5222-8222-" + "2" * 12}


def item_of(body: Any, number: int) -> Item:
    at = body.moment.at if isinstance(body, Fact) else NOW
    return Item(
        id=f"item_{number}",
        case="case_1",
        version=1,
        sort=sort_of(body),
        track=Track.TECHNICAL,
        at=at,
        made_at=NOW + number,
        made_by="psn_1",
        hidden=False,
        body=body,
    )


def written(case: Case, *bodies: Any, values: Any = None) -> dict[str, Any]:
    items = [item_of(body, number) for number, body in enumerate(bodies)]
    made: dict[str, Any] = json.loads(write_case(AUTHOR, case, items, values or {}))
    return made


def one(bundle: dict[str, Any], kind: str) -> dict[str, Any]:
    (found,) = [each for each in bundle["objects"] if each["type"] == kind]
    return dict(found)


CASE = Case(
    id="case_1",
    number=12,
    title="A page shows another text",
    kind=Kind.INCIDENT,
    phase=Phase.CONTAINED,
    category="availability",
    type="ddos",
    severity=Severity.HIGH,
    tlp=TLP.AMBER,
    opened_at=NOW - SECOND,
    changed_at=NOW,
    moments={"detected": Moment(NOW - 60 * SECOND, 420, Precision.MINUTE)},
)


def test_what_the_suite_asks_for_stands_in_it() -> None:
    fact = Fact(text="The page changed", moment=Moment(parse_instant("2026-11-26T16:50:00Z"), 420, Precision.HOUR))
    tasks = (Task(title="Look", state=TaskState.DONE, result="Seen"), Task(title="Mend", after=("item_1",)))
    seen = Seen(kind="ipv4-addr", text="203.0.113.7", note="It asked")
    links = (Link(to=LinkTo.TICKET, ref="RT-7"), Link(to=LinkTo.OBJECT, ref="malware--" + AUTHOR.identity[10:]))
    values = {"item_3": ADDRESS | {"value": "203.0.113.7"}}
    bundle = written(CASE, fact, *tasks, seen, *links, Seen(kind="user-agent", text="Evil/1"), values=values)
    incident, event = one(bundle, "incident"), one(bundle, "event")
    suite = incident["extensions"][incidents.INCIDENT]
    assert (suite["determination"], suite["investigation_status"]) == ("confirmed", "open")
    assert suite["criticality"] == CRITICALITY[Severity.HIGH] and suite["incident_types"] == ["denial-of-service"]
    assert suite["events"] == [{"event_ref": event["id"]}]
    first, then = suite["tasks"]
    assert first["next_steps"][0]["task_ref"] == then["task_ref"] and then["sequence_start"] is False
    assert (event["status"], event["start_time_fidelity"]) == ("occurred", "hour")
    assert event["start_time"] == "2026-11-26T16:50:00.000000Z" and event["extensions"][OURS]["offset"] == "+07:00"
    assert incident["external_references"] == [{"source_name": "ticket", "external_id": "RT-7"}]
    assert incident["extensions"][OURS]["other_values"][0]["text"] == "Evil/1"
    done = next(each for each in bundle["objects"] if each.get("outcome") == "successful")
    assert done["end_time"] >= done["start_time"] and done["extensions"][OURS]["result"] == "Seen"
    relations = [each for each in bundle["objects"] if each["type"] == "relationship"]
    assert [each["relationship_type"] for each in relations] == ["related-to", "related-to"]
    marking = one(bundle, "marking-definition")
    assert marking["extensions"][incidents.TLP_2]["tlp_2_0"] == "amber"
    for each in bundle["objects"]:
        if each["type"] not in ("marking-definition", "identity", "extension-definition"):
            assert each["object_marking_refs"] == [marking["id"]], each["type"]
    assert "psn_1" not in json.dumps(bundle)


def test_the_same_case_has_the_same_ids_and_a_cve_is_a_vulnerability() -> None:
    assert written(CASE) == written(CASE)
    assert vulnerability("a.example", "CVE-2026-1")["external_references"][0]["external_id"] == "CVE-2026-1"
    assert written(CASE)["id"] != written(CASE, Note(text="More"))["id"]


words = (
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=60).filter(str.strip).map(str.strip)
)
moments = st.builds(
    Moment,
    st.integers(parse_instant("1990-01-01T00:00:00Z") // SECOND, NOW // SECOND).map(lambda each: each * SECOND),
    st.integers(-840, 840),
    st.sampled_from(Precision),
)


@settings(max_examples=60, deadline=None)
@given(
    title=words,
    case_moments=st.dictionaries(st.sampled_from(("occurred", "detected", "reported", "contained")), moments),
    facts=st.lists(st.builds(Fact, text=words, moment=moments, source=st.just("") | words), max_size=4),
    tasks=st.lists(
        st.builds(Task, title=words, state=st.sampled_from(TaskState), result=st.just("") | words), max_size=4
    ),
    level=st.sampled_from(TLP),
    severity=st.sampled_from(Severity),
)
def test_what_goes_out_comes_in_as_it_was(
    title: str, case_moments: Any, facts: Any, tasks: Any, level: TLP, severity: Severity
) -> None:
    case = Case(
        id="c", number=1, title=title, tlp=level, severity=severity, moments=case_moments, opened_at=NOW, changed_at=NOW
    )
    seen = Seen(kind="user-agent", text="Evil/1", note="It asked")
    items = [item_of(body, number) for number, body in enumerate((*facts, *tasks, seen, Note(text="So it is")))]
    coming = read_incident(write_case(AUTHOR, case, items, {}), NOW)
    assert (coming.title, coming.tlp, coming.severity) == (title, level, severity)
    assert dict(coming.moments) == case_moments and list(coming.facts) == facts
    assert list(coming.tasks.values()) == tasks and coming.unread == ()
    assert [(each.kind, each.text, each.note) for each in coming.values] == [("user-agent", "Evil/1", "It asked")]
    assert coming.notes == (Note(text="So it is"),)


def test_a_stamp_has_milliseconds() -> None:
    assert incidents.stamp(parse_instant(format_instant(NOW + 1_234))) == "2026-11-27T00:00:00.001Z"
