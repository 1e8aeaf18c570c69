"""What a node proposes stays proposed until a named person confirms it, and is public only once it is published."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.kernel.seal.notes import open_note
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.proof import Proof
from kouprey.kernel.words.tlp import TLP
from kouprey.people.service import People
from kouprey.readiness.model import Objective, State


def stand(office: Any, framework: str = "ncsi-3") -> Any:
    found = office.readiness.stands(office.reader("policy"))
    return next(each for each in found if each.framework.id == framework)


def test_proposed_confirmed_published_and_withdrawn(office: Any) -> None:
    known, policy = office.readiness, office.reader("policy")
    assert known.proposals(policy) == [] and stand(office).ours.value == 0
    office.done = {"exercises.completed": Proof(count=1, first=5, last=5)}
    (proposal,) = known.proposals(policy)
    assert (proposal.framework, proposal.indicator, proposal.proof.count) == ("ncsi-3", "10.2", 1)
    assert stand(office).ours.value == 0 and stand(office).proposed == 1, "a proposal counts for nothing"
    with pytest.raises(Forbidden):
        known.confirm(office.reader("analyst"), "ncsi-3", "10.2")
    with pytest.raises(Refused):
        known.publish(policy, "ncsi-3", "10.2")
    made = known.confirm(policy, "ncsi-3", "10.2", note="In May")
    assert (made.state, made.by, made.counted) == (State.CONFIRMED, "Dara", 1) and known.proposals(policy) == []
    assert stand(office).ours.value == 3 and stand(office).public.value == 0
    office.now += 1
    statement = known.publish(policy, "ncsi-3", "10.2")
    assert stand(office).public.value == 3 and known.list_statements() == [statement]
    shown, note = known.get_statement(statement.id)
    assert shown == statement and "fewer than 5" in note and "In May" in note
    people: People = known._people
    key = (
        people.home().card.verify_key()
        if hasattr(people.home().card, "verify_key")
        else known._ring.speaker.verify_key("cert.example/node")
    )
    assert open_note(note.encode(), [key]).signers
    with pytest.raises(Refused):
        known.publish(policy, "ncsi-3", "10.2")
    office.now += 1
    known.withdraw(policy, statement.id)
    assert known.get_statement(statement.id)[0].withdrawn_at == office.now
    assert (stand(office).ours.value, stand(office).public.value) == (3, 0)
    with pytest.raises(Refused):
        known.withdraw(policy, statement.id)
    assert [round(value) for _, value in known.course("ncsi-3")] == [3, 3, 3]


def test_what_is_not_proven_any_more_is_not_confirmed(office: Any) -> None:
    office.done = {"exercises.completed": Proof(count=0)}
    with pytest.raises(Refused) as told:
        office.readiness.confirm(office.reader("lead"), "ncsi-3", "10.2")
    assert told.value.code == "not-proven"
    with pytest.raises(Unknown):
        office.readiness.confirm(office.reader("lead"), "ncsi-3", "99")
    with pytest.raises(Unknown):
        office.readiness.get_framework("none")


def test_small_counts_are_for_who_sees_everything(office: Any) -> None:
    office.done = {"exercises.completed": Proof(count=4, first=5, last=6), "cases.closed": Proof(count=12)}
    shown = {
        each.query: each.proof for each in office.readiness.proposals(office.reader("policy", clearance=TLP.AMBER))
    }
    assert shown["exercises.completed"] == Proof(count=0) and shown["cases.closed"].count == 12
    whole = {each.query: each.proof.count for each in office.readiness.proposals(office.reader("policy"))}
    assert whole["exercises.completed"] == 4


def test_a_claim_names_its_evidence_and_is_taken_back(office: Any) -> None:
    known, lead = office.readiness, office.reader("lead")
    for value, evidence, code in ((2, "x", "bad-value"), (3, " ", "no-evidence"), (3, "x" * 2_001, "too-long")):
        with pytest.raises(Damaged) as told:
            known.claim(lead, "ncsi-3", "1.4", value, evidence=evidence)
        assert told.value.code == code
    known.claim(lead, "ncsi-3", "1.4", 3, evidence="https://gov.example/strategy")
    assert stand(office).ours.value == 3
    known.claim(lead, "ncsi-3", "1.4", 0, evidence="")
    assert stand(office).ours.value == 0 and len(known.course("ncsi-3")) == 2
    office.done = {"exercises.completed": Proof(count=1)}
    known.confirm(lead, "ncsi-3", "10.2")
    statement = known.publish(lead, "ncsi-3", "10.2")
    known.claim(lead, "ncsi-3", "10.2", 0, evidence="")
    assert known.get_statement(statement.id)[0].withdrawn_at, "what is not so any more is not shown as evidence"


def test_a_country_begins_where_its_index_says(office: Any) -> None:
    known, lead = office.readiness, office.reader("lead")
    assert stand(office, "gci-2024").owner is None and known.countries()["KHM"] == "Cambodia"
    with pytest.raises(Damaged):
        known.choose_country(lead, "XXX")
    with pytest.raises(Forbidden):
        known.choose_country(office.reader("analyst"), "KHM")
    known.choose_country(lead, "KHM")
    owner = stand(office, "gci-2024").owner
    assert owner is not None and round(owner.value, 2) == 37.09 and round(owner.gap, 2) == 17.91
    found = known.plan("gci-2024")
    assert found.possible and found.target == 55 and found.reached >= 55
    reach, of = found.range
    assert of == 3 and 1 <= reach <= 3 and found.also
    less = known.plan("gci-2024", without=(found.steps[0].id,), objective=Objective.EFFORT)
    assert found.steps[0].id not in [each.id for each in less.steps] and less.cost >= found.cost
    with pytest.raises(Refused):
        known.plan("gci-2024", target=30)
    tier = known.threshold("gci-2024", 86)
    assert tier is not None and tier.id == "T2" and known.threshold("ncsi-3", 0) is None
    known.choose_country(lead, "")
    assert known.country() == ""
