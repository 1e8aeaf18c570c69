"""What would have to change so that something barred is allowed, and who decides that."""

from __future__ import annotations

from collections.abc import Sequence

from kouprey.agreements.model import CLAUSES, Narrowing, Standing
from kouprey.kernel.words.label import Label


def lower(label: Label, home: str, level: str, released_from: str = "") -> str:
    """Another marking on the thing itself; `level` as it is written, `TLP:AMBER`.

    `released_from` is the lowest level that persons have to release (clause 13) and that this way leads to.
    """
    if label.owner == home and not label.agreement:
        way = (
            f"Mark it {level} or lower: whoever may write at {home} decides that, by editing it or by importing it"
            " again with that marking."
        )
        return _way(f"{way} From {released_from} up clause 13 then asks for its release." if released_from else way)
    return _way(f"Have it marked {level} or lower: only {label.owner}, who gave it, decides that.")


def loosen(standing: Standing, clause: str) -> str:
    """A looser clause in a new version."""
    return _way(
        f"Loosen clause {CLAUSES[clause]} of “{standing.title}”: whoever may sign agreements drafts a new version, and"
        f" all its parties sign it ({_all(standing)})."
    )


def loosen_again(standing: Standing, said: Narrowing, clause: str) -> str:
    """What a party has tightened alone it cannot loosen alone."""
    return _way(
        f"Loosen clause {CLAUSES[clause]} of “{standing.title}” again: {said.party} tightened it alone, but loosening"
        f" needs a new version that all its parties sign ({_all(standing)})."
    )


def seal(label: Label, party: str) -> str:
    """What is for named recipients only."""
    return _way(f"Seal it to {party} by name: only {label.owner} decides that.")


def own_purpose(label: Label) -> str:
    """Purposes that the thing itself names."""
    return _way(f"Have it marked for another purpose: only {label.owner} decides that.")


def sign(standing: Standing) -> str:
    """Signatures are missing."""
    return _way(f"All its parties sign it: {_all(standing)}.")


def resume(names: Sequence[str]) -> str:
    """Only who suspended it resumes it."""
    return _way(f"It is resumed: only {', '.join(names)} can do that.")


def renew(standing: Standing) -> str:
    """What is over begins again with a new version."""
    return _way(f"A new version with a later last day, which all its parties sign ({_all(standing)}).")


def join_again(names: Sequence[str]) -> str:
    """Leaving cannot be taken back."""
    return _way(f"A new agreement that {', '.join(names)} signs: leaving cannot be taken back.")


def release(persons: int, role: str) -> str:
    """Persons have to release it."""
    return _way(f"It is released: {persons} of {role} here decide that, one by one, when it is published.")


def given_by_owner(label: Label) -> str:
    """What others gave us they may give to anybody themselves."""
    return _way(f"{label.owner}, who gave it to us, gives it to them itself: only {label.owner} decides that.")


def agree(party: str) -> str:
    """There is nothing between the two yet."""
    return _way(f"An agreement that we and {party} sign: whoever may sign agreements drafts it.")


def wait(time: str) -> str:
    """It passes by itself."""
    return _way(f"Nothing: from {time} on it is allowed by itself.")


def clear() -> str:
    """The reader is not cleared."""
    return _way("A higher clearance of the reader: whoever lets people in at that node decides that.")


def _all(standing: Standing) -> str:
    return ", ".join(standing.parties)


def _way(text: str) -> str:
    """Marks a sentence for translation; it is told anew where it is shown."""
    return text
