"""Weighing: who says what of an object, what others say about it, and what all of it is worth now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kouprey.exchange.model import OBSERVABLE_TYPES, ObjectView, ObservableView, VersionView
from kouprey.exchange.model.weighing import Alike, Assertion, Comment, Evidence, ValueWorth, Weighed
from kouprey.exchange.rules.assertions import assertions_of, stated_confidence
from kouprey.exchange.rules.fading import fading_of, fading_of_kind
from kouprey.exchange.rules.weighing import assess, course, sighted_at, voices_of
from kouprey.exchange.service.reading import Reading
from kouprey.exchange.store import graph, merging, views
from kouprey.exchange.store import weighing as rows
from kouprey.exchange.store.weighing import Ending
from kouprey.exchange.wire.comments import comment_text, count_of, instant_of, opinion_of
from kouprey.exchange.wire.observables import observables_in
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import SECOND, Instant

MOST_COMMENTS = 250
"""Sightings, notes and opinions that one answer weighs, the last taken in."""
MOST_STATING = 20
"""Objects that state a value, over which it is weighed, the newest."""
SOON = 7 * 86_400 * SECOND


class Weighing(Reading):
    """Verbs that weigh; everything is computed when it is read, over what the reader sees and nothing else."""

    def weigh(self, who: Reader, found: ObjectView) -> Weighed:
        """What is said about an object that `who` was shown, and what it is worth to him now."""
        eyes = self._eyes(who)
        with self._store.read() as reader:
            group, merges = merging.group_of(reader, eyes, found.stix_id)
            said = rows.list_comments(reader, eyes, group, MOST_COMMENTS + 1)
            others = [each for each in group if each != found.stix_id]
            names = graph.list_names(reader, eyes, others)
        # One that speaks of two merged objects is still one.
        comments = tuple(map(_comment, {each.stix_id: each for each in said[:MOST_COMMENTS]}.values()))
        values = [_value(body.raw) for body in found.newest.bodies]
        named = (each.kind for each in observables_in(_value(found.newest.served.raw)))
        evidence = _evidence(fading_of(found.type, named), [found.newest], found.versions, comments)
        return Weighed(
            assertions=self._assertions(found.newest, values),
            comments=comments,
            more=len(said) > MOST_COMMENTS,
            assessment=assess(evidence, eyes.now),
            course=course(evidence, eyes.now),
            merges=tuple(merges),
            same=tuple(Alike(stix_id=each, title=names[each][1]) for each in others if each in names),
        )

    def weigh_observable(self, who: Reader, view: ObservableView) -> ValueWorth | None:
        """What a value is worth: over the objects that state it, those the view shows; None when none does.

        What only mentions a value, such as a report, states nothing of it.
        """
        ids = [o.stix_id for o in view.occurrences if o.type == "indicator" or o.type in OBSERVABLE_TYPES]
        if not ids:
            return None
        eyes = self._eyes(who)
        with self._store.read() as reader:
            newest = [seen[0] for each in ids[:MOST_STATING] if (seen := views.list_versions(reader, eyes, each))]
            versions = views.show_versions(reader, eyes, newest)
            said = rows.list_comments(reader, eyes, ids[:MOST_STATING], MOST_COMMENTS)
        comments = tuple(map(_comment, {each.stix_id: each for each in said}.values()))
        evidence = _evidence(fading_of_kind(view.observable.kind), versions, versions, comments)
        return ValueWorth(assess(evidence, eyes.now), course(evidence, eyes.now), comments)

    def list_ending(self, who: Reader, limit: int = 10) -> list[Ending]:
        """What ends within seven days by its author's word, the next first."""
        eyes = self._eyes(who)
        with self._store.read() as reader:
            return rows.list_ending(reader, eyes, eyes.now + SOON, limit)

    def _assertions(self, version: VersionView, values: list[Mapping[str, Any]]) -> tuple[Assertion, ...]:
        owners = {stix_id.lower(): party for stix_id, party in self._people.list_identities().items()}
        return assertions_of(version, values, owners)


def _evidence(
    fading: str, newest: Sequence[VersionView], versions: Sequence[VersionView], comments: Sequence[Comment]
) -> Evidence:
    """Over the newest version of each object, and all versions in which it was asserted."""
    stated = (stated_confidence(_value(body.raw)) for version in newest for body in version.bodies)
    ends = [instant_of(_value(version.served.raw), "valid_until") for version in newest]
    return Evidence(
        fading=fading,
        stated=tuple(each for each in stated if each is not None),
        said=tuple(
            _believed(version.instant, said.received_at)
            for version in versions
            for body in version.bodies
            for said in body.assertions
        ),
        sighted=sighted_at(comments),
        voices=voices_of(comments),
        # Of several objects it holds as long as one says that it does.
        until=max(ends, default=0) if all(ends) else 0,
        revoked=all(version.served.revoked for version in newest),
    )


def _believed(stated: Instant, received_at: Instant) -> Instant:
    """A remote clock makes nothing younger than our own receipt of it; that it is older is believed."""
    return min(stated, received_at) if stated > 0 else received_at


def _comment(row: rows.Comment) -> Comment:
    value = _value(row.raw)
    sighting = row.type == "sighting"
    return Comment(
        kind=row.type,  # type: ignore[arg-type]  # the query asks for these three
        stix_id=row.stix_id,
        target=row.target,
        at=_believed(row.instant, row.received_at),
        received_at=row.received_at,
        created_by=row.created_by,
        sources=row.sources,
        text=comment_text(value),
        opinion="" if sighting else opinion_of(value),
        times=count_of(value) if sighting else 0,
        first_seen=instant_of(value, "first_seen"),
        last_seen=instant_of(value, "last_seen"),
    )


def _value(raw: bytes) -> Mapping[str, Any]:
    value = decode(raw)
    return value if isinstance(value, dict) else {}
