"""Preservation: what is asked to be kept so that a court can ask for it later, and the one date that is answered."""

from __future__ import annotations

import msgspec


class Preserve(msgspec.Struct, frozen=True, kw_only=True):
    """What a request to preserve says (Convention on Cybercrime, article 29, paragraph 2).

    `authority` seeks it (a), `offence` with the facts in short (b), `data` and their link to the offence (c),
    `custodian` or place as far as known (d), `necessity` (e); `assistance`: a request for mutual assistance will
    follow (f).
    """

    authority: str
    offence: str
    data: str
    custodian: str = ""
    necessity: str
    assistance: bool


class Hop(msgspec.Struct, frozen=True, kw_only=True):
    """Where the trail leads on: a provider, and the state it is in (ISO 3166-1 alpha-2); nothing of what it carried."""

    provider: str
    state: str


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """For how many days something is preserved where nobody says otherwise, and which text says so."""

    days: int
    least_days: int
    cites: str
    url: str
    review_by: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """All that is answered to a request to preserve: until when, and where the trail leads on."""

    until: int = 0
    route: tuple[Hop, ...] = ()
