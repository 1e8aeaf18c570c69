"""When sealed items go along: from whom a disclosure is asked, with what they tell of it, to those it was asked for."""

from __future__ import annotations

from collections.abc import Sequence

from kouprey.kernel.words.errors import Damaged, Refused
from kouprey.response.model import LEGAL_KINDS, HandOff, Side, Urgency, Verb, Wanted
from kouprey.response.model.sealed import SealedItem

CARRIES = (Verb.PROGRESS, Verb.REPORT)


def check_sealed(asked: HandOff, side: Side, verb: Verb, items: Sequence[SealedItem]) -> None:
    """Refused (`not-sealed-here`, `other-readers`) where these items do not go with that.

    What is sealed to a key that nobody asked for is for somebody of whom the request does not speak.
    """
    if not items:
        return
    if asked.kind != "disclose" or side is not Side.ASKED or verb not in CARRIES:
        raise Refused(
            "Sealed files do not go with this.",
            "They go with a report, or with how far it is, where a partner asks us to disclose.",
            "Say it without them.",
            code="not-sealed-here",
        )
    named = {each.key for each in asked.readers}
    strangers = {grant.to for item in items for grant in item.grants} - named
    if strangers:
        raise Refused(
            "A file is sealed to a key that the request does not name.",
            f"It is {sorted(strangers)[0][:20]}… ." if named else "The request names no keys.",
            "Seal it to the keys of the request, or ask back for them.",
            code="other-readers",
        )


def check_basis(wanted: Wanted) -> None:
    """Damaged (`no-basis`) without a legal basis. In an emergency the ground stands in for it until it is filed."""
    emergency = wanted.kind == "disclose" and wanted.urgency is Urgency.EMERGENCY
    if wanted.ground.strip() and not emergency:
        raise Damaged(
            "A ground stands in for the paper in an emergency alone.",
            "Only a disclosure that cannot wait is asked for before its paper.",
            "Name the legal basis, or ask to disclose as an emergency.",
            code="bad-ground",
        )
    if wanted.kind not in LEGAL_KINDS or wanted.basis.strip() or (emergency and wanted.ground.strip()):
        return
    raise Damaged(
        "The legal basis is missing.",
        "Nothing is preserved or disclosed without one.",
        "Name the instrument, the article and the reference of the central authority."
        + (" In an emergency, say what danger cannot wait." if emergency else ""),
        code="no-basis",
    )
