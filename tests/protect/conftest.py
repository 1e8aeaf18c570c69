"""Shields of a whole node, and indicators to list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kouprey.exchange.service import Exchange
from kouprey.kernel.words.time import format_instant
from kouprey.kernel.words.tlp import TLP
from kouprey.protect.service import Protect
from kouprey.watch.service import Watch

Indicate = Callable[..., str]
MADE = 1_790_000_000_000_000


@pytest.fixture
def protect(programs: Any) -> Protect:
    """That of a whole node."""
    found: Protect = programs.node.services.get(Protect)
    return found


@pytest.fixture
def watch(programs: Any) -> Watch:
    """What its sensors saw."""
    found: Watch = programs.node.services.get(Watch)
    return found


@pytest.fixture
def indicate(programs: Any) -> Indicate:
    """Keep an indicator of ours: its pattern, marking, and other properties; its id."""
    exchange: Exchange = programs.node.services.get(Exchange)
    made = 0

    def keep(pattern: str, tlp: TLP = TLP.GREEN, *, stix_id: str = "", **more: Any) -> str:
        nonlocal made
        made += 1
        name = stix_id or f"indicator--{made:08x}-2222-4222-8222-222222222222"
        body = {
            "type": "indicator",
            "spec_version": "2.1",
            "id": name,
            "created": format_instant(MADE),
            "modified": format_instant(MADE + made * 1_000_000),
            "name": f"Indicator {made}",
            "pattern": pattern,
            "pattern_type": "stix",
            "valid_from": "2020-01-01T00:00:00.000000Z",
            "indicator_types": ["malicious-activity"],
            **more,
        }
        return exchange.make(body, tlp=tlp, action="exchange.write", who=exchange.operator(), by="test")

    return keep
