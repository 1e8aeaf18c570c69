"""Entity tags: what names an answer, and whether a client holds it already."""

from __future__ import annotations

from hashlib import sha256


def weak_tag(body: bytes) -> str:
    """The tag of an answer with this body; weak, because the same answer may travel compressed."""
    return f'W/"{sha256(body).hexdigest()[:32]}"'


def knows(if_none_match: str, etag: str) -> bool:
    """Whether the client holds this answer already, by the weak comparison of RFC 9110 section 13.1.2."""
    opaque = etag.removeprefix("W/")
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in tags or opaque in tags
