"""The name plate of readiness."""

from __future__ import annotations

from kouprey.kernel.words.capability import Capability, CommandLine, Place

CAPABILITY = Capability(
    name="readiness",
    commands=(
        CommandLine("readiness", "kouprey.readiness.cli:readiness", "How the country stands, and what helps next."),
    ),
    migrations="kouprey.readiness.migrations",
    templates="kouprey.readiness",
    routes=("kouprey.readiness.api:routes", "kouprey.readiness.pages:routes"),
    places=(Place("Readiness", "/readiness", "readiness", "read", 610),),
)
