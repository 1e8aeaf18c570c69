"""Verbs of people: know parties by their cards, let persons in, issue tokens, let them act for others."""

from __future__ import annotations

from kouprey.people.service.delegations import Delegations
from kouprey.people.service.epoch import bump_policy_epoch, policy_epoch
from kouprey.people.service.hosted import Hosted
from kouprey.people.service.members import Members
from kouprey.people.service.openid import SingleSignOn
from kouprey.people.service.parties import fetch_card
from kouprey.people.service.persons import SESSION_LIFE
from kouprey.people.service.roots import Roots


class People(Hosted, Delegations, Members, Roots, SingleSignOn):
    """Parties, persons, what they sign in with, sessions, tokens, and who may act for whom, of one node."""


__all__ = ["SESSION_LIFE", "People", "bump_policy_epoch", "fetch_card", "policy_epoch"]
