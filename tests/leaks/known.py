"""The names of the world of the leak test, and what makes values of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from leaks.things import Thing


@dataclass(frozen=True)
class Known:
    """Names of the world that are no secret to our own people: what addresses are made of."""

    agreements: Sequence[str]
    versions: Sequence[str]
    tags: Sequence[str]
    persons: Sequence[str]
    tokens: Sequence[str]
    delegations: Sequence[str]
    collections: Sequence[str]
    searches: Mapping[str, Sequence[str]]
    rules: Sequence[str]
    handoffs: Mapping[str, Sequence[str]]
    cases: Mapping[str, Sequence[str]]
    duties: Mapping[str, Sequence[str]]
    sendings: Mapping[str, Sequence[str]]
    reports: Mapping[str, Sequence[str]]
    items: Mapping[str, Sequence[str]]
    attempts: Mapping[str, Sequence[str]]
    templates: Mapping[str, Sequence[str]]
    dossiers: Mapping[str, Sequence[str]]


Values = Callable[[Known, Thing], Sequence[str]]


def one_of(*values: str) -> Values:
    """These, whatever is asked about."""
    return lambda _, __: values
