"""Sightings, notes and opinions: what theirs say, and the objects by which we say ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from kouprey.exchange.model.weighing import OPINIONS
from kouprey.exchange.rules.making import MARKING, stamp
from kouprey.kernel.words.time import Instant, parse_instant
from kouprey.kernel.words.tlp import TLP

_LONGEST = 20_000


def instant_of(value: Mapping[str, Any], name: str) -> Instant:
    """A time that an object states, 0 when it states none that can be read."""
    try:
        given = value.get(name)
        return parse_instant(given) if isinstance(given, str) else 0
    except ValueError:
        return 0


def comment_text(value: Mapping[str, Any]) -> str:
    """The words of a note, opinion or sighting."""
    found = (value.get(name) for name in ("abstract", "content", "explanation", "description"))
    return "\n".join(text[:_LONGEST] for text in found if isinstance(text, str) and text.strip())


def opinion_of(value: Mapping[str, Any]) -> str:
    """One of the five opinions, "" for anything else."""
    given = value.get("opinion")
    return given if given in OPINIONS else ""


def count_of(value: Mapping[str, Any]) -> int:
    """How often a sighting saw its target; one that does not say has seen it once (STIX 2.1 section 5.2)."""
    given = value.get("count")
    return given if type(given) is int and 0 <= given <= 999_999_999 else 1


def write_object(stix_id: str, kind: str, author: str, tlp: TLP, now: Instant, said: Mapping[str, object]) -> bytes:
    """The bytes of an object of ours; what is empty is left out."""
    value = {
        "type": kind,
        "spec_version": "2.1",
        "id": stix_id,
        "created_by_ref": author,
        "created": stamp(now),
        "modified": stamp(now),
        **said,
        "object_marking_refs": [MARKING[tlp]],
    }
    return msgspec.json.encode({name: each for name, each in value.items() if each != ""})
