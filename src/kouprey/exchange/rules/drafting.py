"""From what a person has filled in to a STIX object, and back again for the next version of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kouprey.exchange.model.writing import KINDS, Draft, Kind, Problem
from kouprey.exchange.rules.making import MARKING, stamp
from kouprey.exchange.rules.vocabularies import INDICATOR_TYPE, REPORT_TYPE
from kouprey.exchange.rules.wording import PLACE, Words, put_together, take_apart
from kouprey.kernel.words.time import Instant, parse_instant
from kouprey.kernel.words.tlp import STIX_MARKINGS, TLP

LONGEST_NAME = 250
LONGEST_TEXT = 10_000
MOST_VALUES = 200
MOST_LINKS = 200
MOST_TIMES = 1_000_000

KILL_CHAIN = "lockheed-martin-cyber-kill-chain"
PHASES = (
    "reconnaissance",
    "weaponization",
    "delivery",
    "exploitation",
    "installation",
    "command-and-control",
    "actions-on-objectives",
)
"""In the order in which an attack goes through them."""

INDICATED = frozenset(
    {"attack-pattern", "campaign", "infrastructure", "intrusion-set", "malware", "threat-actor", "tool"}
)
"""STIX 2.1 section 4.7: what an indicator may indicate."""

TYPES: Mapping[str, frozenset[str]] = {"indicator": INDICATOR_TYPE, "report": REPORT_TYPE}
_MILLISECOND = 1_000


def problems_of(draft: Draft, *, now: Instant, again: bool = False) -> Iterator[Problem]:
    """What is wrong with a draft in itself, whatever this node holds; values and patterns are judged elsewhere.

    Without a beginning an indicator begins `now`. `again`: it is the next version of something, which stays about what
    it was about.
    """
    for name in ("what", "why", "action"):
        if len(getattr(draft, name)) > LONGEST_TEXT:
            yield Problem(
                field=name,
                code="too-long",
                what="The text is too long.",
                why=f"At most {LONGEST_TEXT:,} characters are kept.",
                remedy="Say the main thing first, and put the rest into a report.",
            )
    if len(draft.name) > LONGEST_NAME:
        yield Problem(
            field="name", code="too-long", what="The name is too long.", why=f"At most {LONGEST_NAME} characters."
        )
    if len(draft.links) > MOST_LINKS:
        yield Problem(
            field="links", code="too-many", what="These are too many objects.", why=f"At most {MOST_LINKS} are named."
        )
    if unknown := [each for each in draft.types if each not in TYPES.get(draft.kind, frozenset())]:
        yield Problem(
            field="types",
            code="unknown-type",
            what=f"{unknown[0][:60]!r} is no type of this kind of object.",
            remedy="Choose from the list.",
        )
    if draft.phase and draft.phase not in PHASES:
        yield Problem(field="phase", code="unknown-phase", what="There is no such phase.", remedy="Choose one of them.")
    if draft.confidence is not None and not 0 <= draft.confidence <= 100:
        yield Problem(field="confidence", code="bad-confidence", what="Confidence is a number from 0 to 100.")
    yield from _wrong_for_its_kind(draft, now, again)


def _wrong_for_its_kind(draft: Draft, now: Instant, again: bool) -> Iterator[Problem]:
    begins = now if draft.since is None else draft.since
    backwards = draft.until is not None and stamp(begins) >= stamp(draft.until)
    if draft.kind == "report" and not draft.name.strip():
        yield Problem(
            field="name",
            code="no-name",
            what="The report has no name.",
            why="People find it again by its name.",
            remedy="Say in a few words what happened.",
        )
    if draft.kind == "indicator" and backwards:
        yield Problem(
            field="until",
            code="bad-times",
            what="It would end before it begins.",
            remedy="Choose a later end, or leave it open.",
        )
    if draft.kind == "sighting":
        if draft.since is not None and draft.until is not None and draft.since > draft.until:
            yield Problem(field="until", code="bad-times", what="It was last seen before it was first seen.")
        if not 0 <= draft.count <= MOST_TIMES:
            yield Problem(
                field="count",
                code="bad-count",
                what="Write how often it was seen as a whole number from 0 to 1,000,000; 0 if you looked in vain.",
            )
    if draft.kind in ("sighting", "note") and len(draft.links) != 1 and not again:
        yield Problem(
            field="links",
            code="no-target",
            what="It is about nothing yet." if not draft.links else "It can be about one object only.",
            remedy="Find the object, and choose it.",
        )
    if draft.kind == "note" and not draft.what.strip():
        yield Problem(
            field="what",
            code="no-text",
            what="The note is empty.",
            remedy="Write what others should know about the object.",
        )


def said_by(draft: Draft, *, pattern: str, author: str, now: Instant) -> dict[str, Any]:
    """The properties of its own that an object of this draft has; what is empty is not among them."""
    text = put_together(
        Words(draft.what.strip(), draft.why.strip(), draft.action.strip())
        if draft.kind != "sighting"
        else Words(draft.why.strip(), "", draft.action.strip())
    )
    said: dict[str, Any] = {PLACE.get(draft.kind, "description"): text}
    if draft.confidence is not None:
        said["confidence"] = draft.confidence
    said |= _OWN[draft.kind](draft, pattern, author, now)
    return {name: value for name, value in said.items() if value not in ("", [])}


def _indicator(draft: Draft, pattern: str, author: str, now: Instant) -> dict[str, Any]:
    return {
        "name": draft.name.strip(),
        "indicator_types": list(draft.types),
        "pattern": pattern,
        "pattern_type": "stix",
        "valid_from": stamp(draft.since if draft.since is not None else now),
        "valid_until": _moment(draft.until),
        "kill_chain_phases": [{"kill_chain_name": KILL_CHAIN, "phase_name": draft.phase}] if draft.phase else [],
    }


def _report(draft: Draft, pattern: str, author: str, now: Instant) -> dict[str, Any]:
    return {
        "name": draft.name.strip(),
        "report_types": list(draft.types),
        "published": stamp(draft.since if draft.since is not None else now),
        # A report must refer to something; where it names nothing, to whoever reports.
        "object_refs": list(draft.links) or [author],
    }


def _sighting(draft: Draft, pattern: str, author: str, now: Instant) -> dict[str, Any]:
    return {
        "count": draft.count,
        "first_seen": _moment(draft.since),
        "last_seen": _moment(draft.until),
        "sighting_of_ref": draft.links[0] if draft.links else "",
        "where_sighted_refs": [author],
    }


def _note(draft: Draft, pattern: str, author: str, now: Instant) -> dict[str, Any]:
    return {"abstract": draft.name.strip(), "object_refs": list(draft.links)}


_OWN = {"indicator": _indicator, "report": _report, "sighting": _sighting, "note": _note}
_WRITABLE: Mapping[str, tuple[str, ...]] = {
    "indicator": ("description", "name", "indicator_types", "valid_until", "kill_chain_phases"),
    "report": ("description", "name", "report_types"),
    "sighting": ("description", "count", "first_seen", "last_seen"),
    "note": ("content", "abstract"),
}
"""What an empty field takes out of a version; everything else a form does not speak of stays as it was."""


_FIXED = frozenset({"where_sighted_refs", "sighting_of_ref", "pattern_type"})
"""What stays with an object as it was when it was made."""
_TIMES = frozenset({"valid_from", "valid_until", "published", "first_seen", "last_seen"})


def first_body(draft: Draft, said: Mapping[str, Any], *, stix_id: str, author: str, now: Instant) -> dict[str, Any]:
    """A new object."""
    return {
        "type": draft.kind,
        "spec_version": "2.1",
        "id": stix_id,
        "created_by_ref": author,
        "created": stamp(now),
        "modified": stamp(now),
        **said,
        "object_marking_refs": [MARKING[draft.tlp]],
    }


def next_body(before: Mapping[str, Any], draft: Draft, said: Mapping[str, Any], now: Instant) -> dict[str, Any]:
    """The next version of an object: what the form does not know of is kept, statements among the markings too."""
    said = {name: _as_before(before, name, value) for name, value in said.items() if name not in _FIXED}
    cleared = {name for name in (*_WRITABLE[draft.kind], "confidence") if name not in said}
    if phases := [each for each in _phases(before) if each.get("kill_chain_name") != KILL_CHAIN]:
        # Phases of other chains, as of ATT&CK, are not for this form to take away.
        said = {**said, "kill_chain_phases": [*said.get("kill_chain_phases", []), *phases]}
        cleared.discard("kill_chain_phases")
    kept = {name: value for name, value in before.items() if name not in cleared}
    return kept | dict(said) | {"modified": later(before, now), "object_marking_refs": _marked(before, draft.tlp)}


def later(before: Mapping[str, Any], now: Instant) -> str:
    """The `modified` of the next version: now, and in any case after the one before."""
    return stamp(max(now, parse_instant(str(before["modified"])) + _MILLISECOND))


def draft_of(body: Mapping[str, Any], *, tlp: TLP) -> Draft:
    """What a form shows of an object that stands; its pattern is given as it is written."""
    kind: Kind = next(each for each in KINDS if each == body["type"])
    words = take_apart(body)
    refs = [body["sighting_of_ref"]] if kind == "sighting" else body.get("object_refs", [])
    if kind == "report" and refs == [body.get("created_by_ref")]:
        refs = []
    confidence = body.get("confidence")
    return Draft(
        kind=kind,
        name=str(body.get("abstract" if kind == "note" else "name", "")),
        what=words.what,
        why=words.why,
        action=words.action,
        pattern=str(body.get("pattern", "")),
        types=tuple(map(str, body.get(f"{kind}_types", ()))),
        phase=next(
            (str(each.get("phase_name")) for each in _phases(body) if each.get("kill_chain_name") == KILL_CHAIN), ""
        ),
        links=tuple(map(str, refs)) if kind != "indicator" else (),
        confidence=confidence if type(confidence) is int else None,
        since=_instant(body, {"indicator": "valid_from", "report": "published", "sighting": "first_seen"}.get(kind)),
        until=_instant(body, {"indicator": "valid_until", "sighting": "last_seen"}.get(kind)),
        count=int(body.get("count", 1)),
        tlp=tlp,
    )


def _phases(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    given = body.get("kill_chain_phases")
    return [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []


def _marked(before: Mapping[str, Any], tlp: TLP) -> list[str]:
    given: Sequence[Any] = before.get("object_marking_refs", ())
    return [MARKING[tlp], *(str(each) for each in given if str(each).lower() not in STIX_MARKINGS)]


def _as_before(before: Mapping[str, Any], name: str, value: Any) -> Any:
    """A time that is still the same keeps its digits, so that only what was changed is a change."""
    old = before.get(name)
    if name in _TIMES and isinstance(old, str) and stamp(parse_instant(old)) == value:
        return old
    return value


def _moment(instant: Instant | None) -> str:
    return "" if instant is None else stamp(instant)


def _instant(body: Mapping[str, Any], name: str | None) -> Instant | None:
    if name is None or not isinstance(body.get(name), str):
        return None
    return parse_instant(body[name])
