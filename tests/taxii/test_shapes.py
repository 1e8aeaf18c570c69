"""Requests in the shapes in which known clients send them, faults included: each gets to the end and misses nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

House = Any
"""What conftest builds."""

Params = dict[str, str]
LAST = "X-TAXII-Date-Added-Last"
BEGIN = "1970-01-01T00:00:00"

# What a client sends after a page: from what it sent first, the page, and its date of the last object.
SHAPES: dict[str, tuple[Params, Params, Callable[[Params, dict[str, Any], str], Params]]] = {
    "Sentinel: dates alone, a space in the media type": (
        {"Accept": "application/taxii+json; version=2.1"},
        {"added_after": f"{BEGIN}.000Z"},
        lambda sent, page, last: {"added_after": last},
    ),
    "Elastic: the old date beside next": (
        {"Accept": "application/taxii+json;version=2.1"},
        {"added_after": f"{BEGIN}Z", "limit": "3", "match[type]": "malware"},
        lambda sent, page, last: sent | {"next": page["next"]},
    ),
    "Elastic: next without the filters": (
        {"Accept": "application/taxii+json;version=2.1"},
        {"added_after": f"{BEGIN}Z", "limit": "3", "match[type]": "malware"},
        lambda sent, page, last: {"next": page["next"]},
    ),
    "OpenCTI: the new date beside next, no version": (
        {"Accept": "application/taxii+json"},
        {"added_after": f"{BEGIN}.000000Z", "match[type]": "malware"},
        lambda sent, page, last: sent | {"added_after": last, "next": page["next"]},
    ),
    "curl: anything, nine digits": (
        {"Accept": "*/*"},
        {"added_after": f"{BEGIN}.000000000Z", "limit": "2"},
        lambda sent, page, last: {"limit": "2", "added_after": last},
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_client_gets_to_the_end(build: Any, shape: str) -> None:
    house = build(page_max=7)
    malware = [house.thing(number) for number in range(10)]
    tools = [house.thing(number, kind="tool") for number in range(10)]
    house.keep(*(each for pair in zip(malware, tools, strict=True) for each in pair))
    headers, params, following = SHAPES[shape]
    main = house.client().get("/taxii2/api/collections/").json()["collections"][0]["id"]
    client, seen, sent = house.client(), [], params
    while True:
        answer = client.get(f"/taxii2/api/collections/{main}/objects/", params=sent, headers=headers)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        seen += [each["id"] for each in page.get("objects", [])]
        if not page.get("more"):
            break
        sent = following(params, page, answer.headers[LAST])
    wanted = malware if "match[type]" in params else [*malware, *tools]
    assert sorted(seen) == sorted(each["id"] for each in wanted)
