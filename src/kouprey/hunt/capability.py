"""The name plate of hunts."""

from __future__ import annotations

from kouprey.kernel.words.capability import Capability, CommandLine, Place

CAPABILITY = Capability(
    name="hunt",
    commands=(CommandLine("hunt", "kouprey.hunt.cli:hunt", "Ask recorded events with Sigma rules."),),
    migrations="kouprey.hunt.migrations",
    templates="kouprey.hunt",
    routes=("kouprey.hunt.api:routes", "kouprey.hunt.pages:routes"),
    jobs="kouprey.hunt.service:jobs",
    places=(Place("Hunts", "/hunts", "hunt", "write", 310),),
)
