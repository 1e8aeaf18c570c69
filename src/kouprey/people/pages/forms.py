"""What the pages of people share: the names of roles, what was written into a form, and the bounds of a clearance."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kouprey.kernel.web.language import mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.errors import Damaged, Forbidden
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.people.model import Permission, Person, Role
from kouprey.people.service import People

ROLES: dict[Role, tuple[str, str]] = {
    Role.ANALYST: (mark("Analyst"), mark("Reads and writes intelligence.")),
    Role.DUTY_OFFICER: (mark("Duty officer"), mark("Writes and publishes, for the hours when no lead is there.")),
    Role.LEAD: (mark("Lead"), mark("As an analyst, and publishes to partners.")),
    Role.LIAISON: (mark("Liaison"), mark("As a lead, and signs agreements and keeps the links.")),
    Role.LEGAL: (mark("Legal"), mark("Reads, releases and erases, sees who did what, and exports evidence.")),
    Role.POLICY: (mark("Policy"), mark("Reads and releases, to advise those who decide.")),
    Role.DIPLOMAT: (mark("Diplomat"), mark("Reads and releases, to speak with partners.")),
    Role.COMMUNICATIONS: (mark("Communications"), mark("Reads, to prepare what is said in public.")),
    Role.TRAINER: (mark("Trainer"), mark("Reads, to teach from what happened.")),
    Role.AGREEMENT_MANAGER: (mark("Agreement manager"), mark("Reads, signs agreements, and exports evidence.")),
    Role.AUDITOR: (mark("Auditor"), mark("Reads, sees who did what, and exports evidence.")),
    Role.ADMINISTRATOR: (mark("Administrator"), mark("May do everything here, and lets people in.")),
    Role.FEED: (mark("Feed"), mark("Reads only; meant for programs.")),
    Role.CONTRIBUTOR: (mark("Contributor"), mark("Reads and gives; meant for programs.")),
    Role.OPERATOR: (mark("Operator"), mark("Sees how the node fares, and no intelligence; meant for monitoring.")),
}
"""Role -> its name, and what it is for."""

VERBS: dict[Permission, str] = {
    Permission.READ: mark("Read"),
    Permission.WRITE: mark("Write"),
    Permission.PUBLISH: mark("Publish"),
    Permission.RELEASE: mark("Release"),
    Permission.AGREE: mark("Agreements"),
    Permission.LINK: mark("Links and parcels"),
    Permission.PROVE: mark("Evidence"),
    Permission.AUDIT: mark("Audit"),
    Permission.ERASE: mark("Erase"),
    Permission.PEOPLE: mark("People"),
    Permission.OPERATE: mark("How the node fares"),
}
"""Permission -> a word for it, as a token's verbs are chosen."""


@dataclass
class Form:
    """What somebody wrote into a form, with what was wrong in each field."""

    values: dict[str, str] = field(default_factory=dict)
    chosen: tuple[str, ...] = ()
    errors: dict[str, str] = field(default_factory=dict)


def granter(people: People, request: Request) -> Person:
    """Who is doing it; forms are sent by persons only."""
    return people.get_person(request.reader.name)


def choices(request: Request) -> dict[str, Any]:
    """What forms offer: the roles, and the levels up to the reader's own."""
    return {"role_texts": ROLES, "levels": [level for level in TLP if level <= request.reader.clearance]}


def read_clearance(request: Request) -> TLP:
    """The level chosen in a form, at most the reader's own."""
    try:
        level = parse_tlp(request.field("clearance"))
    except ValueError as error:
        raise Damaged("The clearance cannot be read.", str(error), "Choose one of the list.", code="bad-tlp") from error
    check_not_above(request, level)
    return level


def check_not_above(request: Request, level: TLP) -> None:
    """Nobody hands out, or signs in with, a higher clearance than their own."""
    if level > request.reader.clearance:
        raise Forbidden(
            mark("That is above your own clearance."),
            f"It is {level.text}; you are cleared up to {request.reader.clearance.text}.",
            mark("Ask somebody with that clearance, or the operator of the machine."),
            code="above-clearance",
        )
