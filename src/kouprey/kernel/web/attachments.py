"""Bytes that somebody else gave, as an attachment of no type: no browser shows them, none guesses what they are."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from starlette.responses import StreamingResponse

BYTES = "application/octet-stream"


def attachment(name: str, size: int, parts: Iterator[bytes]) -> StreamingResponse:
    """`size` bytes, to be saved under `name` in any script; whoever gets fewer sees that the answer was cut."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Length": str(size),
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(parts, media_type=BYTES, headers=headers)
