"""What may be done with an object when something is done with many: a ground that hinders it, or none."""

from __future__ import annotations

from collections.abc import Collection

from kouprey.exchange.model import OBSERVABLE_TYPES
from kouprey.exchange.model.acting import Act
from kouprey.kernel.words.decision import Reason

NEVER_SEEN = OBSERVABLE_TYPES | {"relationship", "sighting", "marking-definition", "extension-definition"}
"""What STIX cannot sight (2.1 section 5.2)."""
UNVERSIONED = OBSERVABLE_TYPES | {"marking-definition"}
"""What has no versions, and so cannot be revoked (2.1 section 3.2)."""

UNKNOWN = Reason("unknown-object", "It is not held here, or you may not see it.")
NOT_SIGHTABLE = Reason("not-sightable", "STIX has no sightings of this kind; say that you have seen its indicator.")
UNVERSIONABLE = Reason("no-versions", "Things of this kind have no versions, so they cannot be revoked.")
NOT_OURS = Reason("not-ours", "Somebody else made it; only its author can revoke it.")
REVOKED = Reason("revoked-already", "It is revoked already.")
IN_IT = Reason("in-it", "It is in the collection already.")
NOT_IN_IT = Reason("not-in-it", "It is not in the collection.")
BREAKS = Reason("breaks-standard", "It breaks the standard, and the collection takes only what does not.")
HELD = Reason("held-already", "It is under a hold already.")


def hinders(
    act: Act,
    *,
    type_: str,
    created_by: str,
    revoked: bool,
    ours: Collection[str],
    member: bool = False,
    strict_breach: bool = False,
    held: bool = False,
) -> Reason | None:
    """Why an act does nothing to an object, None when it does.

    `ours`: the STIX identity ids of our card. `member`: it is in the collection of the act; `strict_breach`: that is
    strict and the object breaks the standard; `held`: a hold names the object.
    """
    match act.kind:
        case "seen":
            return NOT_SIGHTABLE if type_ in NEVER_SEEN else None
        case "collect":
            return IN_IT if member else BREAKS if strict_breach else None
        case "release":
            return None if member else NOT_IN_IT
        case "revoke":
            if type_ in UNVERSIONED:
                return UNVERSIONABLE
            if created_by.lower() not in {each.lower() for each in ours}:
                return NOT_OURS
            return REVOKED if revoked else None
        case "hold":
            return HELD if held else None
        case _:
            return None
