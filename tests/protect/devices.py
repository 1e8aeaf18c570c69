"""Devices that fetch: they have no token, and send the secret of an outlet."""

from __future__ import annotations

import base64
from typing import Any

from inprocess import AppClient


def device(programs: Any, **headers: str) -> AppClient:
    """Somebody without a token."""
    return AppClient(programs.app, base_url=programs.origin, headers=headers, follow_redirects=False)


def basic(secret: str) -> str:
    """As a device sends it."""
    return "Basic " + base64.b64encode(f"any:{secret}".encode()).decode()
