"""STIX as it stands outside: reading one object, reading streams of them, and cutting references for publishing."""

from kouprey.exchange.wire.findings import findings_of
from kouprey.exchange.wire.objects import defined_tlp, read_object
from kouprey.exchange.wire.references import prune, references
from kouprey.exchange.wire.stream import MAX_OBJECT, Passage, cut, read_stream

__all__ = [
    "MAX_OBJECT",
    "Passage",
    "cut",
    "defined_tlp",
    "findings_of",
    "prune",
    "read_object",
    "read_stream",
    "references",
]
