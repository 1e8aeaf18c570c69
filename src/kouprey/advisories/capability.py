"""The name plate of advisories."""

from __future__ import annotations

from kouprey.kernel.words.capability import Capability, CommandLine, Place

CAPABILITY = Capability(
    name="advisories",
    commands=(CommandLine("statements", "kouprey.advisories.cli:statements", "What we say to everybody, signed."),),
    migrations="kouprey.advisories.migrations",
    templates="kouprey.advisories",
    routes=("kouprey.advisories.api:routes", "kouprey.advisories.pages:routes"),
    receives="kouprey.advisories.service:receives",
    erases="kouprey.advisories.service:erases",
    regains="kouprey.advisories.service:receives",
    jobs="kouprey.advisories.service:jobs",
    places=(Place("Statements", "/statements/desk", "advisories", "read", 480),),
)
