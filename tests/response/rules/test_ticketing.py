"""What leaves for RTIR, and what contradicts."""

from __future__ import annotations

import pytest

from kouprey.kernel.words.errors import Refused
from kouprey.kernel.words.tlp import TLP
from kouprey.response.model.cases import Case, Phase
from kouprey.response.model.tickets import Clash, Desk
from kouprey.response.rules.ticketing import LONGEST_WAIT, check_leaves, clash, leaves, title_for, wait

DESK = Desk(url="https://rt.example", token="x", title=TLP.GREEN, ceiling=TLP.AMBER)


def case(**given: object) -> Case:
    return Case(id="case_x", number=1, title="Title", **({"tlp": TLP.GREEN} | given))  # type: ignore[arg-type]  # fields of any kind


def test_the_marking_decides() -> None:
    assert title_for(case(), DESK) == "Title" and title_for(case(named=True), DESK) == ""
    assert title_for(case(tlp=TLP.AMBER), DESK) == "" == title_for(case(), Desk(url="x", token="x"))
    for given, code in (({"tlp": TLP.AMBER_STRICT}, "above-ceiling"), ({"exercise": "drill"}, "exercise")):
        with pytest.raises(Refused) as caught:
            check_leaves(case(**given), DESK)
        assert caught.value.code == code and not leaves(case(**given), DESK)
    assert not leaves(case(tlp=TLP.RED), Desk(url="x", token="x", ceiling=TLP.RED)), "red is for persons in the room"


@pytest.mark.parametrize(
    ("phase", "status", "found"),
    [
        (Phase.REPORTED, "open", Clash.NONE),
        (Phase.REPORTED, "", Clash.NONE),
        (Phase.CLOSED, "resolved", Clash.NONE),
        (Phase.CONTAINED, "abandoned", Clash.ENDED_THERE),
        (Phase.CLOSED, "open", Clash.ENDED_HERE),
    ],
)
def test_what_contradicts(phase: Phase, status: str, found: Clash) -> None:
    assert clash(phase, status) is found


def test_it_waits_longer_and_not_for_ever() -> None:
    waits = [wait(tries) for tries in range(20)]
    assert waits == sorted(waits) and waits[-1] == LONGEST_WAIT
