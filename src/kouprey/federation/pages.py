"""Pages."""

from typing import Any


def routes(services: Any) -> list[Any]:
    return []
