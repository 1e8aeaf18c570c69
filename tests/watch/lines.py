"""Lines of sensors for tests."""

from __future__ import annotations

import msgspec

from kouprey.kernel.words.time import Instant, wall_clock


def dns(*names: str, at: Instant = 0, client: str = "10.0.0.5") -> bytes:
    """Lines of dns.log that ask for these names."""
    seconds = (at or wall_clock()) / 1_000_000
    return b"".join(
        msgspec.json.encode(
            {"ts": seconds, "uid": f"C{n}", "id.orig_h": client, "id.resp_h": "10.0.0.53", "query": name}
        )
        + b"\n"
        for n, name in enumerate(names)
    )
