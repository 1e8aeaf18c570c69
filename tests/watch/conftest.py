"""The watch of a whole node, and indicators to find."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kouprey.exchange.service import Exchange
from kouprey.kernel.words.time import format_instant
from kouprey.kernel.words.tlp import TLP
from kouprey.watch.service import Watch

Indicate = Callable[..., str]


@pytest.fixture
def watch(programs: Any) -> Watch:
    """That of a whole node."""
    found: Watch = programs.node.services.get(Watch)
    return found


@pytest.fixture
def indicate(programs: Any) -> Indicate:
    """Keep an indicator of ours: its pattern, marking, and other properties; its id."""
    exchange: Exchange = programs.node.services.get(Exchange)
    made = 0

    def keep(pattern: str, tlp: TLP = TLP.GREEN, *, stix_id: str = "", at: int = 0, **more: Any) -> str:
        nonlocal made
        made += 1
        stamp = format_instant(1_790_000_000_000_000 + made * 1_000_000 + at)
        name = stix_id or f"indicator--{made:08x}-1111-4111-8111-111111111111"
        body = {
            "type": "indicator",
            "spec_version": "2.1",
            "id": name,
            "created": format_instant(1_790_000_000_000_000),
            "modified": stamp,
            "name": f"Indicator {made}",
            "pattern": pattern,
            "pattern_type": "stix",
            "valid_from": "2020-01-01T00:00:00.000000Z",
            "indicator_types": ["malicious-activity"],
            **more,
        }
        return exchange.make(body, tlp=tlp, action="exchange.write", who=exchange.operator(), by="test")

    return keep
