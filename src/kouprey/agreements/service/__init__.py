"""Verbs of agreements: draft, sign, comment, tighten, suspend, leave; and keep written down who may see what."""

from __future__ import annotations

import msgspec

from kouprey.agreements.service.officers import Officers
from kouprey.kernel.storage import outbox
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words import decision
from kouprey.kernel.words.capability import Job, Services
from kouprey.people.facts import ReaderWidened


class Agreements(Officers):
    """Every agreement this node knows, and the one decision made under them."""


def listeners(services: Services) -> list[outbox.Listener]:
    """A widened reader is owed what it may see now."""
    agreements = services.get(Agreements)

    def on_reader_widened(_: Store, body: bytes, __: int) -> None:
        fact = msgspec.json.decode(body, type=ReaderWidened)
        agreements.reader_widened(
            msgspec.convert(fact.before, type=decision.Reader), msgspec.convert(fact.after, type=decision.Reader)
        )

    return [outbox.Listener("agreements.reader-widened", outbox.fact_name(ReaderWidened), on_reader_widened)]


def jobs(services: Services) -> list[Job]:
    """Embargoes end and agreements begin and end by the clock."""
    return [Job("agreements.recheck", 2.0, services.get(Agreements).recheck)]


__all__ = ["Agreements", "jobs", "listeners"]
