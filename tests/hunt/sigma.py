"""Sigma rules and events of our own making."""

from __future__ import annotations

import json
from typing import Any

HEAD = """title: {title}
id: {id}
status: test
level: {level}
logsource:
    product: {product}
    category: {category}
detection:
"""


def rule(
    detection: str,
    *,
    title: str = "A loader",
    id: str = "11111111-1111-4111-8111-111111111111",
    level: str = "high",
    product: str = "linux",
    category: str = "process_creation",
) -> str:
    """A rule whose detection is this text, indented by four."""
    body = "".join(f"    {line}\n" for line in detection.strip().splitlines())
    return HEAD.format(title=title, id=id, level=level, product=product, category=category) + body


def lines(*events: dict[str, Any]) -> bytes:
    """Events as lines of JSON."""
    return b"".join(json.dumps(each).encode() + b"\n" for each in events)
