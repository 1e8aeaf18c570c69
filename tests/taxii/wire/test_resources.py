"""Resources as bytes: the shapes of the standard, and bodies exactly as they were received."""

from __future__ import annotations

import json

from kouprey.exchange.model import Collection, PageRow
from kouprey.kernel.words.errors import Unknown
from kouprey.taxii.model import Fate, Status, View
from kouprey.taxii.wire import resources

BODY = '{ "type":"malware", "id":"malware--1",\t"name":"ខ្មែរ \\u00e9 1.10", "x":1.10 }'.encode()
AT = 1_763_802_000_000_001


def row(raw: bytes = BODY, version: str = "2026-11-22T09:00:00.1Z") -> PageRow:
    return PageRow(stix_id="malware--1", instant=7, version_text=version, position=AT, raw=raw)


def test_bodies_are_joined_and_never_written_anew() -> None:
    view = View(rows=(row(), row(b'{"a":1}')), first=AT, last=AT)
    assert resources.envelope(view) == b'{"more":false,"objects":[' + BODY + b',{"a":1}]}'
    on = View(rows=(row(),), first=AT, last=AT, next="tok_en-1")
    assert resources.envelope(on) == b'{"more":true,"next":"tok_en-1","objects":[' + BODY + b"]}"


def test_empty_lists_are_left_out() -> None:
    empty = View(rows=(), first=AT, last=AT)
    for render in (resources.envelope, resources.manifest, resources.versions):
        assert render(empty) == b"{}"
        assert json.loads(render(View(rows=(), first=AT, last=AT, next="t"))) == {"more": True, "next": "t"}
    assert resources.collections([]) == b"{}"


def test_a_manifest_names_versions_as_their_authors_wrote_them() -> None:
    view = View(rows=(row(b""), row(b"", version="")), first=AT, last=AT, next="t")
    assert json.loads(resources.manifest(view)) == {
        "more": True,
        "next": "t",
        "objects": [
            {"id": "malware--1", "date_added": "2025-11-22T09:00:00.000001Z", "version": "2026-11-22T09:00:00.1Z"},
            {"id": "malware--1", "date_added": "2025-11-22T09:00:00.000001Z", "version": "1970-01-01T00:00:00.000007Z"},
        ],
    }
    assert json.loads(resources.versions(view))["versions"] == ["2026-11-22T09:00:00.1Z", "1970-01-01T00:00:00.000007Z"]


def test_collections_say_what_a_client_may_do() -> None:
    one = Collection(id="91a7b528-80eb-42ed-a74d-c6fbd5a26116", name="feed", title="")
    shown = json.loads(resources.collection(one, False))
    assert shown == {
        "id": one.id,
        "title": "feed",
        "alias": "feed",
        "can_read": True,
        "can_write": False,
        "media_types": ["application/stix+json;version=2.1", "application/stix+json;version=2.0"],
    }
    assert json.loads(resources.collections([(one, True)])) == {"collections": [shown | {"can_write": True}]}


def test_discovery_and_api_root() -> None:
    assert json.loads(resources.discovery("CERT", "https://a.example"))["default"] == "https://a.example/taxii2/api/"
    found = json.loads(resources.discovery("CERT", "http://127.0.0.1:1"))
    assert found["default"] in found["api_roots"] and found["title"] == "CERT"
    root = json.loads(resources.api_root("CERT", 5))
    assert root["versions"] == ["application/taxii+json;version=2.1"] and root["max_content_length"] == 5


def test_an_error_has_a_title_and_texts_only() -> None:
    told = json.loads(resources.error(Unknown("What.", "Why.", "Remedy."), "req"))
    assert told == {
        "title": "What.",
        "description": "Why. Remedy.",
        "error_id": "req",
        "error_code": "unknown",
        "http_status": "404",
    }
    assert "description" not in json.loads(resources.error(Unknown("What."), "req"))


def test_a_status_adds_up_and_leaves_empty_lists_out() -> None:
    fates = (
        Fate(stix_id="malware--1", version="2026-11-22T09:00:00.1Z"),
        Fate(stix_id="file--1", version="", message="Another body is held."),
        Fate(stix_id="objects[2]", version="", refused=True, message="It has no id."),
    )
    told = json.loads(resources.status(Status(id="1", at=AT, fates=fates)))
    assert told == {
        "id": "1",
        "status": "complete",
        "request_timestamp": "2025-11-22T09:00:00.000001Z",
        "total_count": 3,
        "success_count": 2,
        "failure_count": 1,
        "pending_count": 0,
        "successes": [
            {"id": "malware--1", "version": "2026-11-22T09:00:00.1Z"},
            {"id": "file--1", "version": "1970-01-01T00:00:00.000000Z", "message": "Another body is held."},
        ],
        "failures": [{"id": "objects[2]", "version": "1970-01-01T00:00:00.000000Z", "message": "It has no id."}],
    }
    assert "failures" not in json.loads(resources.status(Status(id="1", at=AT, fates=fates[:1])))
