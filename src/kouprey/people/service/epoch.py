"""The policy epoch: one number by which every cache of identities, standings and decisions knows that it is stale."""

from __future__ import annotations

from kouprey.kernel.seal.keys import random_bytes
from kouprey.kernel.storage import meta
from kouprey.kernel.storage.engine import Reader, Tx

_KEY = "policy-epoch"


def bump_policy_epoch(tx: Tx) -> None:
    """Make every cache of identities, standings and decisions ask again."""
    # Random, not counted: the number of a transaction that was rolled back must never come again with other contents.
    meta.put(tx, _KEY, random_bytes(7))


def policy_epoch(reader: Reader) -> int:
    """Differs after every change of people or agreements; caches compare it per request."""
    return int.from_bytes(meta.get(reader, _KEY) or b"")
