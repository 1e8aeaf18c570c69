"""The name plate of performance."""

from __future__ import annotations

from kouprey.kernel.words.capability import Capability, CommandLine, Place

CAPABILITY = Capability(
    name="performance",
    commands=(
        CommandLine("measures", "kouprey.performance.cli:measures", "Whether an agreement works, in figures."),
        CommandLine("processing", "kouprey.performance.cli:processing", "The record of processing, and assessments."),
    ),
    migrations="kouprey.performance.migrations",
    templates="kouprey.performance",
    routes=(
        "kouprey.performance.api:routes",
        "kouprey.performance.pages:routes",
        "kouprey.performance.pages.processing:routes",
    ),
    jobs="kouprey.performance.service:jobs",
    checks="kouprey.performance.service:checks",
    places=(Place("Processing", "/processing", "shield", "audit", 720),),
)
