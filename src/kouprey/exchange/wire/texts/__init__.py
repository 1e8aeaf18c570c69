"""Free text: values found in it however they are written, each with its place and what speaks against it."""

from kouprey.exchange.wire.texts.find import MOST, find_candidates

__all__ = ["MOST", "find_candidates"]
