"""Erasing on a page: asked first, done with a reason, by those alone who may; and what stays is told to who saw it."""

from __future__ import annotations

from typing import Any

from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role


def test_an_object_is_erased_after_a_question(desk: Any) -> None:
    target = desk.thing("malware", "Wick", is_family=True)
    desk.take(target)
    path = f"/intelligence/{target['id']}"
    administrator = desk.visitor(Role.ADMINISTRATOR)
    assert f"{path}/erase" in desk.links(administrator.text(path))
    text = administrator.text(f"{path}/erase")
    assert "A tombstone stays" in text and "Wick" in text
    desk.assert_harmless(text)
    for role in (Role.ANALYST, Role.LIAISON, Role.AUDITOR):
        other = desk.visitor(role)
        assert f"{path}/erase" not in desk.links(other.text(path))
        assert other.get(f"{path}/erase").status_code == other.post(f"{path}/erase", because="x").status_code == 403
    blind = desk.visitor(Role.ADMINISTRATOR, clearance=TLP.GREEN)
    assert f"{path}/erase" not in desk.links(blind.text(path))
    blind.post(f"{path}/erase", because="He may not see everything.")
    administrator.post(f"{path}/erase", because=" ")
    assert "Wick" in administrator.text(path), "not without a reason, nor by who may not see everything"
    gone = administrator.post(f"{path}/erase", because="<b>Order 12</b>")
    assert gone.status_code == 303 and gone.headers["location"].endswith("/intelligence")
    answer = administrator.get(path)
    assert (
        answer.status_code == 404 and "&lt;b&gt;Order 12&lt;/b&gt;" in answer.text and "was erased here" in answer.text
    )
    desk.assert_harmless(answer.text)
    assert "Wick" not in administrator.text("/intelligence")


def test_erased_versions_are_told_beside_what_is_left(desk: Any) -> None:
    old = desk.thing("malware", "Wick", is_family=True)
    new = old | {"modified": "2031-01-01T00:00:00.000Z", "name": "Lamp"}
    desk.take(old, new)
    who = desk.exchange.operator()
    desk.exchange.erase(old["id"], because="Order 12", who=who, by="operator", version=old["modified"])
    text = desk.visitor(Role.ANALYST).text(f"/intelligence/{old['id']}")
    assert "Erased versions" in text and "Order 12" in text and "Wick" not in text
    desk.assert_harmless(text)
