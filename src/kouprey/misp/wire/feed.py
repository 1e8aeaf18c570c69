"""The manifest of a MISP feed: which events there are, since when, and the hash that each file is to have."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import SECOND, Instant

MANIFEST = "manifest.json"
MAX_MANIFEST = 256 << 20

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Listed(NamedTuple):
    """One event of a manifest; `changed` is 0 and `sha256` "" where it does not say."""

    uuid: str
    changed: Instant
    sha256: str


def read_manifest(raw: bytes) -> list[Listed]:
    """The events of a manifest, in its order; raises Damaged `unsafe-json` or `bad-manifest`.

    A name that is no UUID is refused: it names a file, and may not lead out of the folder.
    """
    value: Any = decode(raw)
    if not isinstance(value, dict) or not all(isinstance(each, dict) for each in value.values()):
        raise _bad("It must be an object that maps the UUIDs of events to what is known of them.")
    found = []
    for uuid, about in value.items():
        if _UUID.fullmatch(uuid) is None:
            raise _bad(f"{uuid[:60]!r} is no UUID.")
        seconds = str(about.get("timestamp", "")).strip()
        known = seconds.isascii() and seconds.isdigit() and len(seconds) < 12
        digest = about.get("integrity:sha256")
        found.append(
            Listed(uuid, int(seconds) * SECOND if known else 0, digest.lower() if isinstance(digest, str) else "")
        )
    return found


def _bad(why: str) -> Damaged:
    return Damaged("The manifest of the feed cannot be read.", why, "Fetch the feed again.", code="bad-manifest")
