"""Verbs of protect: make shields, gather what they list, gate it, release it, and hand it to devices."""

from __future__ import annotations

from kouprey.kernel.words.capability import Job, Services
from kouprey.kernel.words.vital import Vital, gauge
from kouprey.protect.service.outlets import Fetched
from kouprey.protect.service.showing import Change, LeftOut, Listed, Showing, Standing


class Protect(Showing):
    """Everything about shields."""


def jobs(services: Services) -> list[Job]:
    """Read shields anew when indicators come, begin or end; remove what a killed process left."""
    protect = services.get(Protect)
    return [Job("protect.renew", 15.0, protect.renew), Job("protect.tidy", 3600.0, protect.tidy)]


def vitals(services: Services) -> list[Vital]:
    """How shields fare."""
    protect = services.get(Protect)
    every = [each for each in protect.standings(protect.operator()) if not each.shield.retired]
    return [
        gauge(
            "protect_shields_waiting",
            "Shields of which a list waits for a person.",
            sum(each.waiting is not None for each in every),
        ),
        gauge(
            "protect_shields_old",
            "Shields whose release should have been followed by another.",
            sum(each.old for each in every),
        ),
        gauge(
            "protect_entries",
            "Values in force in all shields.",
            sum(each.current.total for each in every if each.current),
        ),
    ]


__all__ = ["Change", "Fetched", "LeftOut", "Listed", "Protect", "Standing", "jobs", "vitals"]
