"""Content negotiation: whether a client takes what we speak, and whether it takes it compressed (RFC 9110)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from kouprey.kernel.words.errors import Unsupported
from kouprey.taxii.model import NotAcceptable

VERSION = "2.1"
MEDIA_TYPE = f"application/taxii+json;version={VERSION}"

_PART = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+')
_PARAMETER = re.compile(r'(?:[^;"]|"(?:[^"\\]|\\.)*")+')
_LONGEST = 4096
"""Letters of a header that are looked at; quotes that never close cost their square."""
_EXACT = 3
"""The rank of our media type without a version."""
_WEIGHT = re.compile(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?", re.ASCII)


def check_accept(accept: str) -> None:
    """Pass when `accept` (all Accept headers, joined) takes TAXII 2.1, or is empty; else NotAcceptable.

    The most specific range that covers us decides, as RFC 9110 section 12.5.1 wants; a range that cannot be read is
    no range.
    """
    if not accept.strip():
        return
    best, weight = 0, 0.0
    for kind, parameters, q in _ranges(accept):
        rank = _rank(kind, parameters)
        if rank > best or (rank == best and rank and q > weight):
            best, weight = rank, q
    if weight == 0.0:
        raise NotAcceptable(
            "This server speaks TAXII 2.1 only.",
            f"The request accepts {accept[:200]!r}.",
            f"Send the header Accept: {MEDIA_TYPE}",
        )


def check_content_type(content_type: str) -> None:
    """Pass when a body says it is TAXII 2.1, with or without the version; else Unsupported."""
    found = next(_ranges(content_type), ("", {}, 0.0))
    if _rank(found[0], found[1]) < _EXACT:
        raise Unsupported(
            "This server takes TAXII 2.1 only.",
            f"The request says it brings {content_type[:200]!r}.",
            f"Send the header Content-Type: {MEDIA_TYPE}",
        )


def choose_coding(accept_encoding: str) -> Literal["zstd", "gzip", ""]:
    """How a body may be compressed, the better one first (RFC 9110 section 12.5.3); silence means not at all."""
    weights = {name: q for name, _, q in _ranges(accept_encoding)}
    other = weights.get("*", 0.0)
    zstd, packed = weights.get("zstd", other), weights.get("gzip", weights.get("x-gzip", other))
    if not zstd and not packed:
        return ""
    return "zstd" if zstd >= packed else "gzip"


def _rank(kind: str, parameters: dict[str, str]) -> int:
    """How specifically a range covers us; 0 when it does not."""
    if kind == "application/taxii+json":
        version = parameters.get("version")
        return _EXACT if version is None else _EXACT + 1 if version == VERSION else 0
    return {"application/*": 2, "*/*": 1}.get(kind, 0)


def _ranges(header: str) -> Iterator[tuple[str, dict[str, str], float]]:
    """(value in lower case, parameters, weight) of each readable element."""
    for part in _PART.findall(header[:_LONGEST]):
        value, *rest = [piece.strip() for piece in _PARAMETER.findall(part)] or [""]
        parameters = {}
        for piece in rest:
            name, _, text = piece.partition("=")
            parameters[name.strip().lower()] = text.strip().strip('"')
        weight = parameters.pop("q", "1")
        if value and _WEIGHT.fullmatch(weight):
            yield value.lower(), parameters, float(weight)
