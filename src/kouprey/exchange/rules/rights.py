"""Which of the things said of a body let it be passed on, by the rights of those who said them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from kouprey.exchange.model.rights import SourceRight
from kouprey.kernel.words.decision import Reason
from kouprey.kernel.words.label import Label


class Passable(NamedTuple):
    """The labels under which it may be passed on, whom it is owed to, and the sources (numbers) that keep it inside."""

    labels: tuple[Label, ...]
    credits: tuple[str, ...]
    inside: tuple[int, ...]


def passable(said: Sequence[tuple[Label, int]], rights: Mapping[int, SourceRight]) -> Passable:
    """What is left of assertions (label, source) when the rights of their sources are heeded.

    Who keeps it inside does not bar what another source gave us too. Nobody has to be named as long as somebody gave it
    without asking for that.
    """
    freely: list[Label] = []
    named: list[Label] = []
    owed: set[str] = set()
    inside: list[int] = []
    for label, source in said:
        right = rights.get(source)
        if right is None or right.passing == "agreement":
            freely.append(label)
        elif right.passing == "attribution":
            named.append(label)
            owed.add(right.credit)
        else:
            inside.append(source)
    if freely:
        return Passable(tuple(freely), (), ())
    if named:
        return Passable(tuple(named), tuple(sorted(owed)), ())
    return Passable((), (), tuple(dict.fromkeys(inside)))


def keeps_inside(names: Sequence[str]) -> Reason:
    """Why something stays here: every source of it says so. `names` are those of which the reader may learn."""
    listed = ", ".join(f"“{name}”" for name in names)
    if not names:
        return Reason("source-right", "Every source of it lets it be used inside our own party only.")
    text = (
        f"It came from {listed} alone, which may be used inside our own party only."
        " The page “Rights of sources” changes that."
    )
    return Reason("source-right", text)


def handling_for(owed: Sequence[str]) -> tuple[str, ...]:
    """The words of a label that name whom a thing is owed to."""
    return tuple(f"attribution: {credit}" for credit in owed)
