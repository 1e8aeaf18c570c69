"""The name plate of watch."""

from __future__ import annotations

from kouprey.kernel.words.capability import Capability, CommandLine, Place

CAPABILITY = Capability(
    name="watch",
    commands=(CommandLine("watch", "kouprey.watch.cli:watch", "Match what sensors see against indicators."),),
    migrations="kouprey.watch.migrations",
    templates="kouprey.watch",
    routes=("kouprey.watch.api:routes", "kouprey.watch.pages:routes"),
    jobs="kouprey.watch.service:jobs",
    pulses="kouprey.watch.pages:pulses",
    vitals="kouprey.watch.service:vitals",
    places=(Place("Watch", "/watch", "watch", "write", 300, "w"),),
)
