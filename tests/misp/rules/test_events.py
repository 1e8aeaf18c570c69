"""Whole events: the report, what is in it, what changes, and that no attribute vanishes unsaid."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kouprey.exchange.service import findings_of
from kouprey.kernel.words.tlp import TLP
from kouprey.misp import rules
from kouprey.misp.model import Converted
from kouprey.misp.rules.book import LOCAL
from kouprey.misp.rules.reading import list_of, text_of
from kouprey.misp.rules.templates import NAMED, TEMPLATES
from kouprey.misp.rules.types import TYPES
from kouprey.misp.service import convert

Json = dict[str, Any]


def musts(converted: Converted) -> list[Any]:
    return [
        (made.value["id"], finding)
        for made in converted.made
        for finding in findings_of(made.value, made.value["type"])
        if finding.severity == "must"
    ]


def unsaid(event: Json, converted: Converted) -> list[Json]:
    """Attributes that are neither in an object nor in the list of losses."""
    said = json.dumps([made.value for made in converted.made], ensure_ascii=False)
    lost = {loss.attribute for loss in converted.losses}
    texts = {json.dumps(text, ensure_ascii=False)[1:-1] for text in strings([made.value for made in converted.made])}

    def missing(one: Json) -> bool:
        uuid = text_of(one, "uuid").lower()
        return uuid not in lost and uuid not in said

    def lacking(template: str, one: Json) -> bool:
        paths = TEMPLATES.get(template, {})
        path = paths.get(text_of(one, "object_relation"))
        value = path.read(text_of(one, "value")) if path is not None else text_of(one, "value")
        written = json.dumps(value, ensure_ascii=False)
        return missing(one) and (written[1:-1] if isinstance(value, str) else written) not in texts | numbers

    numbers = {json.dumps(each) for each in scalars([made.value for made in converted.made])}
    alone = [one for one in list_of(event, "Attribute") if missing(one)]
    whole = [
        one
        for holder in list_of(event, "Object")
        for one in list_of(holder, "Attribute")
        if lacking(text_of(holder, "name"), one)
    ]
    return alone + whole


def scalars(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from scalars(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from scalars(inner)
    else:
        yield value


def strings(value: Any) -> Iterator[str]:
    yield from (each for each in scalars(value) if isinstance(each, str))


def each_sample(folder: Path) -> Iterator[tuple[str, Json]]:
    def walk(value: Any) -> Iterator[Json]:
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict) and ("Event" in each or "response" in each):
                yield from walk(each.get("Event", each.get("response")))
            elif isinstance(each, dict) and {"info", "Attribute", "Object"} & each.keys():
                yield each

    for path in sorted([*folder.glob("events/**/*.json"), *folder.glob("feed-sample/*-*.json")]):
        for event in walk(json.loads(path.read_text("utf-8"))):
            yield path.name, event
    for path in sorted(folder.glob("stix/*collection*.json")):
        for event in walk(json.loads(path.read_text("utf-8"))):
            yield path.name, event


def test_real_events_become_valid_objects_and_no_attribute_vanishes(samples: Path) -> None:
    count = attributes = 0
    for name, event in each_sample(samples):
        converted = convert(event, TLP.AMBER_STRICT)
        count, attributes = count + 1, attributes + converted.attributes
        assert not musts(converted), name
        # Test data of other tools gives no UUIDs here and there: those can be found by their value only.
        named = {**event, "Attribute": [one for one in list_of(event, "Attribute") if one.get("uuid")]}
        assert not unsaid(named, converted), name
    assert count > 25 and attributes > 400


VALUES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
    st.sampled_from(
        ["198.51.100.7", "2001:db8::1/32", "host.example", "a|b", "198.51.100.7|443", "' OR \\", "ab" * 16, "x" * 300]
    ),
    st.sampled_from([None, 0, 7, True, [], {}, ["a"], 1.5]),
)
TIMES = st.sampled_from(["1764000000", 1764000000, "0", "", None, "soon", "9" * 12, -1, "2025-01-01T00:00:00", [1]])
TAGS = st.lists(
    st.sampled_from(["tlp:red", "tlp:green", "tlp:x", "PAP:RED", "a", "", None, 7]).map(lambda name: {"name": name}),
    max_size=2,
)


def attributes_of(names: list[str]) -> st.SearchStrategy[Json]:
    relations = sorted({relation for paths in TEMPLATES.values() for relation in paths} | {"state", "summary", ""})
    needed = {"uuid": st.uuids(version=4).map(str), "type": st.sampled_from(names), "value": VALUES}
    more = {
        "to_ids": st.sampled_from([True, False, "1", "0", None]),
        "timestamp": TIMES,
        "comment": VALUES,
        "category": VALUES,
        "distribution": st.sampled_from(["0", "3", "5", 9, None]),
        "deleted": st.sampled_from([True, False, "1"]),
        "first_seen": TIMES,
        "last_seen": TIMES,
        "object_relation": st.sampled_from(relations),
        "data": st.sampled_from(["UEsDBA==", "?", None]),
        "Tag": TAGS,
        "surprise": VALUES,
        "Sighting": st.lists(st.fixed_dictionaries({"type": st.sampled_from(["0", "1", "2"])}), max_size=1),
    }
    return st.fixed_dictionaries(needed, optional=more)


ATTRIBUTES = attributes_of([*TYPES, "unheard-of"])
OBJECTS = st.fixed_dictionaries(
    {
        "uuid": st.uuids(version=4).map(str),
        "name": st.sampled_from([*TEMPLATES, *NAMED, "credential"]),
        "Attribute": st.lists(ATTRIBUTES, max_size=4),
    },
    optional={
        "deleted": st.booleans(),
        "distribution": st.sampled_from(["0", "3", "5"]),
        "ObjectReference": st.lists(
            st.fixed_dictionaries({"referenced_uuid": VALUES, "relationship_type": VALUES}), max_size=1
        ),
        "comment": VALUES,
    },
)
EVENTS = st.fixed_dictionaries(
    {"info": VALUES, "uuid": st.one_of(st.uuids().map(str), VALUES)},
    optional={
        "Attribute": st.one_of(st.lists(ATTRIBUTES, max_size=5), VALUES),
        "Object": st.lists(OBJECTS, max_size=2),
        "timestamp": TIMES,
        "publish_timestamp": TIMES,
        "date": st.sampled_from(["2025-11-20", "2999-01-01", "x", "", None]),
        "distribution": st.sampled_from(["0", "3", "4", None, "x"]),
        "Orgc": st.one_of(
            VALUES, st.fixed_dictionaries({"name": VALUES, "uuid": st.one_of(st.uuids().map(str), VALUES)})
        ),
        "Tag": TAGS,
        "extends_uuid": st.one_of(st.uuids().map(str), VALUES),
        "Galaxy": VALUES,
        "EventReport": st.lists(st.fixed_dictionaries({"name": VALUES, "content": VALUES}), max_size=1),
        "Note": st.lists(st.fixed_dictionaries({"note": VALUES, "created": TIMES}), max_size=1),
        "Opinion": st.lists(st.fixed_dictionaries({"opinion": VALUES, "comment": VALUES}), max_size=1),
    },
)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(EVENTS)
def test_any_event_becomes_valid_objects_and_no_attribute_vanishes(event: Json) -> None:
    converted = convert(event, TLP.AMBER_STRICT)
    assert not musts(converted)
    assert not unsaid(event, converted)
    assert convert(event, TLP.AMBER_STRICT) == converted
    strict = {"0", "4", "x"}
    if text_of(event, "distribution") in strict:
        assert {made.standing.tlp for made in converted.made} <= {TLP.RED}


def test_an_event_becomes_a_report_of_all_that_is_in_it(misp: Any) -> None:
    seen = misp.see(
        misp.attribute("a", "domain", "host.example", detect=True),
        misp.attribute("b", "ip-dst", "198.51.100.7"),
        Tag=[{"name": "tlp:green"}, {"name": "type:OSINT"}],
        threat_level_id="1",
        analysis=2,
    )
    report = seen.one("report")
    assert report["id"] == f"report--{misp.uuid('event')}" and report["name"] == "Something happened"
    assert report["object_refs"] == [seen.one("indicator")["id"], seen.one("observed-data")["id"]]
    assert report["labels"] == ["type:OSINT", 'misp:threat-level="high"', 'misp:analysis="completed"']
    assert report["created"] == "2025-11-20T00:00:00.000000Z" and report["published"] == report["modified"]
    assert seen.one("identity")["name"] == misp.AUTHOR["name"]
    draft = misp.see(misp.attribute("a", "domain", "host.example"), published=False)
    assert draft.one("report")["labels"] == ['misp:published="false"']
    more = misp.see(misp.attribute("a", "domain", "host.example", detect=True), extends_uuid=misp.uuid("first"))
    assert more.one("report")["object_refs"][-1] == f"report--{misp.uuid('first')}"


def test_references_between_objects_are_relationships(misp: Any) -> None:
    first = {
        "uuid": misp.uuid("o"),
        "name": "file",
        "Attribute": [{**misp.attribute("f", "filename", "a.exe"), "object_relation": "filename"}],
        "ObjectReference": [
            {"uuid": misp.uuid("r"), "referenced_uuid": misp.uuid("a"), "relationship_type": "Communicates With"},
            {"uuid": misp.uuid("s"), "referenced_uuid": misp.uuid("nowhere"), "relationship_type": "drops"},
        ],
    }
    seen = misp.see(misp.attribute("a", "domain", "host.example", detect=True), Object=[first])
    made = seen.one("relationship")
    assert made["id"] == f"relationship--{misp.uuid('r')}" and made["relationship_type"] == "communicates-with"
    assert (made["source_ref"], made["target_ref"]) == (seen.one("observed-data")["id"], seen.one("indicator")["id"])
    assert made["description"] == "Communicates With" and seen.lost("reference drops")


def test_sightings_are_sightings_opinions_or_losses(misp: Any) -> None:
    told = [
        {"uuid": misp.uuid(kind), "type": kind, "date_sighting": "1764000050", "Organisation": misp.AUTHOR}
        for kind in ("0", "1", "2")
    ]
    seen = misp.see(misp.attribute("a", "domain", "host.example", detect=True, Sighting=told))
    target = seen.one("indicator")["id"]
    assert seen.one("sighting")["sighting_of_ref"] == target and seen.one("opinion")["object_refs"] == [target]
    assert (
        seen.one("sighting")["where_sighted_refs"] == [seen.one("identity")["id"]] and len(seen.lost("sighting")) == 1
    )


def test_reports_notes_and_opinions_of_others_are_kept(misp: Any) -> None:
    seen = misp.see(
        misp.attribute("a", "domain", "host.example", Opinion=[{"opinion": "90", "comment": "sure"}, {"opinion": "x"}]),
        EventReport=[{"uuid": misp.uuid("text"), "name": "Summary", "content": "# It\nwas", "timestamp": "1764000000"}],
        Note=[{"uuid": misp.uuid("note"), "note": "see also", "authors": "dara@cert.example"}],
    )
    texts = {each["content"]: each for each in seen.of("note")}
    assert texts["# It\nwas"]["abstract"] == "Summary" and texts["see also"]["authors"] == ["dara@cert.example"]
    assert seen.one("opinion")["opinion"] == "strongly-agree" and len(seen.lost("opinion")) == 1


def test_what_has_no_place_is_listed_once(misp: Any) -> None:
    seen = misp.see(
        misp.attribute("a", "domain", "host.example", ShadowAttribute=[{"value": "x"}]),
        SharingGroup={"name": "Some"},
        protected=True,
        unheard_of="x",
        ShadowAttribute=[{"value": "x"}],
        **dict.fromkeys(LOCAL, "1"),
    )
    assert sorted(loss.what for loss in seen.losses) == [
        "field unheard_of",
        "proposals",
        "proposals",
        "protection",
        "sharing group",
    ]


def test_an_event_that_changed_takes_back_what_it_no_longer_holds(misp: Any) -> None:
    gone, kept = misp.attribute("a", "domain", "host.example", detect=True), misp.attribute("b", "domain", "b.example")
    before = convert(misp.event(gone, kept), TLP.GREEN)
    after = convert(misp.event({**gone, "deleted": True}, kept, at=1764000200), TLP.GREEN)
    (made,) = rules.revocations([before], after, whole=False)
    assert made.value["id"] == f"indicator--{misp.uuid('a')}" and made.value["revoked"] is True
    assert made.value["modified"] == "2025-11-24T16:03:20.000000Z" and made.standing.tlp is TLP.GREEN
    excerpt = convert(misp.event(kept, at=1764000200), TLP.GREEN)
    assert not rules.revocations([before], excerpt, whole=False)
    assert len(rules.revocations([before], excerpt, whole=True)) == 1
    # No longer to be detected: the indicator ends, the observation takes its place.
    calmed = convert(misp.event({**gone, "to_ids": False}, kept, at=1764000200), TLP.GREEN)
    assert [made.value["type"] for made in rules.revocations([before], calmed, whole=False)] == ["indicator"]


def test_an_event_without_a_uuid_is_named_by_what_it_says(misp: Any) -> None:
    bare = {"info": "a", "date": "2025-11-20"}
    assert rules.uuid_of(bare) == rules.uuid_of({**bare, "Attribute": []}) != rules.uuid_of({**bare, "info": "b"})
    assert rules.changed_of({}) == rules.changed_of({"timestamp": "x", "date": 7}) > 0
