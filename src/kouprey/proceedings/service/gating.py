"""Whether an agreement lets a sealed item go to a partner: the one decision, asked before anything is queued."""

from __future__ import annotations

from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Refused
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.proceedings.service.holding import Holding

KIND = "sealed-item"
"""What agreements call it in their `types`."""


class Gating(Holding):
    """The gate of what crosses a border."""

    def _label(self, agreement: str, party: str, tlp: TLP, who: decision.Reader) -> Label:
        """Between two parties alone; Refused with the clause where the agreement lets no such thing go."""
        standing = self._agreements.get_standing(agreement)
        home = self._people.home_id
        if party == home or party not in standing.parties:
            raise Refused("That party is none of this agreement.", remedy="Choose one of its parties.", code="no-party")
        both = (*sorted((home, party)),) if len(standing.parties) > 2 else ()
        label = Label(owner=home, tlp=tlp, kind=KIND, sealed_to=both)
        asks = [
            rule
            for rule in standing.terms.approvals
            if tlp >= parse_tlp(rule.tlp) and (not rule.kinds or KIND in rule.kinds)
        ]
        released = all(rule.persons == 1 and rule.role in who.roles for rule in asks)
        made = self._agreements.decide(
            [label],
            self._agreements.party_reader(party, exercise=""),
            under=agreement,
            once_resumed=True,
            released=released,
        )
        if not made.allowed:
            first = made.because[0]
            raise Refused(
                f"“{standing.title}” does not allow this (clause {first.clause}).",
                first.text,
                first.change[0] if first.change else "Give it under another agreement, or amend this one.",
                code=first.code,
            )
        return label

    def partners(self) -> list[tuple[str, str]]:
        """Agreements under which sealed items may go, with each other party of them."""
        home = self._people.home_id
        return [
            (standing.agreement, party)
            for standing in self._agreements.standings().values()
            if standing.signed and KIND in standing.terms.types and home in standing.parties
            for party in standing.parties
            if party != home and party not in standing.left
        ]
