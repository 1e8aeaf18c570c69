"""What is stricter than what: tightening by one party, and the difference between two versions."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from kouprey.agreements.model import REFERENCES, Change, Document, Narrowing, Onward, Terms, Way
from kouprey.kernel.words.time import FOREVER, Instant, parse_instant
from kouprey.kernel.words.tlp import parse_pap, parse_tlp

ONWARD = [str(each) for each in Onward]
"""From the strictest on."""


def tighten(terms: Terms, said: Narrowing) -> Terms:
    """The terms with what a party has narrowed: never looser than either, clause by clause."""
    return msgspec.structs.replace(
        terms,
        tlp_ceiling=min(terms.tlp_ceiling, said.tlp_ceiling or terms.tlp_ceiling, key=parse_tlp),
        pap_ceiling=min(terms.pap_ceiling, said.pap_ceiling or terms.pap_ceiling, key=parse_pap),
        onward=min(terms.onward, said.onward or terms.onward, key=ONWARD.index),
        types=terms.types if said.types is None else tuple(word for word in terms.types if word in said.types),
        purposes=terms.purposes
        if said.purposes is None
        else tuple(word for word in terms.purposes if word in said.purposes),
    )


def effective(terms: Terms, narrowed: Iterable[Narrowing]) -> Terms:
    """The strictest of a document's terms and these narrowings."""
    for said in narrowed:
        terms = tighten(terms, said)
    return terms


def loosened_by(before: Narrowing, after: Narrowing) -> list[str]:
    """Clauses in which `after` is looser than what the same party had said before; it may only tighten."""
    found = []
    for name, order in (("tlp_ceiling", parse_tlp), ("pap_ceiling", parse_pap), ("onward", ONWARD.index)):
        held, now = getattr(before, name), getattr(after, name)
        if held and (not now or order(now) > order(held)):
            found.append(name)
    for name in ("types", "purposes", "parties"):
        held, now = getattr(before, name), getattr(after, name)
        if held is not None and (now is None or not set(now) <= set(held)):
            found.append(name)
    return found


def compare(old: Document, new: Document) -> list[Change]:
    """The clauses in which two versions differ, in order, and which way each moved."""
    return [Change(clause, way) for clause, way in _ways(old, new).items() if way is not None]


def _ways(old: Document, new: Document) -> dict[str, Way | None]:
    was, now = old.terms, new.terms
    return {
        "parties": _parties(old, new),
        "tlp_ceiling": _order(parse_tlp(was.tlp_ceiling), parse_tlp(now.tlp_ceiling)),
        "types": _sets(was.types, now.types),
        "purposes": _sets(was.purposes, now.purposes),
        "onward": _order(ONWARD.index(was.onward), ONWARD.index(now.onward)),
        "retention_days": _order(was.retention_days, now.retention_days),
        "erasure_days": _order(was.erasure_days, now.erasure_days),
        "quotas": _all_of(*zip(msgspec.structs.astuple(was.quotas), msgspec.structs.astuple(now.quotas), strict=True)),
        "dates": _dates(old, new),
        "pap_ceiling": _order(parse_pap(was.pap_ceiling), parse_pap(now.pap_ceiling)),
        "references": _order(-REFERENCES.index(was.references), -REFERENCES.index(now.references)),
        # Each rule bars: more of them is stricter.
        "approvals": _sets(map(repr, now.approvals), map(repr, was.approvals)),
        "emergency": _emergency(was, now),
        "handoffs": _sets(map(repr, was.handoffs), map(repr, now.handoffs)),
        "duties": _other(was.duties, now.duties),
        "targets": _other(was.targets, now.targets),
        "leaving_days": _other(was.leaving_days, now.leaving_days),
        "groups": _other(old.groups, new.groups),
        "title": _other(old.title, new.title),
        "text": _other(old.text, new.text),
    }


def _order(was: float, now: float) -> Way | None:
    return None if was == now else Way.TIGHTENED if now < was else Way.LOOSENED


def _sets(was: Iterable[str], now: Iterable[str]) -> Way | None:
    before, after = set(was), set(now)
    if before == after:
        return None
    return Way.TIGHTENED if after < before else Way.LOOSENED if after > before else Way.CHANGED


def _all_of(*pairs: tuple[float, float]) -> Way | None:
    ways = {_order(was, now) for was, now in pairs} - {None}
    return Way.CHANGED if len(ways) > 1 else next(iter(ways), None)


def _other(was: object, now: object) -> Way | None:
    return None if was == now else Way.CHANGED


def _parties(old: Document, new: Document) -> Way | None:
    return _sets((each.id for each in old.parties), (each.id for each in new.parties)) or _other(
        sorted(old.parties, key=_id), sorted(new.parties, key=_id)
    )


def _id(party: object) -> str:
    return str(getattr(party, "id", ""))


def _dates(old: Document, new: Document) -> Way | None:
    ends = _order(_end(old), _end(new))
    return ends or _other((old.starts, old.overlap_s), (new.starts, new.overlap_s))


def _end(document: Document) -> Instant:
    return parse_instant(document.ends) if document.ends else FOREVER


def _emergency(was: Terms, now: Terms) -> Way | None:
    lanes = [parse_tlp(each.emergency.tlp) if each.emergency.tlp else -1 for each in (was, now)]
    return _order(*lanes) or (_other(was.emergency, now.emergency) if lanes[0] != -1 else None)
