"""Who would see a thing of some marking: the one decision, asked before there is anything to decide about."""

from __future__ import annotations

import msgspec

from kouprey.agreements.model import Standing, State
from kouprey.exchange.model.writing import Foreseen, HostedReader, OwnReader, Prospect, Under
from kouprey.exchange.service.parts import Parts
from kouprey.kernel.words.decision import Decision, Reader
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import PAP, TLP

MOST_AGREEMENTS = 20
"""Agreements in force that are looked at for one page."""


class Prospects(Parts):
    """The verb that foresees readers."""

    def list_prospects(self, who: Reader, *, pap: PAP = PAP.CLEAR, kind: str = "intelligence") -> tuple[Prospect, ...]:
        """For each level: who of our people is cleared for it, which of those we host, and which parties are given it.

        Under each agreement in force, at most 20 by title, and each audience of it, the other parties and the clause
        that decides. Nothing is written down: what is published later is decided anew, by what the object then carries.
        """
        now = self._clock()
        people = [person for person in self._people.list_persons() if person.active]
        hosted = [each for tell in self.hosted for each in tell()]
        standings = sorted(self._agreements.standings().values(), key=lambda each: (each.title, each.agreement))
        running = [each for each in standings if each.state(now) is State.IN_FORCE][:MOST_AGREEMENTS]
        made = []
        for level in TLP:
            label = Label(owner=self._people.home_id, tlp=level, pap=pap, kind=kind, exercise=who.exercise)
            made.append(
                Prospect(
                    tlp=level,
                    own=sum(person.clearance >= level for person in people),
                    under=tuple(
                        self._under(label, standing, who, audience)
                        for standing in running
                        for audience in ("", *(group.name for group in standing.groups))
                        if set(standing.audience(audience)) - {self._people.home_id}
                    ),
                    persons=tuple(
                        OwnReader(name=each.name, roles=tuple(map(str, each.roles)))
                        for each in people
                        if each.clearance >= level
                    ),
                    hosted=tuple(
                        HostedReader(name=name, decision=self._agreements.decide([label], eyes))
                        for name, eyes in hosted
                    ),
                )
            )
        return tuple(made)

    def _under(self, label: Label, standing: Standing, who: Reader, audience: str) -> Under:
        others = [party for party in standing.audience(audience) if party != self._people.home_id]
        return Under(
            agreement=standing.agreement,
            title=standing.title,
            audience=audience,
            parties=tuple(
                Foreseen(party=party, decision=self._foreseen(label, party, standing, who)) for party in others
            ),
        )

    def _foreseen(self, label: Label, party: str, standing: Standing, who: Reader) -> Decision:
        """What the agreement says; what it lets go once it is released goes, and the ground tells of the release."""
        reader = self._agreements.party_reader(party, exercise=who.exercise)
        made = self._agreements.decide([label], reader, under=standing.agreement)
        if made.allowed:
            return made
        later = self._agreements.decide([label], reader, under=standing.agreement, released=True)
        return msgspec.structs.replace(later, because=made.because) if later.allowed else made
