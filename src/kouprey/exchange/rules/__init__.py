"""Decisions of the exchange: what a body is to those kept, who may version it, what STIX says about it."""

from kouprey.exchange.rules.editions import EDITIONS
from kouprey.exchange.rules.observable_ids import observable_id
from kouprey.exchange.rules.remedies import remedy
from kouprey.exchange.rules.validation import validate
from kouprey.exchange.rules.versions import classify, may_version, released

__all__ = ["EDITIONS", "classify", "may_version", "observable_id", "released", "remedy", "validate"]
