"""What follows from what an item says: its sort, what other cases are found by, and when it was."""

from __future__ import annotations

from kouprey.kernel.words.time import Instant
from kouprey.response.model.cases import Body, Evidence, Link, Moment, Seen, Sort


def sort_of(body: Body) -> Sort:
    """What sort of item a body makes."""
    return Sort(str(type(body).__struct_config__.tag))


def key_of(body: Body) -> str:
    """By what other cases are found that have the same in them, "" for nothing."""
    if isinstance(body, Seen):
        return f"{body.kind}:{body.text}"
    if isinstance(body, Evidence):
        return f"sha256:{body.sha256}"
    return f"{body.to}:{body.ref}" if isinstance(body, Link) else ""


def happened_at(body: Body, now: Instant) -> Instant:
    """When what an item tells was; `now` for what tells of no time."""
    moment = getattr(body, "moment", None)
    return moment.at if isinstance(moment, Moment) else now
