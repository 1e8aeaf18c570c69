"""Free text: values found in it however they are written, each with its place and what speaks against it."""

from kouprey.exchange.wire.texts.find import MOST, find_candidates
from kouprey.exchange.wire.texts.undo import decoded

__all__ = ["MOST", "decoded", "find_candidates"]
