"""Where what a line is about has a page of its own."""

from __future__ import annotations

import re

from kouprey.audit.model import Line
from kouprey.federation.service import Federation
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.ids import stix_type
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


class Places:
    """The pages that somebody may open, by what lines are about."""

    def __init__(self, services: Services, request: Request) -> None:
        self._parties = {party.id for party in services.get(People).list_parties() if not party.home}
        self._lanes = {lane.origin: lane.tag for lane in services.get(Federation).ledger.list_lanes()}
        self._may = {each for each in Permission if set(roles_with(each)) & set(request.who.roles)}

    def of(self, line: Line) -> str:
        """The address of the page of what a line is about, "" where there is none, or not for this person."""
        return self._of(line.action.partition(".")[0], line.subject)

    def _of(self, kind: str, subject: str) -> str:
        if Permission.PEOPLE in self._may:
            if subject.startswith("psn_"):
                return f"/people/{subject}"
            if subject.startswith("tok_"):
                return f"/people/tokens/{subject}"
            if kind == "delegation":
                return "/people/delegations"
            if kind == "node" and subject.replace("_", "").isalpha():
                return f"/settings#setting-{subject}"
        if Permission.READ not in self._may or not subject:
            return ""
        if subject.startswith("agr_"):
            return f"/agreements/{subject}"
        if subject in self._parties:
            return f"/partners/{subject}"
        if subject in self._lanes:
            return f"/ledger/{self._lanes[subject]}"
        if stix_type(subject) is not None:
            return f"/intelligence/{subject}"
        of_collection = kind == "collection" or (kind == "exchange" and _UUID.fullmatch(subject) is not None)
        return f"/collections/{subject}" if of_collection else ""
