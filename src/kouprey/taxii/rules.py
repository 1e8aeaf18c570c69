"""Decisions of the TAXII view: what a request means together with its cursor, and which STIX a body is."""

from __future__ import annotations

from typing import Literal

import msgspec

from kouprey.exchange.model import OBSERVABLE_TYPES
from kouprey.kernel.words.errors import Unreachable
from kouprey.kernel.words.time import Instant
from kouprey.taxii.model import Cursor, Match, Query


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
