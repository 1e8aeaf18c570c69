"""Programmes and activities of one node."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from capacity.conftest import training
from kouprey.capacity.model import Programme
from kouprey.capacity.service.activities import Activities
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role


def test_programmes_are_seen_by_who_is_cleared(pair: tuple[Any, Any, str]) -> None:
    host, _, agreement = pair
    capacity: Activities = host.capacity
    asked = Programme(id="", agreement=agreement, theme="Response", year=2027, tlp=TLP.AMBER, answers=("AAR 3",))
    made = capacity.plan(host.reader(), asked)
    assert capacity.list_programmes(host.reader()) == [made]
    assert capacity.list_programmes(host.reader(Role.ANALYST, clearance=TLP.GREEN)) == []
    with pytest.raises(Unknown):
        capacity.get_programme(host.reader(clearance=TLP.GREEN), made.id)
    with pytest.raises(Forbidden):
        capacity.plan(host.reader(Role.ANALYST), asked)
    for wrong in ({"theme": " "}, {"year": 1}, {"budget": "x" * 400}):
        with pytest.raises(Damaged):
            capacity.plan(host.reader(), msgspec.structs.replace(asked, **wrong))


def test_what_is_wrong_is_kept_nowhere(one: tuple[Any, Any, str]) -> None:
    host, guest, agreement = one
    made = host.host(agreement)
    with pytest.raises(Damaged):
        host.capacity.change(host.reader(), made.id, training(title=""))
    with pytest.raises(Damaged):
        host.capacity.cancel(host.reader(), made.id, " ")
    with pytest.raises(Unknown):
        guest.capacity.picture(guest.reader(), made.id)
    host.capacity.cancel(host.reader(), made.id, "Flooded")
    with pytest.raises(Refused):
        host.capacity.change(host.reader(), made.id, training())
    assert [each.version for each in host.capacity.list_activities(host.reader())] == [2]
