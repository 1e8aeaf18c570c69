"""The roster: who may keep it, what cannot stand in it, and that nothing of it is lost."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.time import DAY, SECOND
from kouprey.people.model import Role
from kouprey.response.model.directory import Shift
from kouprey.response.service import zone_of

ON_SQLITE = pytest.mark.parametrize("neighbours", ["sqlite"], indirect=True)
"""What no engine decides."""


def shift(starts: int, ends: int, **words: str) -> Shift:
    return Shift(
        **({"id": "", "person": "Dara", "role": "Duty officer", "reach": "+855"} | words), starts=starts, ends=ends
    )  # type: ignore[arg-type]


@ON_SQLITE
def test_shifts_gaps_and_who_is_on_duty(pair: Any) -> None:
    a, b, _ = pair
    a.stopped = a.now() // SECOND * SECOND
    now = a.now()
    assert [gap.ends - gap.starts for gap in a.roster.gaps(a.reader())] == [14 * DAY]
    made = a.roster.add(a.reader(Role.DUTY_OFFICER), shift(now, now + DAY))
    a.roster.add(a.reader(), shift(now + 2 * DAY, now + 20 * DAY, person="Sok"))
    assert [each.person for each in a.roster.on_duty(a.reader(Role.POLICY))] == ["Dara"]
    assert [(gap.starts - now, gap.ends - now) for gap in a.roster.gaps(a.reader())] == [(DAY, 2 * DAY)]
    assert b.roster.list(b.reader()) == [], "it never leaves the node"
    a.roster.withdraw(a.reader(), made.id)
    assert a.roster.on_duty(a.reader()) == [] and a.roster.list(a.reader())[0].withdrawn_by == "psn_x"
    with pytest.raises(Refused):
        a.roster.withdraw(a.reader(), made.id)
    with pytest.raises(Unknown):
        a.roster.withdraw(a.reader(), "sft_0")


@ON_SQLITE
def test_what_cannot_stand_in_it(pair: Any) -> None:
    a, _, _ = pair
    now = a.now()
    right = shift(now, now + DAY)
    for wrong in (
        {"person": " "},
        {"reach": "x" * 201},
        {"role": "a\u202eb"},
        {"ends": now},
        {"ends": now + 32 * DAY},
        {"starts": now + 800 * DAY, "ends": now + 801 * DAY},
    ):
        with pytest.raises(Damaged) as error:
            a.roster.add(a.reader(), msgspec.structs.replace(right, **wrong))
        assert error.value.code == "bad-shift"
    with pytest.raises(Forbidden):
        a.roster.add(a.reader(Role.ANALYST), right)
    with pytest.raises(Forbidden):
        a.roster.list(msgspec.structs.replace(a.reader(), local=False))
    assert a.roster.list(a.reader()) == []


def test_a_zone_that_is_not_known_here_is_utc() -> None:
    assert zone_of("Asia/Phnom_Penh").key == "Asia/Phnom_Penh" and zone_of("No/Where").key == "UTC"
