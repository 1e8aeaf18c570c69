"""The name plate of proceedings."""

from __future__ import annotations

from kouprey.kernel.words.capability import Capability, CommandLine, Place

CAPABILITY = Capability(
    name="proceedings",
    commands=(
        CommandLine("dossier", "kouprey.proceedings.cli:dossier", "Seal and open items of confidential proceedings."),
    ),
    migrations="kouprey.proceedings.migrations",
    templates="kouprey.proceedings",
    routes=("kouprey.proceedings.api:routes", "kouprey.proceedings.pages:routes"),
    receives="kouprey.proceedings.service:receives",
    erases="kouprey.proceedings.service:erases",
    jobs="kouprey.proceedings.service:jobs",
    checks="kouprey.proceedings.service:checks",
    places=(Place("Dossiers", "/dossiers", "proceedings", "read", 470),),
)
