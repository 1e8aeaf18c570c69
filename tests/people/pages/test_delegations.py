"""Pages of delegations: one person records, another confirms, and one is enough to revoke."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from kouprey.kernel.words.errors import Forbidden
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role, Token

Face = Any
PATH = "/people/delegations"


@pytest.fixture
def face(make_face: Callable[..., Face]) -> Face:
    made = make_face("ministry.example", "Ministry of Examples")
    for party in ("group.example", "operator.example"):
        made.people.trust(make_face(party, f"Name of {party}").people.home().note, by="test")
    return made


@pytest.fixture
def token(face: Face) -> Token:
    made: Token = face.people.create_token("operator.example", Role.FEED, TLP.AMBER, by="test")[0]
    return made


def asked(by: Token, **more: object) -> dict[str, object]:
    given = {"party": "group.example", "token": by.user, "verbs": ["read"], "clearance": "green"}
    return {**given, "ends": "2027-06-30", "because": "Board <i>resolution</i> 12", **more}


def test_one_records_another_confirms_and_either_revokes(face: Face, token: Token) -> None:
    one, two = face.visitor(Role.ADMINISTRATOR, name="One"), face.visitor(Role.ADMINISTRATOR, name="Two")
    assert "Nobody acts for another party" in one.get(PATH).text
    assert one.post(PATH, asked(token)).status_code == 303
    (held,) = face.people.list_delegations()
    path = f"{PATH}/{held.id}"
    assert f"{path}/confirm" not in one.get(PATH).text and f"{path}/confirm" in two.get(PATH).text
    assert one.post(f"{path}/confirm").status_code == 403
    with pytest.raises(Forbidden):
        face.people.acting_for(token, "group.example")
    assert two.post(f"{path}/confirm").status_code == 303
    page = two.get(PATH).text
    assert "in force" in page and "One, Two" in page and "Board &lt;i&gt;resolution" in page
    assert face.people.acting_for(token, "group.example").clearance is TLP.GREEN
    assert one.post(f"{path}/revoke").status_code == 303
    with pytest.raises(Forbidden):
        face.people.acting_for(token, "group.example")
    assert one.post(f"{path}/revoke").status_code == 409


@pytest.mark.parametrize(
    ("wrong", "status", "said"),
    [
        ({"ends": "soon"}, 400, "Write a day"),
        ({"ends": "2020-01-01"}, 409, "no times of a delegation"),
        ({"verbs": []}, 409, "cannot be done for another party"),
        ({"verbs": ["people"]}, 409, "cannot be done for another party"),
        ({"party": "operator.example"}, 409, "gets, a delegation"),
        ({"because": ""}, 409, "needs a ground"),
        ({"token": "tok_none"}, 404, "No token"),
    ],
)
def test_what_was_written_stays_in_the_form(
    face: Face, token: Token, wrong: dict[str, object], status: int, said: str
) -> None:
    answer = face.visitor(Role.ADMINISTRATOR).post(PATH, asked(token, **{"because": "Minutes 7", **wrong}))
    assert answer.status_code == status and said in answer.text
    assert ("Minutes 7" in answer.text) == ("because" not in wrong)
    assert face.people.list_delegations() == []


def test_nobody_goes_beyond_what_they_are_cleared_for(face: Face, token: Token) -> None:
    low = face.visitor(Role.ADMINISTRATOR, name="Low", clearance=TLP.GREEN)
    assert low.post(PATH, asked(token, clearance="amber")).status_code == 403
    high = face.visitor(Role.ADMINISTRATOR, name="High")
    high.post(PATH, asked(token, clearance="amber"))
    (held,) = face.people.list_delegations()
    assert not re.search(rf"{held.id}/confirm", low.get(PATH).text)
    assert low.post(f"{PATH}/{held.id}/confirm").status_code == 403
    assert face.visitor(Role.LIAISON, name="Liaison").get(PATH).status_code == 403
