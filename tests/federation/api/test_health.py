"""How a link has done, by programs."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.kernel.words.errors import Unreachable
from kouprey.people.model import Role


def test_the_history_of_a_link_is_told_by_the_day_and_by_the_hour(programs: Any) -> None:
    programs.people.trust(programs.card(programs.partner), by="test")
    liaison, one = programs.client(Role.LIAISON), f"partners/{programs.partner}"
    liaison.put(f"{one}/link", json={"url": "http://127.0.0.1:1", "allow_private": True})
    empty = liaison.get(f"{one}/history").json()
    assert len(empty["stretches"]) == 30 and empty["together"]["reached"] is None
    with pytest.raises(Unreachable):
        programs.node.federation.links.sync(programs.partner)
    told = liaison.get(f"{one}/history", params={"by": "hour"}).json()
    assert len(told["stretches"]) == 48 and told["party"] == programs.partner
    assert (told["together"]["failed"], told["stretches"][-1]["failed"]) == (1, 1)
    assert "127.0.0.1:1" in told["together"]["error"] and told["together"]["answer"] is None
    assert liaison.get(one).json()["link"]["down_since"] is not None
    assert liaison.get(f"{one}/history", params={"by": "year"}).status_code == 400
    assert liaison.get("partners/nobody.example/history").status_code == 404
