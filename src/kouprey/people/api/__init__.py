"""The REST interface of people: persons, sign-in links, tokens, delegations; for programs that may let people in."""

from __future__ import annotations

from kouprey.kernel.web.door import Door
from kouprey.kernel.words.capability import Services
from kouprey.people.api import delegations, persons, tokens
from kouprey.people.service import People


def routes(services: Services) -> list[Door]:
    """Every endpoint."""
    people = services.get(People)
    return [*persons.doors(people), *tokens.doors(people), *delegations.doors(people)]
