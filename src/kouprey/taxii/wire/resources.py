"""The resources of TAXII 2.1 as bytes; bodies are joined as they were received, never written anew."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kouprey.exchange.model import Collection, PageRow
from kouprey.kernel.words.errors import KoupreyError, rests
from kouprey.kernel.words.time import format_instant
from kouprey.taxii.model import Fate, Status, View
from kouprey.taxii.wire.negotiation import MEDIA_TYPE

API_ROOT = "/taxii2/api/"

_STIX = ("application/stix+json;version=2.1", "application/stix+json;version=2.0")


def discovery(title: str, origin: str) -> bytes:
    """Section 4.1.1; there is one API root. Its address is whole where the standard allows that: over HTTPS."""
    root = origin + API_ROOT if origin.startswith("https:") else API_ROOT
    return msgspec.json.encode({"title": title, "default": root, "api_roots": [root]})


def api_root(title: str, max_content_length: int) -> bytes:
    """Section 4.2.1."""
    return msgspec.json.encode({"title": title, "versions": [MEDIA_TYPE], "max_content_length": max_content_length})


def collections(several: Sequence[tuple[Collection, bool]]) -> bytes:
    """Section 5.1.1, each with whether this client may write to it; without any, the property is left out."""
    return msgspec.json.encode({"collections": [_collection(*each) for each in several]} if several else {})


def collection(one: Collection, can_write: bool) -> bytes:
    """Section 5.2.1."""
    return msgspec.json.encode(_collection(one, can_write))


def envelope(view: View) -> bytes:
    """Section 3.7: `objects` is left out when there are none."""
    return _paged(view, b"objects", b",".join([row.raw for row in view.rows]))


def manifest(view: View) -> bytes:
    """Section 5.3.1, with `next`, which the table of the standard forgot (oasis-tcs/cti-taxii2#110)."""
    records = [
        {"id": row.stix_id, "date_added": format_instant(row.position), "version": version_of(row)} for row in view.rows
    ]
    return _paged(view, b"objects", msgspec.json.encode(records)[1:-1])


def versions(view: View) -> bytes:
    """Section 5.8.1."""
    return _paged(view, b"versions", msgspec.json.encode([version_of(row) for row in view.rows])[1:-1])


def status(one: Status) -> bytes:
    """Section 4.3.1; everything is complete when it is answered."""
    kept = [_fate(fate) for fate in one.fates if not fate.refused]
    refused = [_fate(fate) for fate in one.fates if fate.refused]
    body: dict[str, object] = {
        "id": one.id,
        "status": "complete",
        "request_timestamp": format_instant(one.at),
        "total_count": len(one.fates),
        "success_count": len(kept),
        "failure_count": len(refused),
        "pending_count": 0,
    }
    lists = {"successes": kept, "failures": refused}
    return msgspec.json.encode(body | {name: several for name, several in lists.items() if several})


def _fate(fate: Fate) -> dict[str, str]:
    told = {"id": fate.stix_id, "version": fate.version or format_instant(0)}
    return told | {"message": fate.message} if fate.message else told


def error(told: KoupreyError, request_id: str) -> bytes:
    """Section 3.6.1: texts, the status again as one, and what it rests on."""
    body: dict[str, object] = {
        "title": told.what,
        "description": " ".join(part for part in (told.why, told.remedy) if part),
        # `details` is for what clients of one server understand: here the agreement and its clause.
        "details": {key: str(value) for key, value in told.detail.items()} if rests(told) else "",
        "error_id": request_id,
        "error_code": told.code,
        "http_status": str(told.http_status),
    }
    return msgspec.json.encode({name: text for name, text in body.items() if text})


def version_of(row: PageRow) -> str:
    """The version as its author wrote it; for what has no version the beginning of time, which never changes."""
    return row.version_text or format_instant(row.instant)


def _collection(one: Collection, can_write: bool) -> dict[str, object]:
    shown: dict[str, object] = {"id": one.id, "title": one.title or one.name, "alias": one.name}
    if one.description:
        shown["description"] = one.description
    return shown | {"can_read": True, "can_write": can_write, "media_types": _STIX}


def _paged(view: View, name: bytes, items: bytes) -> bytes:
    """`items` is the inside of a JSON list."""
    if not view.rows and not view.next:
        return b"{}"
    more = b'"more":true,"next":"' + view.next.encode() + b'"' if view.next else b'"more":false'
    return b"{" + more + (b',"' + name + b'":[' + items + b"]" if items else b"") + b"}"
