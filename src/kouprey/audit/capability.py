"""The name plate of audit."""

from __future__ import annotations

from kouprey.kernel.words.capability import Capability, CommandLine, Place

CAPABILITY = Capability(
    name="audit",
    commands=(CommandLine("audit", "kouprey.audit.cli:audit", "Who did what: list, export, verify."),),
    templates="kouprey.audit",
    routes=("kouprey.audit.api:routes", "kouprey.audit.pages:routes"),
    checks="kouprey.audit.service:checks",
    places=(Place("Audit", "/audit", "audit", "audit", 710, "u"),),
)
