"""What MISP objects become, template by template."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kouprey.misp.rules.templates import NAMED, TEMPLATES

Json = dict[str, Any]


def thing(misp: Any, name: str, *parts: tuple[str, str, str], detect: bool = False, **more: Any) -> Json:
    """An object of (relation, type, value)."""
    attributes = [
        {**misp.attribute(f"{name}{at}", type_, value, detect=detect), "object_relation": relation}
        for at, (relation, type_, value) in enumerate(parts)
    ]
    head = {"uuid": misp.uuid(name), "name": name, "timestamp": "1764000000", "meta-category": "misc"}
    return {**head, "Attribute": attributes, **more}


FILE = (("filename", "filename", "a.exe"), ("md5", "md5", "ab" * 16), ("size-in-bytes", "size-in-bytes", "12"))


def test_an_object_with_a_form_becomes_one_observable_and_one_indicator(misp: Any) -> None:
    seen = misp.see(Object=[thing(misp, "file", *FILE, detect=True, comment="dropped")])
    file, indicator = seen.one("file"), seen.one("indicator")
    assert (file["name"], file["size"], file["hashes"]) == ("a.exe", 12, {"MD5": "ab" * 16})
    wanted = f"[file:name = 'a.exe' AND file:hashes.MD5 = '{'ab' * 16}' AND file:size = 12]"
    assert indicator["pattern"] == wanted and indicator["id"].endswith(misp.uuid("file"))
    assert indicator["description"] == "dropped" and indicator["name"] == "file: a.exe"
    assert seen.one("observed-data")["object_refs"] == [file["id"]]
    assert seen.one("relationship")["relationship_type"] == "based-on" and not seen.losses
    assert not misp.see(Object=[thing(misp, "file", *FILE)]).of("indicator")


def test_only_what_is_to_be_detected_is_in_the_pattern(misp: Any) -> None:
    made = thing(misp, "file", *FILE)
    made["Attribute"][1]["to_ids"] = True
    assert misp.see(Object=[made]).one("indicator")["pattern"] == f"[file:hashes.MD5 = '{'ab' * 16}']"


def test_several_values_of_one_relation_are_alternatives(misp: Any) -> None:
    parts = (("domain", "domain", "host.example"), ("ip", "ip-dst", "198.51.100.7"), ("ip", "ip-dst", "2001:db8::7"))
    seen = misp.see(Object=[thing(misp, "domain-ip", *parts, detect=True)])
    assert seen.one("indicator")["pattern"] == (
        "[domain-name:value = 'host.example' AND (domain-name:resolves_to_refs[*].value = '198.51.100.7'"
        " OR domain-name:resolves_to_refs[*].value = '2001:db8::7')]"
    )
    assert len(seen.one("domain-name")["resolves_to_refs"]) == 2


def test_what_finds_no_place_stands_beside_it(misp: Any) -> None:
    seen = misp.see(Object=[thing(misp, "file", *FILE, ("state", "text", "Malicious"), ("filename", "filename", "b"))])
    grouping = seen.one("grouping")
    assert len(grouping["object_refs"]) == 3 and seen.one("note")["content"] == "Malicious"
    assert 'misp:object-relation="state"' in seen.one("note")["labels"]
    assert [loss.what for loss in seen.losses] == ["object structure file.state", "object structure file.filename"]


def test_any_other_object_is_kept_together_by_a_grouping(misp: Any) -> None:
    seen = misp.see(Object=[thing(misp, "credential", ("username", "text", "root"), ("password", "text", "x"))])
    grouping = seen.one("grouping")
    assert grouping["name"] == "credential" and grouping["id"].endswith(misp.uuid("credential"))
    assert grouping["object_refs"] == [each["id"] for each in seen.of("note")]
    assert len(seen.lost("object structure")) == 2


def test_a_vulnerability_has_its_name_and_its_references(misp: Any) -> None:
    parts = (
        ("id", "vulnerability", "CVE-2025-12345"),
        ("summary", "text", "It overflows."),
        ("references", "link", "https://vendor.example/advisory"),
    )
    seen = misp.see(Object=[thing(misp, "vulnerability", *parts, comment="no patch", last_seen="2025-11-01")])
    made = seen.one("vulnerability")
    assert seen.one("note")["content"] == "no patch" and [loss.what for loss in seen.losses] == ["last_seen"]
    assert (made["name"], made["description"]) == ("CVE-2025-12345", "It overflows.")
    assert made["external_references"] == [
        {"source_name": "cve", "external_id": "CVE-2025-12345"},
        {"source_name": "MISP", "url": "https://vendor.example/advisory"},
    ]


def test_an_object_is_held_as_its_strictest_attribute(misp: Any) -> None:
    made = thing(misp, "file", *FILE, distribution="5")
    made["Attribute"][0]["distribution"] = "0"
    seen = misp.see(Object=[made], Tag=[{"name": "tlp:clear"}])
    assert {seen.level(each["id"]).word for each in seen.of("file") + seen.of("observed-data")} == {"red"}


def test_a_deleted_object_takes_its_attributes_along(misp: Any) -> None:
    seen = misp.see(Object=[thing(misp, "file", *FILE, deleted=True)])
    assert not seen.of("file") and len(seen.lost("deleted attribute")) == 3


def test_an_object_that_lost_a_part_is_a_later_version(misp: Any) -> None:
    before = thing(misp, "file", *FILE)
    after = thing(misp, "file", *FILE)
    after["Attribute"][1] |= {"deleted": True, "timestamp": "1764000500"}
    first, second = (misp.see(Object=[each]).one("observed-data") for each in (before, after))
    assert first["object_refs"] != second["object_refs"] and first["modified"] < second["modified"]


def test_comments_of_attributes_are_kept_with_the_object(misp: Any) -> None:
    made = thing(misp, "url", ("url", "url", "http://host.example/"), comment="landing page")
    made["Attribute"][0]["comment"] = "redirects"
    assert misp.see(Object=[made]).one("note")["content"] == "landing page\nurl: redirects"


@pytest.mark.parametrize("name", sorted(TEMPLATES) + sorted(NAMED))
def test_relations_are_those_of_the_templates(samples: Path, name: str) -> None:
    known = json.loads((samples / "objects" / f"{name}.json").read_text("utf-8"))["attributes"]
    told = TEMPLATES.get(name) or NAMED[name][1]
    # What templates named once, and what people write all the same.
    former = {"name"} if name == "asn" else set()
    assert told.keys() - known.keys() <= former | {"cdhash", "impfuzzy", "pehash", "is_self_signed"}
