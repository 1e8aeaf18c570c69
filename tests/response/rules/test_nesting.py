"""Playbooks inside playbooks: in order, waited for, bounded, never in a circle, and missing ones said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.kernel.words.errors import Refused
from kouprey.response.model.playbooks import Planned, Run
from kouprey.response.rules.nesting import DEEPEST, MOST, Called, nest
from kouprey.response.rules.planning import plan
from kouprey.response.wire.cacao import read_playbook
from response.playbooks import chained, id_of, raw

Books = Mapping[str, Sequence[str]]


def tasks_of(name: str, called: Sequence[str]) -> tuple[Planned, ...]:
    return plan(read_playbook(raw(chained(name, *called))))


def whole(books: Books, first: str = "a") -> tuple[Planned, ...]:
    by_id = {id_of("playbook", name): name for name in books}

    def find(playbook: str) -> Called | None:
        name = by_id.get(playbook)
        return None if name is None else Called(f"course-of-action--{name}", name, tasks_of(name, books[name]))

    return nest(id_of("playbook", first), tasks_of(first, books[first]), find)


def test_what_is_called_stands_below_its_step_which_waits_for_it() -> None:
    tasks = whole({"a": ["b"], "b": ["c"], "c": []})
    assert [each.title for each in tasks] == [
        "a first",
        "a calls b",
        "b first",
        "b calls c",
        "c first",
        "c last",
        "b last",
        "a last",
    ]
    assert [each.under for each in tasks] == [None, None, 1, 1, 3, 3, 1, None]
    assert tasks[2].after == (0,), "what is called begins when its step may"
    assert tasks[1].after == (0, 6) and tasks[3].after == (2, 5) and tasks[6].after == (3,) and tasks[7].after == (1,)
    assert tasks[1].strategy == "course-of-action--b" and len({each.step for each in tasks}) == len(tasks)


def test_one_that_is_not_here_is_work_of_a_person_and_says_which() -> None:
    first, called, last = whole({"a": ["elsewhere"]})
    assert called.run is Run.PERSON and called.missing == id_of("playbook", "elsewhere")
    assert called.after == (0,) and last.after == (1,) and first.missing == ""


@pytest.mark.parametrize("books", [{"a": ["a"]}, {"a": ["b"], "b": ["a"]}, {"a": ["b"], "b": ["c"], "c": ["b"]}])
def test_a_circle_is_refused_and_named(books: Books) -> None:
    with pytest.raises(Refused) as caught:
        whole(books)
    assert caught.value.code == "playbook-cycle" and "→" in caught.value.why


def test_too_deep_and_too_many_are_refused() -> None:
    deep = {chr(97 + n): [chr(98 + n)] for n in range(DEEPEST + 1)} | {chr(98 + DEEPEST): []}
    with pytest.raises(Refused) as caught:
        whole(deep)
    assert caught.value.code == "too-deep"
    levels = ["a", "bcde", "fghi", "jklm", "nopq"]
    wide = {name: [*below] for level, below in zip(levels, [*levels[1:], ""], strict=True) for name in level}
    with pytest.raises(Refused) as caught:
        whole(wide)
    assert caught.value.code == "too-many-tasks" and str(MOST) in caught.value.why


@given(st.dictionaries(st.sampled_from("abcde"), st.lists(st.sampled_from("abcdef"), max_size=2), min_size=1))
@settings(max_examples=60, deadline=None)
def test_whatever_calls_whatever_it_ends_and_its_order_has_no_circle(books: dict[str, list[str]]) -> None:
    first = min(books)
    try:
        tasks = whole(books, first)
    except Refused as error:
        assert error.code in ("playbook-cycle", "too-deep", "too-many-tasks")
        return
    done: set[int] = set()
    for _ in tasks:
        done |= {place for place, each in enumerate(tasks) if set(each.after) <= done}
    assert done == set(range(len(tasks))), "everything can be done, one after the other"
    assert all(each.under is None or each.under < place for place, each in enumerate(tasks))
