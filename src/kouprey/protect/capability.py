"""The name plate of protect."""

from __future__ import annotations

from kouprey.kernel.words.capability import Capability, CommandLine, Place

CAPABILITY = Capability(
    name="protect",
    commands=(CommandLine("protect", "kouprey.protect.cli:protect", "Let devices block what partners warn of."),),
    migrations="kouprey.protect.migrations",
    templates="kouprey.protect",
    routes=("kouprey.protect.api:routes", "kouprey.protect.pages:routes"),
    jobs="kouprey.protect.service:jobs",
    vitals="kouprey.protect.service:vitals",
    places=(Place("Shields", "/protect", "shield", "write", 305),),
)
