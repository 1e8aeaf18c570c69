"""When a person is asked before a list goes out."""

from __future__ import annotations

from collections.abc import Iterator

from kouprey.protect.model import Ask, Limits, Trial

FEW = 20
"""Entries that may come whatever their part of the last release: of a short list every part is large."""


def asks(limits: Limits, before: int | None, added: int, trial: Trial) -> tuple[Ask, ...]:
    """Why a person is asked. `before` is how many the last release has, None when there is none.

    Only what comes is asked about. What goes was taken back, is over, is not for us any more or is spared by our own
    people: to keep blocking it until somebody has time would be the worse mistake.
    """
    return tuple(_asks(limits, before, added, trial))


def _asks(limits: Limits, before: int | None, added: int, trial: Trial) -> Iterator[Ask]:
    if before is None:
        yield Ask.FIRST
    elif added > max(FEW, before * limits.growth // 100):
        yield Ask.GROWTH
    if trial.new_events > limits.canary:
        yield Ask.CANARY


def next_serial(before: int, second: int) -> int:
    """A number that only grows, also on a node that was restored from a backup: the second, as zones may have it."""
    return max(before + 1, second)
