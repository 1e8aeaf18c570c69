"""Decisions of the TAXII door: what a request means, which STIX a body is, and what a client is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from typing import Literal

import msgspec

from kouprey.exchange.model import OBSERVABLE_TYPES, Arrival, Outcome
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Unreachable
from kouprey.kernel.words.time import SECOND, Instant
from kouprey.kernel.words.tlp import TLP
from kouprey.taxii.model import Cursor, Fate, Match, Query
from kouprey.taxii.model.pulling import Page, Place, Remote

LONGEST_PAUSE = 6 * 3_600 * SECOND
"""Between two tries of a source that fails, unless its own interval is longer."""


def settle(query: Query, cursor: Cursor | None, page_max: int) -> Cursor:
    """Where to begin, how many rows to give and which filters hold.

    A cursor is enough by itself, because clients send it without their filters or with a changed `added_after`. Its
    position always holds; a filter or limit that is sent beside it holds instead of the remembered one. So a later
    page is never wider than what was asked, and a client is never thrown back to the beginning.
    """
    if cursor is None:
        return Cursor(after=query.added_after or 0, limit=min(query.limit or page_max, page_max), match=query.match)
    sent, kept = query.match, cursor.match
    match = Match(
        ids=sent.ids or kept.ids,
        types=sent.types or kept.types,
        versions=sent.versions or kept.versions,
        specs=sent.specs or kept.specs,
    )
    return Cursor(after=cursor.after, limit=min(query.limit or cursor.limit, page_max), match=match)


def exchange_versions(match: Match) -> Literal["first", "last", "all"] | frozenset[Instant] | None:
    """The versions as the exchange selects them; None for a mixture of words and instants, which it does not know."""
    words = [each for each in match.versions if isinstance(each, str)]
    instants = frozenset(each for each in match.versions if isinstance(each, int))
    if not words:
        return instants or "last"
    if instants or len(words) > 1:
        return None
    return "first" if words == ["first"] else "all" if words == ["all"] else "last"


def told(match: Match) -> tuple[tuple[str, ...], str]:
    """What a client filters by: the types, and the rest in short, naming no object."""
    rest = [
        f"{len(match.ids)} ids" if match.ids else "",
        f"versions {', '.join(str(each) for each in match.versions if isinstance(each, str)) or 'by date'}"
        if match.versions
        else "",
        f"STIX {', '.join(match.specs)}" if match.specs else "",
    ]
    return match.types[:20], "; ".join(filter(None, rest))


def sees_figures(who: Reader) -> bool:
    """Whether somebody may learn how much a client was sent: that counts what bears labels, and bears none itself.

    As with the lines of the audit about intelligence, only our own people may who are cleared for everything.
    """
    return who.local and who.clearance is TLP.RED and not who.exercise


class _Spec(msgspec.Struct):
    type: str = ""
    spec_version: str = ""


_SPEC = msgspec.json.Decoder(_Spec)


def spec_of(raw: bytes) -> str:
    """The STIX version of an object's bytes.

    STIX 2.1 section 3.2: an object without `spec_version` is STIX 2.0, save an observable, which is 2.1.
    """
    try:
        head = _SPEC.decode(raw)
    except msgspec.ValidationError:
        # A spec_version that is no text says nothing.
        return "2.1"
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        # Left out, the client would never miss it; passed on, it would break the whole answer.
        raise Unreachable(
            "An object of this page is damaged in the database of the node.",
            str(error),
            "Ask the operator to run `kouprey doctor`; the same request works again when it is mended.",
            code="damaged-body",
        ) from error
    return head.spec_version or ("2.1" if head.type in OBSERVABLE_TYPES else "2.0")


UNREAD = {
    "bad-type": "It is no object. Every member of `objects` must be a STIX object.",
    "too-large": "The object is too long. Carry large content beside it and refer to it by hash.",
}
"""What is said of a member of an envelope that was not read, by the code of its problem."""


def unsupported(spec: str) -> str | None:
    """Why an object of this version of STIX is not taken from a client, or None."""
    if spec in ("2.0", "2.1"):
        return None
    return f"STIX {spec[:20]} is not known here. Send STIX 2.0 or 2.1."


def fates(arrivals: Sequence[Arrival], outcomes: Sequence[Outcome], seen_conflicts: Set[int]) -> Iterator[Fate]:
    """What a client is told of each of its objects: nothing of what it may not see."""
    for arrival, outcome in zip(arrivals, outcomes, strict=True):
        message = ""
        if outcome.error is not None:
            message = str(outcome.error)
        elif outcome.verdict == "conflict" and outcome.version_id in seen_conflicts:
            message = "Another body is held for this version. Both are kept; readers get the author's, else the first."
        yield Fate(
            stix_id=arrival.stix_id,
            version=arrival.version_text,
            refused=outcome.error is not None,
            message=message,
        )


def begin(remote: Remote, place: Place) -> Instant:
    """The date behind which a new walk begins: some way before what was reached, for what was filed late."""
    return max(remote.since, place.reached - remote.overlap, 0)


def move(page: Page, place: Place, now: Instant) -> Place:
    """Where a walk stands behind a page.

    Without `next` it goes on behind the last date, less one microsecond: others of the same date may not have come.
    At its end everything up to the last date it met is held. A date of the future is not taken for reached, since what
    is filed tomorrow would lie before it; asking again for what is held costs time and no object.
    """
    latest = max(place.latest, page.first, page.last)
    if not page.more:
        reached = max(place.reached, min(latest, now))
        return msgspec.structs.replace(place, after=0, next="", latest=0, reached=reached, failures=0)
    if page.next:
        return msgspec.structs.replace(place, next=page.next, latest=latest)
    after = max(place.after, page.last - 1) if page.last and page.first <= page.last else place.after
    return msgspec.structs.replace(place, after=after, next="", latest=latest)


def due(remote: Remote, place: Place, now: Instant, *, failed: bool, seconds: float = 0) -> Place:
    """When a source is asked again: at its interval, later and later while it fails, and not before it asked us to.

    One without an interval is asked when somebody says so.
    """
    failures = place.failures + 1 if failed else 0
    if not remote.every:
        return msgspec.structs.replace(place, failures=failures, due_at=0)
    pause = remote.every * 2 ** min(failures, 5) if failed else remote.every
    if failed:
        pause = max(remote.every, min(pause, LONGEST_PAUSE))
    wanted = max(pause, int(min(seconds, LONGEST_PAUSE / SECOND) * SECOND))
    return msgspec.structs.replace(place, failures=failures, due_at=now + wanted)
