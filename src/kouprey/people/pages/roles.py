"""The page that explains roles: who may do what, from the one table of rights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.responses import Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import mark
from kouprey.kernel.web.request import Request
from kouprey.people.model import PERMISSIONS, Permission, Role, roles_with
from kouprey.people.pages.forms import ROLES, VERBS
from kouprey.people.service import People

PATH = "/people/roles"

DEEDS: Mapping[Permission, str] = {
    Permission.READ: mark("Read intelligence, agreements, partners and the ledger, as far as one is cleared"),
    Permission.WRITE: mark("Import, write and correct intelligence; keep hunts, shields and strategies"),
    Permission.PUBLISH: mark("Give intelligence to partners under an agreement, and keep collections"),
    Permission.RELEASE: mark("Release or decline what an agreement lets go only with somebody's word"),
    Permission.AGREE: mark("Draft, sign, suspend and resume agreements"),
    Permission.LINK: mark("Trust cards, keep links and sources, make and read parcels"),
    Permission.PROVE: mark("Export the ledger as evidence"),
    Permission.AUDIT: mark("See who did what, and what clients asked"),
    Permission.ERASE: mark("Erase an object for good, if cleared for everything"),
    Permission.PEOPLE: mark("Let people and programs in, shut them out, and change settings"),
    Permission.OPERATE: mark("Read how the node fares"),
}
"""Permission -> what it lets somebody do, in words for people."""

GROUPS: Sequence[tuple[str, Sequence[Role]]] = (
    (
        mark("People who work with intelligence"),
        (Role.ANALYST, Role.DUTY_OFFICER, Role.LEAD, Role.LIAISON),
    ),
    (
        mark("People who read and decide"),
        (Role.POLICY, Role.DIPLOMAT, Role.COMMUNICATIONS, Role.TRAINER),
    ),
    (
        mark("People who keep order"),
        (Role.LEGAL, Role.AGREEMENT_MANAGER, Role.AUDITOR, Role.ADMINISTRATOR),
    ),
    (mark("Programs"), (Role.FEED, Role.CONTRIBUTOR, Role.OPERATOR)),
)
"""All roles, as one looks for them."""


def doors(_: People) -> list[Door]:
    """For everybody who signs in: what one may do is no secret."""

    def show(request: Request) -> Response:
        return request.render(
            "people/roles.html",
            groups=[(title, roles, *_told(roles)) for title, roles in GROUPS],
            role_texts=ROLES,
            verbs=VERBS,
            deeds=DEEDS,
            has=PERMISSIONS,
            own=set(request.who.roles),
            may_people=bool(set(roles_with(Permission.PEOPLE)) & set(request.who.roles)),
        )

    return [page(PATH, show, roles=roles_with(Permission.READ))]


def _told(roles: Sequence[Role]) -> tuple[list[Permission], list[Permission]]:
    """What some of these roles may, and what none of them may."""
    some = [each for each in Permission if any(each in PERMISSIONS[role] for role in roles)]
    return some, [each for each in Permission if each not in some]
