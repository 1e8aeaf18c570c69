"""Limits of what is taken and given at once, set by the operator and obeyed by every door."""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """`body` is the most bytes a request may bring, `page` the most objects an answer carries."""

    body: int = 100 << 20
    page: int = 1000
