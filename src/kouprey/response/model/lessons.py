"""Nouns of what is learnt from a case: a draft made of its times and tasks, and what is recommended."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kouprey.response.model.cases import Item

LESSON = "lesson"
"""The origin of a task that somebody recommended after the case."""


class Took(msgspec.Struct, frozen=True, kw_only=True):
    """A span of the case beside those of its class: in seconds, over how many other cases, and half of them within."""

    span: str
    seconds: int
    cases: int
    half: int


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What the times and tasks of a case say by themselves; people say the rest.

    `quick` and `slow` are spans at most, and more than, half of the cases of the class took; `alone` are those with
    nothing to compare. `unknown` names spans of which a time is missing. Tasks by their titles.
    """

    quick: Sequence[Took] = ()
    slow: Sequence[Took] = ()
    alone: Sequence[Took] = ()
    unknown: Sequence[str] = ()
    in_time: Sequence[str] = ()
    late: Sequence[str] = ()
    open: Sequence[str] = ()
    done: int = 0
    tasks: int = 0


class Learnt(msgspec.Struct, frozen=True, kw_only=True):
    """What was kept: the newest text ("" for none yet), and what is recommended."""

    text: str
    recommended: Sequence[Item]
