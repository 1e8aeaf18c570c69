"""The fold: the same set of messages comes to the same course, in any order and on any node."""

from __future__ import annotations

import random
from collections.abc import Iterable
from hashlib import sha256
from itertools import count

import pytest
from msgspec.structs import replace

from kouprey.kernel.words.time import SECOND
from kouprey.kernel.words.tlp import TLP
from kouprey.response.model import Course, Due, HandOff, Message, Side, Stage, Urgency, Verb
from kouprey.response.model.sealed import SealedItem
from kouprey.response.rules.folding import TABLE, crossed, fold, paused_until, questions_open, verbs_for

F, T = "ministry.example", "operator.example"
HOUR = 3_600 * SECOND
_NUMBERS = count()


def message(verb: Verb, author: str, at: int, *seen: Message, handoff: str = "") -> Message:
    told = sha256(f"{verb} {author} {at} {next(_NUMBERS)}".encode()).hexdigest()
    return Message(
        id=told, handoff=handoff or told, verb=verb, author=author, at=at, seen=tuple(each.id for each in seen)
    )


def asked(pause: int = 24 * 3_600) -> tuple[HandOff, Message]:
    request = message(Verb.REQUEST, F, 0)
    due = Due(acknowledge=HOUR, decide=4 * HOUR, report=48 * HOUR, pause_s=pause)
    made = HandOff(
        id=request.id,
        agreement="agr_x",
        asking=F,
        asked=T,
        kind="act",
        urgency=Urgency.URGENT,
        title="x",
        text="x",
        tlp=TLP.AMBER,
        at=0,
        due=due,
    )
    return made, request


def chain(request: Message, *said: tuple[Verb, str, int]) -> list[Message]:
    """Each after all before it, as on a link that works."""
    made = [request]
    for verb, author, at in said:
        made.append(message(verb, author, at, made[-1], handoff=request.id))
    return made


def test_a_question_that_was_open_for_longer_than_it_may_stop_the_clock() -> None:
    """Scenario 12: capped at 24 hours, answered after 30: 24 are left out, 6 count."""
    handoff, request = asked()
    said = ((Verb.ACKNOWLEDGE, T, HOUR // 2), (Verb.QUERY, T, HOUR), (Verb.ANSWER, F, 31 * HOUR))
    course = fold(handoff, chain(request, *said))
    decide = next(each for each in course.clocks if each.name == "decide")
    assert (questions_open(course), decide.paused) == (30 * HOUR, 24 * HOUR)
    assert questions_open(fold(handoff, chain(request, *said[:2]))) == 0, "nobody knows yet for how long"


@pytest.mark.parametrize("ends", [Verb.REROUTE, Verb.WITHDRAW])
def test_two_words_that_crossed_are_noticed(ends: Verb) -> None:
    handoff, request = asked()
    accept = message(Verb.ACCEPT, T, HOUR, request, handoff=request.id)
    ended = message(ends, F, 2 * HOUR, request, handoff=request.id)
    after = message(ends, F, 2 * HOUR, accept, handoff=request.id)
    heard = message(Verb.ACKNOWLEDGE, T, HOUR, request, handoff=request.id)
    assert crossed(handoff, fold(handoff, [request, accept, ended]))
    for others in ([accept], [accept, after], [ended], [heard, ended]):
        assert not crossed(handoff, fold(handoff, [request, *others])), others


def test_a_hand_off_that_goes_well() -> None:
    handoff, request = asked()
    said = chain(
        request,
        (Verb.ACKNOWLEDGE, T, HOUR // 2),
        (Verb.ACCEPT, T, HOUR),
        (Verb.START, T, 2 * HOUR),
        (Verb.PROGRESS, T, 3 * HOUR),
        (Verb.REPORT, T, 5 * HOUR),
        (Verb.CONFIRM, F, 6 * HOUR),
    )
    course = fold(handoff, reversed(said))
    assert course.stage is Stage.CLOSED and all(step.counted for step in course.steps) and not course.forked
    assert [(clock.name, clock.met, clock.late_at(99 * HOUR)) for clock in course.clocks] == [
        ("acknowledge", HOUR // 2, False),
        ("decide", HOUR, False),
        ("report", 5 * HOUR, False),
    ]


def test_what_was_accepted_while_it_was_given_to_somebody_else_is_kept_and_does_not_count() -> None:
    handoff, request = asked()
    accept = message(Verb.ACCEPT, T, HOUR, request, handoff=request.id)
    reroute = message(Verb.REROUTE, F, 2 * HOUR, request, handoff=request.id)
    for order in ([request, accept, reroute], [reroute, request, accept]):
        course = fold(handoff, order)
        assert course.stage is Stage.REROUTED
        assert [(step.message.verb, step.counted) for step in course.steps] == [
            (Verb.REQUEST, True),
            (Verb.REROUTE, True),
            (Verb.ACCEPT, False),
        ]
        # Its clocks stop for good, and are charged to nobody once they were not late then.
        assert all(clock.frozen == 2 * HOUR for clock in course.clocks)


def test_a_time_written_back_wins_nothing_over_the_other_side() -> None:
    handoff, request = asked()
    reroute = message(Verb.REROUTE, F, 2 * HOUR, request, handoff=request.id)
    early = message(Verb.DECLINE, T, 1, request, handoff=request.id)
    assert fold(handoff, [request, early, reroute]).stage is Stage.REROUTED
    withdrawn = message(Verb.WITHDRAW, F, 9 * HOUR, request, handoff=request.id)
    assert fold(handoff, [request, early, reroute, withdrawn]).stage is Stage.WITHDRAWN


def test_a_question_stops_the_clock_up_to_what_was_agreed() -> None:
    handoff, request = asked(pause=24 * 3_600)
    said = chain(request, (Verb.ACKNOWLEDGE, T, HOUR), (Verb.QUERY, T, 2 * HOUR), (Verb.ANSWER, F, 32 * HOUR))
    decide = next(clock for clock in fold(handoff, said).clocks if clock.name == "decide")
    # Thirty hours of asking back: twenty-four do not count, six do.
    assert decide.paused == 24 * HOUR and decide.due == 28 * HOUR and decide.late_at(32 * HOUR)
    open_still = fold(handoff, said[:-1])
    assert open_still.stage is Stage.NEEDS_INFO
    assert paused_until(open_still, handoff, 5 * HOUR) == 3 * HOUR
    assert paused_until(open_still, handoff, 99 * HOUR) == 24 * HOUR
    assert fold(handoff, said).stage is Stage.ACKNOWLEDGED, "back to where it was asked"
    unpaused, request = asked(pause=0)
    assert paused_until(fold(unpaused, chain(request, (Verb.ACKNOWLEDGE, T, 1), (Verb.QUERY, T, 2))), unpaused, 9) == 0


def test_a_dispute_ends_only_when_both_leave_it_at_that() -> None:
    handoff, request = asked()
    said = chain(request, (Verb.ACCEPT, T, 1), (Verb.REPORT, T, 2), (Verb.CONTEST, F, 3), (Verb.SETTLE, F, 4))
    course = fold(handoff, said)
    assert course.stage is Stage.DISPUTED and course.settled == (Side.ASKING,)
    assert Verb.SETTLE not in verbs_for(course, Side.ASKING) and Verb.SETTLE in verbs_for(course, Side.ASKED)
    again = message(Verb.SETTLE, F, 5, said[-1], handoff=request.id)
    assert not fold(handoff, [*said, again]).steps[-1].counted
    both = message(Verb.SETTLE, T, 6, said[-1], handoff=request.id)
    assert fold(handoff, [*said, both]).stage is Stage.CLOSED


def test_what_comes_before_its_forerunner_waits_for_it() -> None:
    handoff, request = asked()
    said = chain(request, (Verb.ACKNOWLEDGE, T, 1), (Verb.ACCEPT, T, 2))
    course = fold(handoff, [request, said[2]])
    assert course.stage is Stage.REQUESTED and course.waiting == (said[2].id,)
    assert fold(handoff, said).waiting == ()
    assert fold(handoff, said[1:]).steps == (), "without its request nothing is told"


def test_an_author_with_two_histories_is_named() -> None:
    handoff, request = asked()
    one = message(Verb.ACCEPT, T, 1, request, handoff=request.id)
    two = message(Verb.DECLINE, T, 1, request, handoff=request.id)
    course = fold(handoff, [request, one, two])
    assert course.forked == (T,) and len(course.steps) == 3
    strangers = message(Verb.ACCEPT, "other.example", 1, request, handoff=request.id)
    assert fold(handoff, [request, strangers]).stage is Stage.REQUESTED


def play(dice: random.Random) -> tuple[HandOff, list[Message], dict[str, Course]]:
    """Two parties at a link that is cut and heals; each says whatever it may say by what it knows then."""
    handoff, request = asked(pause=dice.choice((0, 3_600)))
    known = {F: [request], T: [] if dice.random() < 0.5 else [request]}
    now, everything = 0, [request]
    for _ in range(dice.randrange(1, 14)):
        now += dice.randrange(1, 5) * HOUR
        if dice.random() < 0.4:
            for here, there in ((F, T), (T, F)):
                # A link that works brings all, a cut one nothing, a parcel some, and out of order.
                came = [each for each in known[there] if dice.random() < 0.8]
                dice.shuffle(came)
                known[here] += [each for each in came if each not in known[here]]
        author = dice.choice((F, T))
        course = fold(handoff, known[author])
        side = handoff.side_of(author)
        assert side is not None
        may = verbs_for(course, side) if course.steps else []
        if may:
            said = message(dice.choice(may), author, now - dice.choice((0, 9 * HOUR)), handoff=request.id)
            said = Message(**{name: getattr(said, name) for name in said.__struct_fields__} | {"seen": course.heads})
            known[author].append(said)
            everything.append(said)
            if dice.random() < 0.02:
                # Its author's node was restored, and says something else as if this were not.
                other = message(dice.choice(may), author, now, handoff=request.id)
                other = Message(
                    **{name: getattr(other, name) for name in other.__struct_fields__} | {"seen": course.heads}
                )
                known[author].append(other)
                everything.append(other)
    return handoff, everything, {party: fold(handoff, known[party]) for party in (F, T)}


def check_play(dice: random.Random) -> None:
    handoff, everything, _ = play(dice)
    first = fold(handoff, everything)
    assert not first.waiting and {step.message.id for step in first.steps} == {each.id for each in everything}
    stage = Stage.REQUESTED
    for step in first.steps:
        if step.counted and step.message.verb is not Verb.REQUEST:
            side = handoff.side_of(step.message.author)
            assert side is not None
            stages, leads = TABLE[step.message.verb, side]
            assert stage in stages and (leads in (None, step.stage) or step.message.verb is Verb.SETTLE)
        else:
            assert step.stage is stage
        stage = step.stage
    for _ in range(3):
        again = [*everything, *dice.sample(everything, len(everything) // 2)]
        dice.shuffle(again)
        assert fold(handoff, again) == first


@pytest.mark.parametrize("plays", [2_000, pytest.param(100_000, marks=pytest.mark.long)])
def test_random_plays_converge(plays: int) -> None:
    for seed in range(plays):
        check_play(random.Random(seed))
    print(f"{plays} plays converge")


def stages_of(courses: Iterable[Course]) -> set[Stage]:
    return {step.stage for course in courses for step in course.steps}


def test_the_plays_reach_every_stage() -> None:
    courses = [fold(*play(random.Random(seed))[:2]) for seed in range(600)]
    assert stages_of(courses) == set(Stage)
    assert any(course.forked for course in courses) and any(
        not step.counted for course in courses for step in course.steps
    )


def test_a_preservation_is_what_the_last_report_that_counts_says() -> None:
    handoff, request = asked()
    handoff = replace(handoff, kind="preserve")
    old = chain(request, (Verb.ACCEPT, T, 1), (Verb.REPORT, T, 2))
    course = fold(handoff, old)
    assert (course.stage, course.until, course.longer) == (Stage.REPORTED, 0, 0), "as an old node says it"
    said = [*old[:2], replace(old[2], until=60 * HOUR)]
    more = message(Verb.CONTEST, F, 3, said[2], handoff=request.id)
    asks = [*said, replace(more, until=90 * HOUR)]
    again = replace(message(Verb.REPORT, T, 4, more, handoff=request.id), until=80 * HOUR)
    assert (fold(handoff, said).until, fold(handoff, said).longer) == (60 * HOUR, 0)
    assert (fold(handoff, asks).until, fold(handoff, asks).longer) == (60 * HOUR, 90 * HOUR)
    whole = [*asks, again]
    for _ in range(20):
        random.shuffle(whole)
        assert (fold(handoff, whole).until, fold(handoff, whole).longer) == (80 * HOUR, 0)
    late = replace(message(Verb.REPORT, T, 5, again, handoff=request.id), until=99 * HOUR)
    assert fold(handoff, [*whole, late]).until == 80 * HOUR, "what does not count changes nothing"
    act, asking = asked()
    stray = [*chain(asking, (Verb.ACCEPT, T, 1)), message(Verb.REPORT, T, 2, handoff=asking.id)]
    assert fold(act, [replace(each, until=HOUR) for each in stray]).until == 0


def test_an_emergency_lacks_its_basis_until_the_asking_side_files_it() -> None:
    handoff, request = asked()
    item = SealedItem(sha256="a" * 64, size=1, body=b"x", grants=())
    said = chain(request, (Verb.ACCEPT, T, 1), (Verb.REPORT, T, 2))
    given = [*said[:2], replace(said[2], items=(item,))]
    urgent = replace(handoff, kind="disclose", ground="A child is missing.")
    assert not fold(urgent, said).lacking and fold(urgent, given).lacking
    assert not fold(replace(urgent, basis="Treaty"), given).lacking and not fold(handoff, given).lacking
    for author, lacks in ((F, False), (T, True)):
        filed = replace(message(Verb.ANSWER, author, 3, said[2], handoff=request.id), basis="Treaty")
        course = fold(urgent, [*given, filed])
        assert (course.lacking, course.stage, course.steps[-1].counted) == (lacks, Stage.REPORTED, False)
