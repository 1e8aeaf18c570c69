"""Campaigns as partners and analysts say them: against whom, and who is said to be behind."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from kouprey.exchange.service import Exchange
from kouprey.kernel.words.tlp import TLP

CAMPAIGN = f"campaign--{uuid5(NAMESPACE_DNS, 'campaign')}"
ACTOR = f"threat-actor--{uuid5(NAMESPACE_DNS, 'actor')}"
BEHIND = f"relationship--{uuid5(NAMESPACE_DNS, 'behind')}"
TARGET = f"identity--{uuid5(NAMESPACE_DNS, 'target')}"


def _object(kind: str, key: str, /, **more: Any) -> dict[str, Any]:
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.000Z"
    made = {"type": kind, "spec_version": "2.1", "id": f"{kind}--{uuid5(NAMESPACE_DNS, key)}"}
    return made | {"created": now, "modified": now} | more


def objects(**attribution: Any) -> list[dict[str, Any]]:
    """A campaign against a government, with an actor who is said to be behind it."""
    return [
        _object("campaign", "campaign", name="Grey Heron: defacement of ministries"),
        _object("threat-actor", "actor", name="Heron Collective"),
        _object("identity", "target", name="A ministry", identity_class="class", sectors=["government-national"]),
        _object("relationship", "aims", relationship_type="targets", source_ref=CAMPAIGN, target_ref=TARGET),
        _object("relationship", "behind", relationship_type="attributed-to", source_ref=CAMPAIGN, target_ref=ACTOR)
        | attribution,
    ]


def bring(services: Any, made: list[dict[str, Any]], tlp: TLP = TLP.GREEN) -> None:
    """Import objects as a file of ours, into a whole node."""
    bring_into(services.get(Exchange), made, tlp)


def bring_into(exchange: Exchange, made: list[dict[str, Any]], tlp: TLP = TLP.GREEN) -> None:
    """The same into an exchange alone."""
    raw = json.dumps({"type": "bundle", "id": f"bundle--{uuid5(NAMESPACE_DNS, 'b')}", "objects": made}).encode()
    exchange.import_stream(BytesIO(raw), name="campaigns.json", tlp=tlp, by="test")


def sighting(of: str) -> dict[str, Any]:
    """Somebody saw it."""
    return _object("sighting", "seen", sighting_of_ref=of)
