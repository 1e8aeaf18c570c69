"""Who has a seat: a fold over the messages of an activity, the same in whichever order they came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kouprey.capacity.model import Activity, Nomination, Picture, Seat, SeatPlan, SeatState
from kouprey.kernel.words.time import Instant


def newest(activities: Iterable[Activity]) -> Activity | None:
    """The version that counts."""
    return max(activities, key=lambda each: each.version, default=None)


def fold(activity: Activity, nominations: Iterable[Nomination], plans: Iterable[SeatPlan]) -> Picture:
    """What the messages of an activity come to.

    Only the host decides: plans of anybody else must not be among `plans`. The newest list and the newest plan of a
    party count; what they say together is the state of each person.
    """
    lists: dict[str, Nomination] = {}
    ours: dict[str, list[SeatPlan]] = {}
    for each in nominations:
        if each.host == activity.host and (each.party not in lists or each.version > lists[each.party].version):
            lists[each.party] = each
    for plan in plans:
        if plan.host == activity.host:
            ours.setdefault(plan.party, []).append(plan)
    history = {party: sorted(each, key=lambda plan: plan.version) for party, each in ours.items()}
    seats = [seat for party in sorted(lists) for seat in _seats(lists[party], history.get(party, []))]
    newest_plans = {party: each[-1] for party, each in history.items()}
    return Picture(activity=activity, seats=tuple(seats), lists=lists, plans=newest_plans)


def _seats(named: Nomination, history: Sequence[SeatPlan]) -> Iterable[Seat]:
    plan = history[-1] if history else None
    for rank, person in enumerate(named.people, 1):
        states = [SeatState.NOMINATED]
        for each in history:
            state = _stated(person.id, each)
            if state is not states[-1]:
                states.append(state)
        if states[-1] is SeatState.OFFERED and person.id in named.accepted:
            states.append(SeatState.CONFIRMED)
        code = plan.passes.get(person.id, "") if plan is not None else ""
        yield Seat(party=named.party, person=person, rank=rank, state=states[-1], changes=len(states) - 1, code=code)


def _stated(person: str, plan: SeatPlan) -> SeatState:
    if person in plan.confirmed:
        return SeatState.CONFIRMED
    if person in plan.offered:
        return SeatState.OFFERED
    return SeatState.WAITING if person in plan.waiting else SeatState.NOMINATED


def allot(picture: Picture, parties: Sequence[str], now: Instant) -> Mapping[str, SeatPlan]:
    """What the host would decide now, for each party whose plan would change: the same for everybody who asks.

    Each party's first people get its own seats, whoever has one keeps it while they are nominated, the others wait.
    After the deadline seats nobody uses are offered to those who wait, one to each party in turn, by rank. There are
    never more than all parties have seats, also where somebody comes after others were offered theirs.
    """
    activity = picture.activity
    by_party = {party: [seat for seat in picture.seats if seat.party == party] for party in picture.lists}
    whole = activity.seats * len(parties)
    free = whole - len(picture.of(SeatState.CONFIRMED, SeatState.OFFERED))
    confirmed: dict[str, list[str]] = {}
    for party, seats in sorted(by_party.items()):
        confirmed[party], free = _own_seats(seats, activity.seats, free)
    offered: dict[str, list[str]] = {party: [] for party in by_party}
    if now >= activity.deadline:
        free = whole - sum(map(len, confirmed.values()))
        for party, seats in by_party.items():
            held = [each.person.id for each in seats if each.state is SeatState.OFFERED]
            offered[party] = [each for each in held if each not in confirmed[party]]
            free -= len(offered[party])
        _offer(by_party, confirmed, offered, free)
    plans = {}
    for party, seats in by_party.items():
        plan = _plan(picture, party, seats, confirmed[party], offered[party])
        if _differs(plan, picture.plans.get(party)):
            plans[party] = plan
    return plans


def _own_seats(seats: Sequence[Seat], most: int, free: int) -> tuple[list[str], int]:
    """Who has a seat of their party, and how many of the `free` ones are left."""
    placed = [each.person.id for each in seats if each.state is SeatState.CONFIRMED]
    for each in seats:
        if len(placed) < most and each.person.id not in placed and (free > 0 or each.state is SeatState.OFFERED):
            placed.append(each.person.id)
            free -= each.state is not SeatState.OFFERED
    return placed, free


def _offer(
    by_party: Mapping[str, Sequence[Seat]],
    confirmed: Mapping[str, Sequence[str]],
    offered: Mapping[str, list[str]],
    free: int,
) -> None:
    waiting = {
        party: [
            each.person.id
            for each in seats
            if each.person.id not in confirmed[party] and each.person.id not in offered[party]
        ]
        for party, seats in sorted(by_party.items())
    }
    while free > 0 and any(waiting.values()):
        for party, people in waiting.items():
            if people and free > 0:
                offered[party].append(people.pop(0))
                free -= 1


def _plan(
    picture: Picture, party: str, seats: Sequence[Seat], confirmed: Sequence[str], offered: Sequence[str]
) -> SeatPlan:
    before = picture.plans.get(party)
    placed = {*confirmed, *offered}
    known = before.passes if before is not None else {}
    return SeatPlan(
        activity=picture.activity.id,
        host=picture.activity.host,
        party=party,
        version=before.version + 1 if before is not None else 1,
        confirmed=tuple(sorted(confirmed)),
        offered=tuple(sorted(offered)),
        waiting=tuple(each.person.id for each in seats if each.person.id not in placed),
        passes={person: known[person] for person in confirmed if person in known},
    )


def _differs(plan: SeatPlan, before: SeatPlan | None) -> bool:
    if before is None:
        return bool(plan.confirmed or plan.offered or plan.waiting)
    return (set(plan.confirmed), set(plan.offered), plan.waiting) != (
        set(before.confirmed),
        set(before.offered),
        before.waiting,
    )


def sequence(activity: Activity, seat: Seat | None = None) -> int:
    """SEQUENCE of its event (RFC 5545, 3.8.7.4): one more for each version, and for each change of somebody's seat."""
    return activity.version - 1 + (seat.changes if seat is not None else 0)
