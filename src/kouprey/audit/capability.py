"""The name plate of audit."""

from __future__ import annotations

from kouprey.kernel.words.capability import Capability, Place

CAPABILITY = Capability(
    name="audit",
    templates="kouprey.audit",
    routes=("kouprey.audit.pages:routes",),
    places=(Place("Audit", "/audit", "audit", "audit", 90),),
)
