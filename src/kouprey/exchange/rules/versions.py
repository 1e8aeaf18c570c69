"""What a body is to those already kept, and who may give an object a new version."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from kouprey.exchange.model import Verdict
from kouprey.kernel.words.decision import Decision, Reason
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.safejson import canonical, decode


def classify(existing_bodies: Sequence[bytes], raw: bytes, observable: bool) -> Verdict:
    """What the body `raw` is to all the bodies kept for its version.

    `new`: none is kept. `repeat`: equal, byte for byte or as parsed JSON, to any of them. Otherwise `conflict`, or
    for an observable, whose id alone is its version, `variant`. Bodies have passed `read_object`.
    """
    if not existing_bodies:
        return "new"
    if raw in existing_bodies:
        return "repeat"
    mine = canonical(decode(raw))
    if any(canonical(decode(body)) == mine for body in existing_bodies):
        return "repeat"
    return "variant" if observable else "conflict"


def may_version(
    created_by: str | None,
    author_party: str,
    identities: Mapping[str, Collection[str]],
    *,
    stix_id: str = "",
    earlier_creators: Iterable[str | None] = (),
) -> Decision:
    """May `author_party` give this object its first or a new version?

    `identities`: for each party the STIX identity ids on its card. What one of these created is reserved to the
    party that lists it, and so is the identity object itself (`stix_id`). `earlier_creators` are those of versions
    already kept, so that leaving `created_by_ref` out, or changing it, frees nothing. An identity that two parties
    list is nobody's until people have cleared it up. Ids compare without regard to case.
    """
    claimed = {claim.lower() for claim in (created_by, stix_id, *earlier_creators) if claim}
    owners = {
        party: listed
        for party, cards in identities.items()
        if (listed := claimed.intersection(identity.lower() for identity in cards))
    }
    others = sorted(party for party in owners if party != author_party)
    if not others:
        return Decision(True, (Reason("may-version", f"No other party has reserved it to itself ({author_party})."),))
    if owners.get(author_party, frozenset()) & frozenset().union(*(owners[party] for party in others)):
        return Decision(
            False,
            (Reason("disputed-author", f"{author_party} and {', '.join(others)} list the same identity as theirs."),),
        )
    return Decision(
        False, (Reason("reserved-author", f"New versions of this object are reserved to {', '.join(others)}."),)
    )


def released(allowed: Sequence[Label], owner: str) -> Label:
    """The label under which we give a thing: what all labels that allow it have in common, never looser than any.

    `allowed` has at least one label. Levels are the strictest, duties add up, and purposes and recipients are those
    named by all that name any. Owner and agreement follow from our lane.
    """
    sealed = _common(label.sealed_to for label in allowed)
    if not sealed and any(label.sealed_to for label in allowed):
        # Nobody is named by all of them: then it is for nobody but us.
        sealed = (owner,)
    return Label(
        owner=owner,
        tlp=max(label.tlp for label in allowed),
        pap=max(label.pap for label in allowed),
        kind=max(allowed, key=lambda label: (label.tlp, label.kind)).kind,
        purposes=_common(label.purposes for label in allowed),
        handling=_union(label.handling for label in allowed),
        sealed_to=sealed,
        concerned=_union(label.concerned for label in allowed),
        not_before=max(label.not_before for label in allowed),
        exercise=allowed[0].exercise,
    )


def _union(named: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted({word for words in named for word in words}))


def _common(named: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """The words in all sets that are not empty: an empty set restricts nothing."""
    sets = [set(words) for words in named if words]
    return tuple(sorted(set.intersection(*sets))) if sets else ()
