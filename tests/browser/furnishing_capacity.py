"""Capacity in the middle of a year: trainings with seats, badges, certificates and needs."""

from __future__ import annotations

from typing import Any

import msgspec

from browser.stage import Stage
from kouprey.capacity.model import Achievement, Certificate, Competency, Holder, Programme, Wish
from kouprey.capacity.service import Capacity
from kouprey.capacity.wire.typed import read_form, show_local
from kouprey.kernel.words.time import DAY, SECOND
from kouprey.node.actors import wait_until
from kouprey.people.service import People

TITLE = "School of incidents"
ANALYSIS = Competency(framework="nice", code="PD-WRL-003")
LONG = "Handing incidents over across borders at night, when half of those who should answer are on their way home"


def furnish_capacity(stage: Stage) -> None:
    """An agreement for it, a training that waits, one that runs, badges given and revoked, and what both need."""
    ministry, operator = stage.actors["ministry"], stage.actors["operator"]
    agreement = _agree(ministry, operator)
    with operator.services() as services:
        theirs = services.get(Capacity)
        theirs.state_needs(theirs.operator(), [Wish(need=False, competency=ANALYSIS, count=12, note="In English")])
    with ministry.services() as services:
        ours, person = services.get(Capacity), services.get(People).list_persons()[0]
        who = ours.operator()
        asked = Programme(
            id="",
            agreement=agreement,
            theme="Working incidents together",
            year=2027,
            budget="Training 3.2",
            answers=("Exercise 2026, recommendation 4: rehearse the hand-over at night",),
        )
        programme = ours.plan(who, asked)
        ours.state_needs(who, [Wish(need=True, competency=ANALYSIS, count=20)])
        names = ("Sok Dara", "Chan Vanna", "Chea Malis", "A name that goes on and on and on as names of people may")
        people = [Holder(party="", id="", name=name, role="analyst") for name in names]
        people[0] = msgspec.structs.replace(people[0], person=person.id, mail="dara@gov.example")
        ours.publish(who, programme.id, _form(ours.now(), 30, 2, LONG))
        gone = ours.publish(who, programme.id, _form(ours.now(), 40, 1, "Forum of the Mekong", kind="forum"))
        ours.cancel(who, gone.id, "The venue is flooded.")
        _run(ours, who, programme.id, people)
        certificate = {"issuer": "A certification body", "title": "Global ACE digital forensics", "number": "17/26"}
        ours.add_certificate(who, Certificate(id="", holder=person.id, valid_until="2029-11-30", **certificate))


def _agree(ministry: Any, operator: Any) -> str:
    words = ("--type", "intelligence", "--type", "nomination")
    made = ministry.command("agreement", "draft", "--title", TITLE, "--with", operator.party, *words)["agreement"]
    ministry.command("agreement", "propose", made, "--yes")
    wait_until(
        "the agreement on training is there",
        lambda: any(each["agreement"] == made for each in operator.command("agreement", "list")),
    )
    operator.command("agreement", "sign", made, "--yes")
    wait_until("the agreement on training is in force", lambda: _runs(ministry, made) and _runs(operator, made))
    return str(made)


def _runs(actor: Any, agreement: str) -> bool:
    with actor.services() as services:
        return agreement in {each.agreement for each in services.get(Capacity).agreed()}


def _form(now: int, after: int, days: int, title: str, **more: str) -> Any:
    zone = "Asia/Phnom_Penh"
    begins = now + after * DAY
    times = {"starts": begins, "ends": begins + (days - 1) * DAY + 3_600 * SECOND, "deadline": begins - DAY // 2}
    plain = {
        "kind": "training",
        "zone": zone,
        "seats": "2",
        "place": "Training room 2, Phnom Penh",
        "languages": "km en",
    }
    given = {**plain, **more, "title": title, "competencies": "nice:PD-WRL-003", "note": "Bring your own computer."}
    return read_form(given | {name: show_local(at, zone) for name, at in times.items()})


def _run(ours: Capacity, who: Any, programme: str, people: list[Holder]) -> None:
    """An exercise that runs today, with seats, scores, a follow-up and badges."""
    form = _form(ours.now(), 0, 2, "Night of the lantern", kind="exercise")
    one = ours.publish(who, programme, msgspec.structs.replace(form, deadline=form.ends - SECOND * 60))
    ours.nominate(who, one.id, people)
    ours.confirm(who, one.id)
    seats = [each for each in ours.picture(who, one.id).seats if each.code]
    for each in seats:
        for day in list(ours.rooms(who, one.id))[:1]:
            ours.mark(who, one.id, each.code, day)
        ours.assess(who, one.id, each.party, each.person.id, pre=40, post=86, feedback=(5, 4, 5, 3, 5))
    ours.follow_up(who, one.id, LONG, "Sok Dara", ours.now() - DAY)
    done = ours.follow_up(who, one.id, "Print the list of numbers", "Chan Vanna", ours.now() + 9 * DAY)
    ours.end_follow_up(who, one.id, done.id)
    wanted = Achievement(
        id="",
        name="Handing incidents over, practitioner",
        description="Hands incidents over across borders.",
        criteria="70 points or more in an exercise",
        kind="exercise",
        least=70,
        competencies=(ANALYSIS,),
    )
    achievement = ours.add_achievement(who, wanted)
    first, second = seats[:2]
    ours.issue(who, achievement.id, first.party, first.person.id)
    wrong = ours.issue(who, achievement.id, second.party, second.person.id)
    ours.revoke(who, wrong.id, "The score was that of somebody else")
