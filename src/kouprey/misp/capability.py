"""The name plate of misp."""

from __future__ import annotations

from kouprey.kernel.words.capability import Capability, CommandLine

CAPABILITY = Capability(
    name="misp",
    commands=(CommandLine("misp", "kouprey.misp.cli:misp", "Take in MISP events and feeds, with a list of losses."),),
    migrations="kouprey.misp.migrations",
    templates="kouprey.misp",
    routes=("kouprey.misp.api:routes", "kouprey.misp.pages:routes"),
    listeners="kouprey.misp.service:listeners",
    checks="kouprey.misp.service:checks",
)
