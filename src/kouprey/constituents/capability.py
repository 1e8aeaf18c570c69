"""The name plate of constituents."""

from __future__ import annotations

from kouprey.kernel.words.capability import Capability, CommandLine, Place

CAPABILITY = Capability(
    name="constituents",
    commands=(
        CommandLine("constituent", "kouprey.constituents.cli:constituent", "Readers without a node, hosted on ours."),
    ),
    migrations="kouprey.constituents.migrations",
    templates="kouprey.constituents",
    routes=("kouprey.constituents.api:routes", "kouprey.constituents.pages:routes"),
    jobs="kouprey.constituents.pages.letters:jobs",
    vitals="kouprey.constituents.service:vitals",
    places=(Place("Constituents", "/constituents", "constituents", "people", 560),),
)
