"""The name plate of agreements."""

from __future__ import annotations

from kouprey.kernel.words.capability import Capability, CommandLine, Place

CAPABILITY = Capability(
    name="agreements",
    commands=(
        CommandLine(
            "agreement", "kouprey.agreements.cli:agreement", "Draft, propose, sign, show and suspend agreements."
        ),
    ),
    checks="kouprey.agreements.service.checks:checks",
    migrations="kouprey.agreements.migrations",
    templates="kouprey.agreements",
    routes=("kouprey.agreements.api:routes", "kouprey.agreements.pages:routes"),
    listeners="kouprey.agreements.service:listeners",
    jobs="kouprey.agreements.service:jobs",
    pulses="kouprey.agreements.pages:pulses",
    places=(Place("Agreements", "/agreements", "agreement", "read", 510, "a"),),
)
