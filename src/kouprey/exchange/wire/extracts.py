"""Everything that is written down beside a body, made of the body alone and in one place."""

from __future__ import annotations

from typing import Any

from kouprey.exchange.model import Arrival, Extract, Parsed
from kouprey.exchange.wire.comments import instant_of
from kouprey.exchange.wire.findings import findings_of
from kouprey.exchange.wire.observables import observables_in
from kouprey.exchange.wire.placements import placements_of
from kouprey.exchange.wire.terms import links_of, parted, text_of
from kouprey.kernel.words.safejson import decode


def extract_of(arrival: Arrival) -> Extract:
    """The extract of an arrival, made now unless it was made ahead."""
    if arrival.extract is not None:
        return arrival.extract
    return extract(arrival.value if isinstance(arrival, Parsed) else decode(arrival.raw), arrival.type)


def extract(value: dict[str, Any], type: str) -> Extract:
    """What a parsed object of this type gives."""
    return Extract(
        findings=findings_of(value, type),
        observables=observables_in(value),
        text=parted(text_of(value)),
        links=tuple(dict.fromkeys(links_of(value))),
        ends=instant_of(value, "valid_until"),
        placements=placements_of(value),
    )
