"""Hunts on both engines, and an exchange that keeps what they sight."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.hunt.service import Hunts


@pytest.fixture
def hunts(programs: Any) -> Hunts:
    """Those of a whole node."""
    found: Hunts = programs.node.services.get(Hunts)
    return found
