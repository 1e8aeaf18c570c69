"""Barring: what was erased is not taken in again."""

from __future__ import annotations

from kouprey.federation.model import ERASED_HERE
from kouprey.kernel.words.errors import Refused


def barred(stix_id: str) -> Refused:
    """Why an arrival of an erased version is not taken in; it says nothing that its sender did not."""
    return Refused(
        f"{stix_id} was erased here in this version, so it is not taken in again.",
        "Whoever runs this node has removed it for good.",
        f"Send a newer version; or, at this node, lift it: `kouprey erase {stix_id} --lift`.",
        code=ERASED_HERE,
    )
