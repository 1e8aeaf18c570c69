"""Who may see an object and why, and who has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kouprey.exchange.model import ObjectView
from kouprey.exchange.pages.given import Given
from kouprey.exchange.pages.reading import plainly
from kouprey.exchange.service import Exchange
from kouprey.kernel.words.decision import Decision, Reader
from kouprey.kernel.words.time import Instant
from kouprey.people.service import People


@dataclass(frozen=True)
class Seer:
    """Whether a party may see the newest version, why, and whether it has been given it and has confirmed it."""

    party: str
    name: str
    decision: Decision
    sent: bool
    confirmed: Instant


def seers_of(exchange: Exchange, people: People, who: Reader, found: ObjectView, given: Sequence[Given]) -> list[Seer]:
    """Every party we know: may it see what `who` was shown, and has it? Those who may come first."""
    parties = {each.id: plainly(each.name) for each in people.list_parties() if not each.home}
    verdicts = exchange.verdicts(who, found, parties)
    held: dict[str, Instant] = {}
    for each in given:
        for party, at in each.parties:
            held[party] = max(held.get(party, 0), at)
    made = [Seer(party, name, verdicts[party], party in held, held.get(party, 0)) for party, name in parties.items()]
    return sorted(made, key=lambda each: (not each.decision.allowed, each.name, each.party))
