"""Who builds capacity."""

from __future__ import annotations

import pytest

from kouprey.capacity.rules.rights import may_write
from kouprey.kernel.words.decision import Reader
from kouprey.people.model import Role


@pytest.mark.parametrize("role", list(Role))
def test_four_roles_write(role: Role) -> None:
    wanted = role in (Role.TRAINER, Role.LEAD, Role.LIAISON, Role.ADMINISTRATOR)
    assert may_write(Reader(party="a.example", local=True, roles=(str(role),))) is wanted
    assert not may_write(Reader(party="a.example", local=False, roles=(str(role),))), "nobody of another party"
    assert not may_write(Reader(party="a.example", local=True, exercise="x", roles=(str(role),)))
