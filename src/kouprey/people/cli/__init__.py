"""Commands about parties, persons, tokens and delegations."""

from __future__ import annotations

from kouprey.people.cli.delegations import delegation
from kouprey.people.cli.parties import party
from kouprey.people.cli.persons import person
from kouprey.people.cli.tokens import token

__all__ = ["delegation", "party", "person", "token"]
