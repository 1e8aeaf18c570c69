"""What the exchange with partners can prove of readiness: under how many agreements something came."""

from __future__ import annotations

from collections.abc import Mapping

from kouprey.federation.service import Federation
from kouprey.federation.store import lines
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.proof import Proof, Prover
from kouprey.kernel.words.time import Instant


def proofs(services: Services) -> Mapping[str, Prover]:
    """By the names that framework files ask for."""
    store = services.get(Federation).store

    def exchanged(since: Instant) -> Proof:
        with store.read() as reader:
            return lines.agreements_exchanged(reader, since)

    return {"agreements.exchanged": exchanged}
