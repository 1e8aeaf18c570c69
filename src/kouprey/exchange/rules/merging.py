"""Which objects can be taken for the same, and when two of them may be."""

from __future__ import annotations

from collections.abc import Collection

from kouprey.exchange.model import OBSERVABLE_TYPES
from kouprey.kernel.words.errors import Refused

NEVER_MERGED = OBSERVABLE_TYPES | {
    "extension-definition",
    "language-content",
    "marking-definition",
    "note",
    "opinion",
    "relationship",
    "sighting",
}
"""Values are the same by their canonical form; the rest are statements, each of which somebody made."""

NAMED = frozenset(
    {
        "attack-pattern",
        "campaign",
        "identity",
        "infrastructure",
        "intrusion-set",
        "location",
        "malware",
        "threat-actor",
        "tool",
        "vulnerability",
    }
)
"""Types whose name is meant to say which one it is; what an indicator is called says little."""


def check_merge(stix_id: str, type_: str, into: str, into_type: str, group: Collection[str]) -> None:
    """Raises Refused when these two cannot be merged; `group` is what the first is merged with already."""
    if type_ != into_type:
        raise Refused(
            f"A {type_} cannot be merged with a {into_type}.",
            "Only objects of one type can mean the same thing.",
            "Relate the two with a relationship instead.",
            code="other-type",
        )
    if type_ in NEVER_MERGED:
        raise Refused(
            f"Objects of type {type_} cannot be merged.",
            "Values are compared by their canonical form, and statements stay whose they are.",
            "Merge what they are about.",
            code="not-mergeable",
        )
    if stix_id == into or into in group:
        raise Refused(
            "These two are one already.",
            "A merge of them would lead back to itself.",
            "Take the earlier merge apart first: `kouprey unmerge`.",
            code="merged-already",
        )
