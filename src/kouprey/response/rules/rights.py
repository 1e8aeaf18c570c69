"""Who may do what in a hand-off: by role, since what is promised across a border binds the party."""

from __future__ import annotations

from collections.abc import Collection

from kouprey.people.model import Role
from kouprey.response.model import LEGAL_KINDS, Verb

_HEARS = frozenset({Verb.ACKNOWLEDGE, Verb.HEARD, Verb.QUERY, Verb.ANSWER})
DUTY = frozenset({Role.DUTY_OFFICER, Role.LEAD, Role.LIAISON})
LEADING = frozenset({Role.LEAD, Role.LIAISON})
LAWFUL = frozenset({Role.LEGAL})
SETTLING = LEADING | {Role.AGREEMENT_MANAGER}


def roles_for(verb: Verb, kind: str) -> frozenset[Role]:
    """The roles of which one is needed. Legal kinds are for the legal officer; hearing of them is for the duty too."""
    if kind in LEGAL_KINDS:
        return LAWFUL | (DUTY if verb is Verb.ACKNOWLEDGE else frozenset())
    if verb is Verb.SETTLE:
        return SETTLING
    return DUTY if verb in _HEARS or verb in (Verb.START, Verb.PROGRESS) else LEADING


def sees(roles: Collection[str], kind: str) -> bool:
    """Whether somebody with these roles reads hand-offs of this kind, as far as they are cleared."""
    return kind not in LEGAL_KINDS or not {*DUTY, *LAWFUL}.isdisjoint(roles)
