"""The name plate of capacity."""

from __future__ import annotations

from kouprey.kernel.words.capability import Capability, CommandLine, Place

CAPABILITY = Capability(
    name="capacity",
    commands=(
        CommandLine("capacity", "kouprey.capacity.cli:capacity", "Programmes, trainings, seats, badges, certificates."),
    ),
    migrations="kouprey.capacity.migrations",
    templates="kouprey.capacity",
    routes=("kouprey.capacity.api:routes", "kouprey.capacity.pages:routes"),
    receives="kouprey.capacity.service:receives",
    erases="kouprey.capacity.service:erases",
    regains="kouprey.capacity.service:receives",
    jobs="kouprey.capacity.service:jobs",
    places=(Place("Programmes", "/programmes", "capacity", "read", 600),),
)
