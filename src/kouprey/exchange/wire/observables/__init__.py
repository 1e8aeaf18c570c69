"""Observables: values in one canonical form, recognised in free text and found in objects."""

from kouprey.exchange.wire.observables.canonical import KINDS, canonical
from kouprey.exchange.wire.observables.extract import observables_at, observables_in
from kouprey.exchange.wire.observables.order import Span, order_key, spans_within, wider
from kouprey.exchange.wire.observables.recognise import is_file_ending, recognise
from kouprey.exchange.wire.observables.refang import refang

__all__ = [
    "KINDS",
    "Span",
    "canonical",
    "is_file_ending",
    "observables_at",
    "observables_in",
    "order_key",
    "recognise",
    "refang",
    "spans_within",
    "wider",
]
