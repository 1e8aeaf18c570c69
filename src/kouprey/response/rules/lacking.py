"""What a hand-off ought to rest on and does not: a legal basis that is owed, a clause in force that allows it."""

from __future__ import annotations

from collections.abc import Collection

from kouprey.response.model import Lack


def lacks(
    kind: str,
    agreement: str,
    *,
    basis_owed: bool,
    ended: bool,
    allowed: Collection[tuple[str, str]],
    paper: str = "",
) -> tuple[Lack, ...]:
    """What is missing below a hand-off of that kind, () for nothing.

    `allowed` are (agreement, kind) of every clause 15 that is in force now; without an agreement, `paper` is what the
    contact has signed. What has `ended` rested on what was in force then.
    """
    clause = ended or ((agreement, kind) in allowed if agreement else bool(paper.strip()))
    return (*((Lack.BASIS,) if basis_owed else ()), *(() if clause else (Lack.CLAUSE,)))
