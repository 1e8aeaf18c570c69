"""Decisions of proceedings: who may open and keep a dossier, what a release needs, how sizes are padded, what stays."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from kouprey.kernel.words.errors import Damaged, Forbidden, Refused
from kouprey.kernel.words.time import Instant
from kouprey.people.model import Role
from kouprey.proceedings.model import STATED, Act, Hold, Item, Member, Part, Purpose

OPENS = frozenset({Role.LEGAL})
"""Roles of which one opens a dossier; whoever opens it is its first custodian."""
LEAST_BUCKET = 4_096
LONGEST = 2_000
"""Characters of a text."""


def bucket(size: int) -> int:
    """The size that `size` bytes are padded to: Padmé (Nikitin and others, 2019), at least 4 KiB.

    It tells the order of magnitude and little more, and adds at most 12 %.
    """
    if size <= LEAST_BUCKET:
        return LEAST_BUCKET
    exponent = size.bit_length() - 1
    free = exponent - exponent.bit_length()
    mask = (1 << free) - 1
    return (size + mask) & ~mask


def check_opens(roles: Collection[str]) -> None:
    """Forbidden (`role-missing`) for whoever may not open a dossier."""
    if OPENS.isdisjoint(roles):
        raise Forbidden(
            "You may not open a dossier.",
            "A legal officer opens one, and names who belongs to it.",
            "Ask a legal officer.",
            code="role-missing",
        )


def check_custodian(own: Member) -> None:
    """Forbidden (`not-custodian`) for whoever only reads."""
    if own.part is not Part.CUSTODIAN:
        raise Forbidden(
            "That is for a custodian of this dossier.",
            "You are one of its readers.",
            "Ask a custodian.",
            code="not-custodian",
        )


def check_leaves_custodian(members: Iterable[Member], person: str) -> None:
    """Refused (`last-custodian`) where nobody would keep the dossier."""
    others = [each for each in members if each.part is Part.CUSTODIAN and not each.until and each.person != person]
    if not others:
        raise Refused(
            "Nobody would keep this dossier.",
            "This is its only custodian.",
            "Name another custodian first.",
            code="last-custodian",
        )


def read_purpose(text: str) -> Purpose:
    """What something is released for; Damaged (`no-purpose`) for no such word."""
    try:
        return Purpose(text)
    except ValueError:
        raise Damaged(
            "It is not said what it is for.",
            "Nothing is released without a purpose.",
            f"Choose one of {', '.join(Purpose)}.",
            code="no-purpose",
        ) from None


def check_basis(basis: str, emergency: bool, ground: str) -> None:
    """Damaged (`no-basis`, `no-ground`) for a release that rests on nothing."""
    if emergency and not ground:
        raise Damaged(
            "An emergency needs a ground.",
            "Without a basis, it has to be said why it cannot wait for one.",
            "Say in a sentence what would be lost.",
            code="no-ground",
        )
    if not emergency and not basis:
        raise Damaged(
            "The legal basis is missing.",
            "Nothing is released without one, except in an emergency.",
            "Name the order or instrument and its reference; in an emergency say so, and file the basis later.",
            code="no-basis",
        )


def check_text(text: str, what: str) -> str:
    """A text that has to be there, stripped; Damaged (`no-text`, `too-long`)."""
    if not text.strip():
        raise Damaged(f"A text is missing: {what}.", remedy="Say it in a sentence.", code="no-text")
    if len(text) > LONGEST:
        raise Damaged(f"A text is too long: {what}.", f"{LONGEST:,} characters may be.", code="too-long")
    return text.strip()


def check_review(review: Instant, now: Instant) -> None:
    """Damaged (`bad-review`) for a date that is over."""
    if review <= now:
        raise Damaged(
            "The hold is to be looked at again on a day that is over.",
            remedy="Choose a later day.",
            code="bad-review",
        )


def check_not_held(holds: Iterable[Hold]) -> None:
    """Refused (`held`) where something must stay: a hold beats every erasure and every retention."""
    for hold in holds:
        raise Refused(
            "This is under a legal hold, so it stays.",
            f"{hold.why} ({hold.id})",
            "Lift the hold first, if it may be.",
            code="held",
            detail={"hold": hold.id},
        )


def check_there(item: Item) -> None:
    """Refused (`disposed`) for an item of which only the proof is left."""
    if item.disposed_at:
        raise Refused(
            "This item was disposed of.",
            "Its content is gone; what happened to it stays on record.",
            code="disposed",
        )


def stated(text: str) -> Act:
    """An act that a person states; Damaged (`bad-act`) for any other word."""
    found = next((each for each in STATED if each == text), None)
    if found is None:
        raise Damaged("There is no such act.", remedy=f"Choose one of {', '.join(STATED)}.", code="bad-act")
    return found
