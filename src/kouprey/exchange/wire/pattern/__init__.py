"""STIX patterns: parsed into a tree, judged, written again, and asked for the values they name."""

from kouprey.exchange.wire.pattern.check import PatternFinding, check_pattern
from kouprey.exchange.wire.pattern.parse import MAX_DEPTH, MAX_LENGTH, MAX_TERMS, Edition, parse_pattern
from kouprey.exchange.wire.pattern.tree import Comparison, Path, Pattern, comparisons, values_of

__all__ = [
    "MAX_DEPTH",
    "MAX_LENGTH",
    "MAX_TERMS",
    "Comparison",
    "Edition",
    "Path",
    "Pattern",
    "PatternFinding",
    "check_pattern",
    "comparisons",
    "parse_pattern",
    "values_of",
]
