"""Verbs of proceedings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from kouprey.federation.service import Eraser, Receiver
from kouprey.kernel.words.capability import Job, Services
from kouprey.kernel.words.finding import Check
from kouprey.proceedings.service.checking import Checking, first_fault
from kouprey.proceedings.service.sealing import open_file, seal_file, wrap_again
from kouprey.proceedings.wire import MEDIA_TYPE


class Dossiers(Checking):
    """Dossiers, their members, sealed items, releases, custody, holds, and what crosses a border, of one node."""


def receives(services: Services) -> Mapping[str, Receiver]:
    """Entries that carry a sealed item, or say that one was received."""
    return {MEDIA_TYPE: services.get(Dossiers).apply}


def erases(services: Services) -> Eraser:
    """What a partner gave goes when he asks for it, unless a hold keeps it."""
    dossiers = services.get(Dossiers)

    def erase(origin: str, author: str, indices: Sequence[int]) -> Collection[int]:
        return dossiers.erase_received(origin, author, indices)

    return erase


def jobs(services: Services) -> list[Job]:
    """Ledgers are signed, releases without a basis told of daily; what is past its retention or never was kept goes."""
    dossiers = services.get(Dossiers)
    return [
        Job("proceedings.sign", 30.0, dossiers.sign_open),
        Job("proceedings.remind", 600.0, dossiers.remind),
        Job("proceedings.retain", 3_600.0, dossiers.retain),
        Job("proceedings.unkept", 3_600.0, dossiers.drop_unkept),
    ]


def checks(services: Services) -> list[Check]:
    """For the doctor."""
    return services.get(Dossiers).checks()


__all__ = [
    "Dossiers",
    "checks",
    "erases",
    "first_fault",
    "jobs",
    "open_file",
    "receives",
    "seal_file",
    "wrap_again",
]
