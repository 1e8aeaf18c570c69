"""How schemathesis sends bodies of our own kinds: as the bytes it has made up."""

from __future__ import annotations

from typing import Any

import schemathesis


@schemathesis.serializer("application/vnd.kouprey.parcel", "application/taxii+json;version=2.1")
def as_bytes(_: Any, value: Any) -> bytes:
    """Bytes as they are, everything else as text."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
