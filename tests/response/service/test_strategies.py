"""Strategies are kept in our name, travel under the terms that speak of them, and are read alike at the other end."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from kouprey.exchange.service import Exchange
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.tlp import TLP
from kouprey.response.model.playbooks import Run
from kouprey.response.service import Strategies
from response.conftest import Office
from response.playbooks import DEFACED, chained, id_of, raw


def reader(office: Office, clearance: TLP = TLP.RED) -> Reader:
    return Reader(party=office.party, clearance=clearance, local=True, name="psn_x")


def keep(office: Office, made: Any = DEFACED, tlp: TLP = TLP.GREEN) -> str:
    return strategies(office).keep(reader(office), raw(made), tlp=tlp, by="test")


def strategies(office: Office) -> Strategies:
    return office.node.services.get(Strategies)


def refusal(call: Any) -> str:
    with pytest.raises(KoupreyError) as caught:
        call()
    assert caught.value.remedy or caught.value.why
    return str(caught.value.code)


def test_a_playbook_goes_to_a_partner_and_is_the_same_there(offices: Any) -> None:
    a, b, agreement = offices
    stix_id = keep(a)
    report = a.node.services.get(Exchange).publish(agreement, [stix_id], by="test")
    assert report.queued, report
    a.parcel(b)
    found = strategies(b).get(reader(b), stix_id)
    assert found.raw == raw(DEFACED), "its bytes stay what they were"
    assert found.playbook is not None and found.playbook.name == "Answer a defaced page"
    assert [task.run for task in found.tasks].count(Run.PERSON) == 5
    heads, more = strategies(b).list(reader(b))
    assert [head.stix_id for head in heads] == [stix_id] and not more


def test_an_agreement_that_does_not_speak_of_strategies_lets_none_go(offices: Any) -> None:
    a, b, _ = offices
    terms = msgspec.structs.replace(a.agreements.standings()[offices[2]].terms, types=("intelligence",), handoffs=())
    draft = a.agreements.draft("Without", [a.party, b.party], terms, starts=a.now() - 10**7, by="test")
    signed = a.agreements.sign(draft.agreement, by="test")
    b.agreements.receive_note(signed.note, signed.document_bytes, by="test")
    a.agreements.receive_note(
        (both := b.agreements.sign(draft.agreement, by="test")).note, both.document_bytes, by="test"
    )
    report = a.node.services.get(Exchange).publish(draft.agreement, [keep(a)], by="test")
    assert not report.queued


def test_who_may_not_see_it_does_not_learn_of_it(offices: Any) -> None:
    a, _, _ = offices
    stix_id, low = keep(a, tlp=TLP.AMBER), reader(a, TLP.GREEN)
    assert strategies(a).list(low) == ((), False)
    assert refusal(lambda: strategies(a).get(low, stix_id)) == refusal(
        lambda: strategies(a).get(low, stix_id[:-1] + ("0" if stix_id[-1] != "0" else "1"))
    )


def test_a_later_version_is_the_next_and_the_same_again_is_refused(offices: Any) -> None:
    a, _, _ = offices
    stix_id = keep(a)
    assert refusal(lambda: keep(a)) == "held-already"
    later = DEFACED | {"modified": "2026-11-22T08:00:00Z", "name": "Answer a defaced site"}
    assert keep(a, later) == stix_id
    found = strategies(a).get(reader(a), stix_id)
    assert len(found.view.versions) == 2 and found.view.title == "Answer a defaced site"


def test_what_is_written_by_hand_is_a_playbook_of_manual_steps(offices: Any) -> None:
    a, _, _ = offices
    given = {"name": "Passwords leaked", "description": "When a dump is for sale.", "tlp": TLP.GREEN, "by": "test"}
    stix_id = strategies(a).write(reader(a), steps=["Lock the accounts", " ", "Tell the owners"], **given)
    found = strategies(a).get(reader(a), stix_id)
    assert [task.text for task in found.tasks] == ["Lock the accounts", "Tell the owners"]
    assert found.tasks[1].after == (0,) and found.description == "When a dump is for sale."
    made = json.loads(found.raw)
    assert made["spec_version"] == "cacao-2.0" and made["created_by"].startswith("identity--")
    assert not found.view.newest.served.findings, "it is what the standard wants"


@pytest.mark.parametrize(
    ("change", "code"),
    [({"name": " "}, "no-name"), ({"steps": [" "]}, "no-steps"), ({"steps": ["x" * 30_000]}, "too-long")],
)
def test_what_lacks_something_is_refused_and_nothing_is_kept(offices: Any, change: Any, code: str) -> None:
    a, _, _ = offices
    given = {"name": "n", "description": "", "steps": ["s"], "tlp": TLP.GREEN, "by": "test"} | change
    assert refusal(lambda: strategies(a).write(reader(a), **given)) == code
    assert strategies(a).list(reader(a)) == ((), False)


def test_a_course_of_action_without_a_playbook_or_with_a_broken_one_is_still_read(offices: Any) -> None:
    a, _, _ = offices
    stix_id = keep(a)
    value = json.loads(strategies(a).get(reader(a), stix_id).view.newest.served.raw)
    (extension,) = value["extensions"]
    for number, change in enumerate(({}, {extension: value["extensions"][extension] | {"playbook_bin": "e30="}})):
        other = value | {"id": value["id"][:-1] + "ab"[number], "extensions": change, "description": "In words."}
        if not change:
            del other["extensions"]
        made = a.node.services.get(Exchange).make(
            other, tlp=TLP.GREEN, action="strategy.keep", who=reader(a), by="test"
        )
        found = strategies(a).get(reader(a), made)
        assert found.playbook is None and found.tasks == () and found.description == "In words."
        assert bool(found.unread) is bool(change)


def test_only_our_own_people_keep_any(offices: Any) -> None:
    a, b, _ = offices
    stranger = Reader(party=b.party, clearance=TLP.RED, local=False)
    assert refusal(lambda: strategies(a).keep(stranger, raw(DEFACED), tlp=TLP.GREEN, by="x")) == "not-local"


def test_a_called_playbook_is_found_among_what_the_reader_sees_and_a_circle_is_refused(offices: Any) -> None:
    a, b, agreement = offices
    inner = keep(a, chained("inner"), tlp=TLP.AMBER)
    outer = keep(a, chained("outer", "inner"))
    tasks = strategies(a).tasks(reader(a), outer)
    assert [each.title for each in tasks][1:3] == ["outer calls inner", "inner first"]
    assert tasks[1].strategy == inner and tasks[2].under == 1 and max(each.tlp for each in tasks) is TLP.AMBER
    low = strategies(a).tasks(reader(a, TLP.GREEN), outer)
    assert [each.missing for each in low if each.missing] == [id_of("playbook", "inner")] and len(low) == 3
    assert a.node.services.get(Exchange).publish(agreement, [inner, outer], by="test").queued
    a.parcel(b)
    assert strategies(b).tasks(reader(b), outer)[1].strategy == inner, "that of whom the outer one is from"
    own = keep(b, chained("inner"))
    assert strategies(b).tasks(reader(b), outer)[1].strategy == own, "our own comes first"
    circle = keep(a, chained("circle", "circle"))
    assert refusal(lambda: strategies(a).tasks(reader(a), circle)) == "playbook-cycle"
    assert strategies(a).get(reader(a), circle).tasks, "it is still shown"


def test_a_called_playbook_that_another_program_wrapped_is_found_by_its_own_id(offices: Any) -> None:
    a, _, _ = offices
    held = strategies(a).get(reader(a), keep(a, chained("inner")))
    value = json.loads(held.view.newest.served.raw)
    (extension,) = value["extensions"]
    other = b64encode(raw(chained("wrapped"))).decode()
    value |= {
        "id": f"course-of-action--{uuid4()}",
        "extensions": {extension: value["extensions"][extension] | {"playbook_bin": other}},
    }
    made = a.node.services.get(Exchange).make(value, tlp=TLP.GREEN, action="strategy.keep", who=reader(a), by="test")
    outer = keep(a, chained("outer", "wrapped"))
    assert strategies(a).tasks(reader(a), outer)[1].strategy == made
