"""Who may release what: the approval rules of an agreement against the persons who have spoken."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from kouprey.kernel.words.decision import Reason
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import TLP, parse_tlp

NOT_YOURS = Reason("asked-by-you", "You asked for it yourself; somebody else releases it.")
SPOKEN = Reason("spoken-already", "You have released it already.")
NOT_ROLE = Reason("not-your-role", "No rule that it still waits for names a role of yours.")
ENDED = Reason("not-waiting", "It waits no more.")
SENT_BY_YOU = Reason("sent-by-you", "You sent it yourself; somebody else reviews it.")


class Rule(NamedTuple):
    """From level `tlp` up, for these kinds (none: for all), so many persons of a role."""

    tlp: TLP
    role: str
    persons: int
    kinds: tuple[str, ...]


def rules_for(rules: Collection[Rule], label: Label) -> dict[str, int]:
    """Role -> how many persons of it have to release a thing with this label; {} when nobody has to."""
    wanted: dict[str, int] = {}
    for rule in rules:
        if label.tlp >= rule.tlp and (not rule.kinds or label.kind in rule.kinds):
            wanted[rule.role] = max(wanted.get(rule.role, 0), rule.persons)
    return wanted


def lacking(wanted: Mapping[str, int], voices: Mapping[str, Collection[str]]) -> dict[str, int]:
    """Role -> how many more persons of it are needed; `voices`: who has spoken -> the roles they have.

    Each person counts for one role, and so that as many places as can be are filled.
    """
    places = [role for role, persons in sorted(wanted.items()) for _ in range(persons)]
    filled: dict[int, str] = {}

    def seat(person: str, tried: set[int]) -> bool:
        for place, role in enumerate(places):
            if role in voices[person] and place not in tried:
                tried.add(place)
                if place not in filled or seat(filled[place], tried):
                    filled[place] = person
                    return True
        return False

    for person in sorted(voices):
        seat(person, set())
    lacks: dict[str, int] = {}
    for place, role in enumerate(places):
        if place not in filled:
            lacks[role] = lacks.get(role, 0) + 1
    return lacks


def hinders_release(
    person: str, roles: Collection[str], asked_by: str, wanted: Mapping[str, int], voices: Mapping[str, Collection[str]]
) -> Reason | None:
    """Why the word of a person does not count, None when it does: never the one who asked, and nobody twice."""
    if person == asked_by:
        return NOT_YOURS
    if person in voices:
        return SPOKEN
    before = sum(lacking(wanted, voices).values())
    after = sum(lacking(wanted, {**voices, person: roles}).values())
    return None if after < before else NOT_ROLE


def in_emergency(ceiling: str, label: Label) -> bool:
    """Whether a thing may go by the emergency lane; `ceiling` is the highest level that may, "" for none."""
    return bool(ceiling) and label.tlp <= parse_tlp(ceiling)


def words_of(wanted: Mapping[str, int]) -> str:
    """`2 of legal, 1 of liaison`, for a sentence."""
    return ", ".join(f"{persons} of {role}" for role, persons in sorted(wanted.items()))


def waits(wanted: Mapping[str, int], agreement: str, clause: str, title: str) -> Reason:
    """The ground on which something does not go yet."""
    return Reason("awaits-release", f"It goes when it is released by {words_of(wanted)}.", agreement, clause, title)
