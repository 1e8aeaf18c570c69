"""The editions of what is derived from bodies: raise a number when held bodies would be told something else now."""

from __future__ import annotations

EDITIONS = {"findings": 1, "observables": 1, "placements": 1, "search": 2, "values": 1}
"""`values` takes out what `observables` would not find any more: raise both together."""
