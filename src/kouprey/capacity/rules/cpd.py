"""Points of continuing education, as a dated rule gives them and a ceiling of the year cuts them."""

from __future__ import annotations

from collections.abc import Iterable

from kouprey.capacity.model import CpdEntry, CpdRule, CpdScheme


def entry(
    scheme: CpdScheme,
    rule: CpdRule,
    held: Iterable[CpdEntry],
    *,
    holder: str,
    activity: str,
    day: str,
    units: int,
    at: int,
) -> CpdEntry:
    """Points for so many units; those of the same rule in the year of `day` (ISO) count against its ceiling."""
    given = rule.points * units
    id_ = rule_id(scheme, rule)
    before = sum(each.counted for each in held if each.rule == id_ and each.day[:4] == day[:4])
    counted = given if not rule.ceiling else max(0, min(given, rule.ceiling - before))
    return CpdEntry(
        holder=holder,
        activity=activity,
        rule=id_,
        source=scheme.source,
        seen=scheme.seen,
        day=day,
        given=given,
        counted=counted,
        at=at,
    )


def rule_id(scheme: CpdScheme, rule: CpdRule) -> str:
    """The name under which a rule stands on records: scheme, version and rule."""
    return f"{scheme.id}/{scheme.version}/{rule.id}"


def per_year(entries: Iterable[CpdEntry]) -> dict[str, int]:
    """Year -> points that count, the newest year first."""
    found: dict[str, int] = {}
    for each in entries:
        found[each.day[:4]] = found.get(each.day[:4], 0) + each.counted
    return dict(sorted(found.items(), reverse=True))
