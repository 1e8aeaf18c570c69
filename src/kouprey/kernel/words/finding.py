"""Findings of an examination: what is not as it should be, why that matters, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

import msgspec


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One finding. "bad": something is lost, wrong or open; "warn": it needs a look; "mended": it was repaired."""

    level: Literal["bad", "warn", "mended"]
    what: str
    why: str
    remedy: str


class Check(NamedTuple):
    """One thing to examine. `call(repair)` gives what it finds, and mends what it can when `repair` is true."""

    name: str
    call: Callable[[bool], Iterable[Finding]]
