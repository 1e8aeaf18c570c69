"""The name plate of taxii."""

from __future__ import annotations

from kouprey.kernel.words.capability import Capability

CAPABILITY = Capability(
    name="taxii",
    migrations="kouprey.taxii.migrations",
    routes=("kouprey.taxii.api:routes",),
    jobs="kouprey.taxii.service:jobs",
)
