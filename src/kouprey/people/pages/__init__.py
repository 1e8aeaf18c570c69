"""Pages of people: sign in and out; what one signs in with; persons, their links, tokens and delegations."""

from __future__ import annotations

from kouprey.kernel.web.door import Door
from kouprey.kernel.words.capability import Services
from kouprey.people.pages import codes, delegations, links, openid, own, passkeys, persons, roles, signing, tokens
from kouprey.people.service import People


def routes(services: Services) -> list[Door]:
    """The doors of people for persons."""
    people = services.get(People)
    # Before persons: one of them could not be told from the words "roles", "tokens" and "delegations".
    parts = (
        passkeys.doors,
        openid.doors,
        signing.doors,
        own.doors,
        codes.doors,
        roles.doors,
        tokens.doors,
        delegations.doors,
        links.doors,
        persons.doors,
    )
    return [door for doors in parts for door in doors(people)]
