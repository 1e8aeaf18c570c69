"""Calling: how pages of others call objects; what people call a thing is known to the pages of the exchange alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from kouprey.exchange.model import Head
from kouprey.kernel.words.decision import Reader


class ObjectName(NamedTuple):
    """An object's title and its type in words, in the language of the page."""

    title: str
    type: str


class Naming(Protocol):
    """What calls objects by their names."""

    def name_heads(self, who: Reader, heads: Sequence[Head]) -> Mapping[str, ObjectName]:
        """A name for each head that was read for `who`, by its id."""
        ...


class PlainNaming:
    """Names where there are no pages: titles as they were indexed, types as the standard writes them."""

    def name_heads(self, who: Reader, heads: Sequence[Head]) -> Mapping[str, ObjectName]:
        """A name for each head, by its id."""
        return {head.stix_id: ObjectName(head.title or head.stix_id, head.type) for head in heads}
