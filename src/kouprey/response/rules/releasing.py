"""What two persons release: neither a lead nor a legal officer gives files away alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from kouprey.agreements.model import ApprovalRule
from kouprey.people.model import Role
from kouprey.response.model import Side, Verb
from kouprey.response.rules.rights import roles_for

EYED = ("act", "transfer")
"""Kinds for which the settings may ask that two persons accept; a disclosure always needs two."""


class Two(NamedTuple):
    """Whose words are needed: one of each role with `apart`, else two of any of them; always of two persons."""

    roles: tuple[str, ...]
    apart: bool = False

    def part_of(self, roles: Collection[str], given: Collection[str]) -> str:
        """The role in which somebody gives a word that is still needed, "" for none; `given` are the roles so far."""
        open_ = [each for each in self.roles if not (self.apart and each in given)]
        return next((each for each in open_ if each in roles), "")


def two_words(
    kind: str, side: Side, verb: Verb, sealed: bool, four_eyes: Collection[str], rules: Sequence[ApprovalRule]
) -> Two | None:
    """The two whose words are needed, None where one person is enough.

    Files are given by a lead and a legal officer. Of a kind in `four_eyes` it takes two to accept, each in a role that
    accepts it. Where clause 13 (`rules`) wants two of a role, it takes two of them for whatever is said.
    """
    if sealed:
        return Two((str(Role.LEAD), str(Role.LEGAL)), apart=True)
    ruled = next((rule.role for rule in rules if rule.persons == 2), "")
    if ruled:
        return Two((ruled,))
    if side is Side.ASKED and verb is Verb.ACCEPT and kind in EYED and kind in four_eyes:
        return Two(tuple(sorted(map(str, roles_for(verb, kind)))))
    return None
