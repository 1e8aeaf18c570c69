"""The name plate of taxii."""

from __future__ import annotations

from kouprey.kernel.words.capability import Capability, CommandLine, Place

CAPABILITY = Capability(
    name="taxii",
    commands=(
        CommandLine("pull", "kouprey.taxii.cli:pull", "Pull a collection from another TAXII server."),
        CommandLine("taxii", "kouprey.taxii.cli:taxii", "Other TAXII servers from which we pull."),
    ),
    migrations="kouprey.taxii.migrations",
    templates="kouprey.taxii",
    routes=(
        "kouprey.taxii.api:routes",
        "kouprey.taxii.api.sources:routes",
        "kouprey.taxii.api.clients:routes",
        "kouprey.taxii.pages:routes",
    ),
    places=(
        Place("Sources", "/sources", "download", "link", 530),
        Place("Collections", "/collections", "collection", "read", 540),
        Place("Clients", "/clients", "client", "audit", 550),
    ),
    jobs="kouprey.taxii.service:jobs",
)
