"""What each capability adds to the tables of `catalogue` and `exemptions`: one module a capability, each table by name.

A module may have any of TABLES; names that stand in the shared tables, or in another module, are not given again.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from typing import Any

TABLES = (
    "PATHS",
    "QUERIES",
    "WHOLE",
    "ALWAYS",
    "FIELDS",
    "BODIES",
    "UNASKED",
    "DIFFERS",
    "TELLS",
    "ROADS",
    "COMMANDS",
)


def with_rooms(table: str, shared: Mapping[str, Any]) -> dict[str, Any]:
    """The shared table and what the modules here add to it; AssertionError for what is given twice."""
    assert table in TABLES, table
    whole = dict(shared)
    for each in pkgutil.iter_modules(__path__):
        added = getattr(import_module(f"{__name__}.{each.name}"), table, {})
        twice = sorted(whole.keys() & added.keys())
        assert not twice, f"{twice} stand in {table} already: take them out of tests/leaks/rooms/{each.name}.py"
        whole |= added
    return whole
