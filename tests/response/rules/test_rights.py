"""Who may do what: the whole table, role by role."""

from __future__ import annotations

from kouprey.agreements.model import HANDOFF_KINDS
from kouprey.people.model import Role
from kouprey.response.model import LEGAL_KINDS, Verb
from kouprey.response.rules.rights import roles_for, sees


def test_every_verb_of_every_kind_is_somebodys_and_never_an_administrators() -> None:
    for kind in HANDOFF_KINDS:
        for verb in Verb:
            roles = roles_for(verb, kind)
            assert roles, (verb, kind)
            assert roles.isdisjoint({Role.ADMINISTRATOR, Role.AUDITOR, Role.OPERATOR, Role.FEED, Role.ANALYST})


def test_the_duty_hears_and_leads_decide() -> None:
    assert Role.DUTY_OFFICER in roles_for(Verb.ACKNOWLEDGE, "act") & roles_for(Verb.QUERY, "act")
    for verb in (Verb.REQUEST, Verb.ACCEPT, Verb.DECLINE, Verb.REPORT, Verb.CONFIRM, Verb.REROUTE, Verb.WITHDRAW):
        assert Role.DUTY_OFFICER not in roles_for(verb, "act") and Role.LEAD in roles_for(verb, "act")
    assert Role.AGREEMENT_MANAGER in roles_for(Verb.SETTLE, "act")


def test_evidence_is_for_the_legal_officer() -> None:
    for kind in LEGAL_KINDS:
        for verb in set(Verb) - {Verb.ACKNOWLEDGE}:
            assert roles_for(verb, kind) == {Role.LEGAL}
        assert Role.DUTY_OFFICER in roles_for(Verb.ACKNOWLEDGE, kind)
        assert [role for role in Role if sees([role], kind)] == [
            Role.DUTY_OFFICER,
            Role.LEAD,
            Role.LIAISON,
            Role.LEGAL,
        ]
    assert all(sees([role], "act") for role in Role)
