"""How two JSON values differ, property by property, such that the differences turn the one into the other."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

from kouprey.exchange.model.weighing import Change, Place
from kouprey.kernel.words.safejson import canonical

_MOST_ITEMS = 2_000
"""Items up to which two lists are compared one by one: the time that takes grows with the square."""
_DEEPEST = 20


def diff(a: Any, b: Any) -> list[Change]:
    """The changes that make `b` of `a`, in the order in which `apply` wants them; none when they are the same JSON.

    Items of lists are named by their number: of `a` where they are removed, else of `b`.
    """
    return list(_diff(a, b, ()))


def apply(changes: Sequence[Change], value: Any) -> Any:
    """`value` with the changes made: `apply(diff(a, b), a)` is `b`."""
    made = copy.deepcopy(value)
    for change in changes:
        if not change.place:
            made = copy.deepcopy(change.after)
            continue
        inside = made
        for step in change.place[:-1]:
            inside = inside[step]
        last = change.place[-1]
        if change.kind == "removed":
            del inside[last]
        elif change.kind == "added" and isinstance(inside, list):
            inside.insert(int(last), copy.deepcopy(change.after))
        else:
            inside[last] = copy.deepcopy(change.after)
    return made


def _diff(a: Any, b: Any, place: Place) -> Iterator[Change]:
    if canonical(a) == canonical(b):
        return
    if len(place) < _DEEPEST and isinstance(a, dict) and isinstance(b, dict):
        yield from _of_objects(a, b, place)
    elif len(place) < _DEEPEST and isinstance(a, list) and isinstance(b, list) and len(a) + len(b) <= _MOST_ITEMS:
        yield from _of_lists(a, b, place)
    else:
        yield Change(place, "changed", a, b)


def _of_objects(a: dict[str, Any], b: dict[str, Any], place: Place) -> Iterator[Change]:
    for key in sorted(a.keys() | b.keys()):
        if key not in b:
            yield Change((*place, key), "removed", a[key], None)
        elif key not in a:
            yield Change((*place, key), "added", None, b[key])
        else:
            yield from _diff(a[key], b[key], (*place, key))


def _of_lists(a: list[Any], b: list[Any], place: Place) -> Iterator[Change]:
    """Removals from the end, so that numbers before stay; then additions from the beginning; then what changed."""
    steps = SequenceMatcher(None, [*map(canonical, a)], [*map(canonical, b)], autojunk=False).get_opcodes()
    # As many for as many are taken for the same items, changed.
    pairs = [step for step in steps if step[0] == "replace" and step[2] - step[1] == step[4] - step[3]]
    others = [step for step in steps if step[0] != "equal" and step not in pairs]
    for _, begin, end, _, _ in reversed(others):
        yield from (Change((*place, at), "removed", a[at], None) for at in reversed(range(begin, end)))
    for _, _, _, begin, end in others:
        yield from (Change((*place, at), "added", None, b[at]) for at in range(begin, end))
    for _, begin, end, into, _ in pairs:
        for at in range(end - begin):
            yield from _diff(a[begin + at], b[into + at], (*place, into + at))
