"""The name plate of federation."""

from __future__ import annotations

from kouprey.kernel.words.capability import Capability, CommandLine, Place

CAPABILITY = Capability(
    name="federation",
    commands=(
        CommandLine("link", "kouprey.federation.cli:link", "Reach partners over the network, pause and go on."),
        CommandLine(
            "parcel", "kouprey.federation.cli.parcels:parcel", "Carry entries by stick or mail when the link is cut."
        ),
        CommandLine("file", "kouprey.federation.cli.blobs:file", "Give files in parts, and save what partners gave."),
        CommandLine("keys", "kouprey.federation.cli.keys:keys", "Replace the keys of this node, or revoke one."),
        CommandLine(
            "ledger", "kouprey.federation.cli.ledger:ledger", "What was given to whom and confirmed when, with proof."
        ),
    ),
    checks="kouprey.federation.service.checks:checks",
    vitals="kouprey.federation.service.vitals:vitals",
    migrations="kouprey.federation.migrations",
    templates="kouprey.federation",
    routes=(
        "kouprey.federation.api:routes",
        "kouprey.federation.api.parcels:routes",
        "kouprey.federation.api.partners:routes",
        "kouprey.federation.api.health:routes",
        "kouprey.federation.api.members:routes",
        "kouprey.federation.api.keys:routes",
        "kouprey.federation.api.files:routes",
        "kouprey.federation.api.ledger:routes",
        "kouprey.federation.pages:routes",
    ),
    listeners="kouprey.federation.service:listeners",
    jobs="kouprey.federation.service:jobs",
    pulses="kouprey.federation.pages:pulses",
    proofs="kouprey.federation.service.proven:proofs",
    places=(
        Place("Partners", "/partners", "partners", "read", 500, "p"),
        Place("Ledger", "/ledger", "ledger", "read", 520, "l", ("/quarantine", "/files")),
    ),
)
