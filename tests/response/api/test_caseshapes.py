"""Cases and items as programs get them: every field of every sort, as plain JSON."""

from __future__ import annotations

import msgspec
import pytest

from kouprey.response.api.caseshapes import item_shown, shown
from kouprey.response.model.cases import (
    Act,
    Body,
    Case,
    Evidence,
    Fact,
    Item,
    Link,
    LinkTo,
    Moment,
    Note,
    Phase,
    Seen,
    Sort,
    Task,
    Track,
)
from kouprey.response.rules.items import sort_of

BODIES = (
    Task(title="Call", after=("item_1",)),
    Note(text="A word"),
    Fact(text="It changed.", moment=Moment(60_000_000, 420)),
    Seen(kind="ipv4-addr", text="203.0.113.7"),
    Evidence(name="a", media_type="b", size=1, sha256="c"),
    Link(to=LinkTo.TICKET, ref="RT-7", changed=True),
    Act(did="case.open", detail={"a": "b"}),
)


@pytest.mark.parametrize("body", BODIES, ids=lambda body: str(sort_of(body)))
def test_an_item_keeps_its_fields(body: Body) -> None:
    item = Item(
        id="item_1",
        case="case_1",
        version=2,
        sort=sort_of(body),
        track=Track.LEGAL,
        at=1,
        made_at=2,
        made_by="psn_1",
        hidden=True,
        body=body,
    )
    told = msgspec.json.decode(msgspec.json.encode(item_shown(item)))
    assert told["sort"] == Sort(told["sort"]) and told["track"] == "legal" and told["hidden"] and told["version"] == 2
    assert set(told["body"]) == set(body.__struct_fields__)


def test_a_case_tells_its_times_in_the_offset_they_were_said_in() -> None:
    moments = {"reported": Moment(0, 420), "acknowledged": Moment(90_000_000, 0)}
    told = shown(Case(id="case_1", number=7, title="x", phase=Phase.ANALYSED, moments=moments))
    assert told.moments["reported"] == "1970-01-01T07:00:00+07:00" and told.spans["acknowledge"] == 90
    assert told.spans["contain"] is None and told.phase == "analysed" and not told.merged
