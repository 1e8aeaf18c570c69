"""Tables as bytes, and what is made of them."""

from __future__ import annotations

from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest

from kouprey.exchange.model import Refusal
from kouprey.exchange.model.tables import Dialect, Mapping
from kouprey.exchange.wire.tables import look_at, read_table

AUTHOR = "identity--0f3a0f3a-0f3a-4f3a-8f3a-0f3a0f3a0f3a"


def taken(raw: bytes, mapping: Mapping, dialect: Dialect | None = None) -> tuple[list[dict[str, Any]], list[Refusal]]:
    """What is made of a table, and what is refused."""
    out = list(read_table(BytesIO(raw), mapping, dialect or look_at(raw).dialect, AUTHOR))
    made = [each.value for each in out if not isinstance(each, Refusal)]
    return made, [each for each in out if isinstance(each, Refusal)]


@pytest.fixture
def tables() -> SimpleNamespace:
    """The function above, for tests: conftest modules cannot be imported."""
    return SimpleNamespace(taken=taken, AUTHOR=AUTHOR)
