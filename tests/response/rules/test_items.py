"""Each sort of item has its key and its time."""

from __future__ import annotations

import pytest

from kouprey.response.model.cases import Act, Body, Evidence, Fact, Link, LinkTo, Moment, Note, Seen, Sort, Task
from kouprey.response.rules.items import happened_at, key_of, sort_of


@pytest.mark.parametrize(
    ("body", "sort", "key", "at"),
    [
        (Task(title="x"), Sort.TASK, "", 9),
        (Note(text="x"), Sort.NOTE, "", 9),
        (Fact(text="x", moment=Moment(5)), Sort.FACT, "", 5),
        (Seen(kind="ipv4-addr", text="203.0.113.7"), Sort.OBSERVABLE, "ipv4-addr:203.0.113.7", 9),
        (Evidence(name="a", media_type="b", size=1, sha256="c"), Sort.EVIDENCE, "sha256:c", 9),
        (Link(to=LinkTo.TICKET, ref="RT-7"), Sort.LINK, "ticket:RT-7", 9),
        (Act(did="case.open"), Sort.ACT, "", 9),
    ],
)
def test_what_follows_from_an_item(body: Body, sort: Sort, key: str, at: int) -> None:
    assert (sort_of(body), key_of(body), happened_at(body, 9)) == (sort, key, at)
