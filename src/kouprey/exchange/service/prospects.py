"""Who would see a thing of some marking: the one decision, asked before there is anything to decide about."""

from __future__ import annotations

from kouprey.agreements.model import Standing, State
from kouprey.exchange.model.writing import Foreseen, Prospect, Under
from kouprey.exchange.service.parts import Parts
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import PAP, TLP

MOST_AGREEMENTS = 20
"""Agreements in force that are looked at for one page."""


class Prospects(Parts):
    """The verb that foresees readers."""

    def list_prospects(self, who: Reader, *, pap: PAP = PAP.CLEAR, kind: str = "intelligence") -> tuple[Prospect, ...]:
        """For each level: how many of our people are cleared for it, and which parties would be given it.

        Under each agreement in force, at most 20 by title, the other parties and the clause that decides. Nothing is
        written down: what is published later is decided anew, by what the object then carries.
        """
        now = self._clock()
        people = [person.clearance for person in self._people.list_persons() if person.active]
        standings = sorted(self._agreements.standings().values(), key=lambda each: (each.title, each.agreement))
        running = [each for each in standings if each.state(now) is State.IN_FORCE][:MOST_AGREEMENTS]
        made = []
        for level in TLP:
            label = Label(owner=self._people.home_id, tlp=level, pap=pap, kind=kind, exercise=who.exercise)
            made.append(
                Prospect(
                    tlp=level,
                    own=sum(clearance >= level for clearance in people),
                    under=tuple(self._under(label, standing, who) for standing in running),
                )
            )
        return tuple(made)

    def _under(self, label: Label, standing: Standing, who: Reader) -> Under:
        others = [party for party in standing.parties if party != self._people.home_id]
        return Under(
            agreement=standing.agreement,
            title=standing.title,
            parties=tuple(
                Foreseen(
                    party=party,
                    decision=self._agreements.decide(
                        [label],
                        self._agreements.party_reader(party, exercise=who.exercise),
                        under=standing.agreement,
                    ),
                )
                for party in others
            ),
        )
