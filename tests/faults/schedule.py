"""The schedule: how often each deed and each fault comes in a simulated run."""

from __future__ import annotations

from faults import deeds, misdeeds

SCHEDULE: tuple[tuple[int, deeds.Deed], ...] = (
    (26, deeds.sync),
    (14, deeds.publish),
    (12, deeds.work),
    (5, deeds.start),
    (3, deeds.crash),
    (4, deeds.copy),
    (4, deeds.restore),
    (2, deeds.restore_between),
    (3, deeds.cut),
    (2, deeds.weather),
    (1, deeds.skew),
    (3, deeds.replay),
    (3, deeds.make_parcel),
    (5, deeds.read_parcel),
    (2, deeds.suspend),
    (2, deeds.amend),
    (4, deeds.countersign),
    (2, deeds.erase),
    (1, deeds.leave),
    (2, misdeeds.forge_receipt),
    (2, misdeeds.equivocate),
)
"""How often each deed is chosen."""
