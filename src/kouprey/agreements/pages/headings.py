"""Under which headings the clauses of an agreement are read, and what each is called."""

from __future__ import annotations

from kouprey.kernel.web.language import mark

GROUPS = (
    (mark("Who, what and what for"), ("parties", "tlp_ceiling", "types", "purposes", "onward")),
    (mark("Keeping it"), ("retention_days", "erasure_days", "quotas")),
    (mark("Beginning and stopping"), ("dates", "suspension")),
    (mark("Use and release"), ("pap_ceiling", "references", "approvals", "emergency")),
    (mark("Working together"), ("handoffs", "duties", "targets")),
    (mark("Leaving and audiences"), ("leaving_days", "groups")),
)
"""How the clauses are read: each once, in the order of the numbers that decisions cite, under a heading."""
NAMES = (
    mark("Parties"),
    mark("Highest marking"),
    mark("What is exchanged"),
    mark("Purposes"),
    mark("Passing on"),
    mark("Keeping"),
    mark("Erasure"),
    mark("Amounts"),
    mark("Duration"),
    mark("Suspension"),
    mark("Use by the receiver"),
    mark("What a thing names"),
    mark("Release"),
    mark("In an emergency"),
    mark("Hand-offs"),
    mark("Duties"),
    mark("What it is measured by"),
    mark("Leaving"),
    mark("Audiences"),
)
"""The names of `TITLES` once more, where translators find them; they are cited on the pages of every capability."""
