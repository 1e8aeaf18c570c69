"""Who may see what, worked out slowly from the description of the world alone: nothing of the product is asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kouprey.kernel.words.tlp import TLP
from leaks.things import HOME, NEIGHBOUR, NOW, OPERATOR, THINGS, Thing

CEILINGS = {OPERATOR: TLP.AMBER, NEIGHBOUR: TLP.GREEN}
"""The partners with whom there is an agreement, and up to which level it reaches; passing on is not allowed by it."""


@dataclass(frozen=True)
class Sight:
    """What decides what somebody sees: `party` "" is nobody, `scope` the one collection a token is bound to.

    `takes` is True for a peer's node: nothing reaches it but what was published. `hosted`: a constituent of the home
    node, which is never its own people and has no agreement.
    """

    party: str = ""
    clearance: TLP = TLP.CLEAR
    exercise: str = ""
    scope: str = ""
    takes: bool = False
    hosted: bool = False


def judge(sight: Sight, thing: Thing) -> tuple[bool, str]:
    """Whether somebody may see a thing, and the first reason why or why not."""
    home, owners = sight.party == HOME, sight.party == thing.owner
    told: dict[str, bool] = {
        "nobody is signed in": not sight.party,
        "one of them is an exercise": thing.label.get("exercise", "") != sight.exercise,
        "it is sealed to others": not (sight.party in thing.label.get("sealed_to", (sight.party,)) or owners),
        "it is above their clearance": thing.tlp > sight.clearance,
        "its embargo is not over": thing.label.get("not_before", 0) > NOW and not (home and owners),
        "the token is bound to a collection without it": bool(sight.scope),
        "it was not published": sight.takes and "publish" not in thing.extra,
    }
    if sight.hosted:
        told |= {
            "it concerns others": sight.party not in thing.label.get("concerned", (sight.party,)),
            "it is too strict for clients": thing.tlp >= TLP.AMBER_STRICT,
            "its owner forbids to pass it on": bool(thing.under) and thing.tlp > TLP.CLEAR,
        }
    elif not home:
        told |= {
            "there is no agreement with them": sight.party not in CEILINGS,
            "the agreement does not reach so far": thing.tlp > CEILINGS.get(sight.party, TLP.CLEAR),
            "its owner forbids to pass it on": bool(thing.under) and not owners,
        }
    against = [why for why, holds in told.items() if holds]
    return not against, against[0] if against else "nothing stands against it"


def seen_by(sight: Sight, things: Iterable[Thing] = THINGS) -> list[Thing]:
    """What somebody may see."""
    return [thing for thing in things if judge(sight, thing)[0]]


def hidden_from(sight: Sight, things: Iterable[Thing] = THINGS) -> dict[str, str]:
    """Canaries that somebody may not see -> what they are and why not."""
    found: dict[str, str] = {}
    for thing in things:
        may, why = judge(sight, thing)
        if not may:
            found |= {canary: f"{what}: {why}" for canary, what in thing.canaries.items()}
    return found
