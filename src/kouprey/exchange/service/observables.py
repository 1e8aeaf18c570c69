"""Looking observables up: one with everything known of it, or very many at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kouprey.exchange.model import Found, Observable, ObservableView, Occurrence, Pivot
from kouprey.exchange.rules.making import observable_object
from kouprey.exchange.service.reading import Reading
from kouprey.exchange.store import observables as rows
from kouprey.exchange.store.seeing import Eyes
from kouprey.exchange.wire.observables import canonical, observables_in, recognise, spans_within, wider
from kouprey.exchange.wire.sufficient import sufficient_in
from kouprey.kernel.storage.engine import Reader as Snapshot
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, TooLarge
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.tlp import TLP

MOST_LOOKED_UP = 100_000
"""Texts of one batch."""
COUNTED_IN_BATCH = rows.COUNTED_IN_BATCH
SHOWN = 50
"""Objects, and observables within, that one view lists."""
RELATED = 20
BLOCKS = {"ipv4-addr": ("/24", "/16"), "ipv4-net": ("/24", "/16"), "ipv6-addr": ("/64", "/48"), "ipv6-net": ("/48",)}
"""Kind -> networks around an address that are usually one subscriber's, and one operator's."""
MOST_DOMAINS = 2
_MOST_INSIDE = 20


class Observables(Reading):
    """Verbs for values; what a reader may not see is nowhere, not even in a count."""

    def look_up(self, who: Reader, texts: Sequence[str], *, kind: str = "") -> dict[str, tuple[Found, ...]]:
        """Which of up to 100,000 texts name something the reader sees; each as everything it may be, or as `kind`.

        Texts may be defanged. `versions` stops at 100. What is not found is left out. Raises TooLarge.
        """
        if len(texts) > MOST_LOOKED_UP:
            raise TooLarge(
                "Too many values at once.",
                f"There are {len(texts)}, and {MOST_LOOKED_UP} are the most.",
                "Ask in several parts.",
                code="too-many-values",
            )
        meant = [(text, each) for text in dict.fromkeys(texts) for each in read_observables(text, kind)]
        eyes = self._eyes(who)
        with self._store.read() as reader:
            ids = rows.ids_of(reader, (each for _, each in meant))
            counts = rows.count_seen(reader, eyes, set(ids))
        found: dict[str, tuple[Found, ...]] = {}
        for (text, each), key in zip(meant, ids, strict=False):
            versions = counts.get(key)
            if versions is not None:
                found[text] = (*found.get(text, ()), Found(observable=each, versions=versions))
        self.reads.note(who, "values", asked=f"{len(texts)} values", count=len(found), first=0, last=0)
        return found

    def get_observable(self, who: Reader, kind: str, text: str) -> ObservableView:
        """Everything the reader sees of one value; Damaged when it is none of that kind.

        It answers for any value: that nothing names it is an answer too, and what it lies in may be known.
        """
        observable = canonical(kind, text)
        if observable is None:
            raise Damaged(
                f"This is no {kind[:40]}.",
                "The value has not the form of its kind, or the kind is unknown.",
                "Leave the kind out to have it recognised.",
                code="bad-observable",
            )
        eyes = self._eyes(who)
        with self._store.read() as reader:
            return _view(reader, eyes, observable)

    def list_pivots(self, who: Reader, observable: Observable) -> tuple[Pivot, ...]:
        """Networks and domains around a value, nearest first, in which the reader sees something else named.

        Addresses have the networks in BLOCKS around them; names, URLs and mailboxes their host and the domains above
        it, at most two, those nearest to the top. Counting stops at 20 of each kind.
        """
        above = [each for each in wider(observable) if each.kind == "domain-name" or _is_block(observable, each)]
        if observable.kind not in BLOCKS:
            above = [*above[:1], *above[1:][-(MOST_DOMAINS - 1) :]]
        eyes = self._eyes(who)
        made = []
        with self._store.read() as reader:
            (own,) = rows.ids_of(reader, [observable]) or (0,)
            for each in above:
                inside = rows.list_within(reader, eyes, spans_within(each), _MOST_INSIDE + 2)
                count = sum(key != own for key, _ in inside)
                if count:
                    made.append(Pivot(observable=each, count=min(count, _MOST_INSIDE), more=count > _MOST_INSIDE))
        return tuple(made)

    @staticmethod
    def observables_in(value: Mapping[str, Any]) -> tuple[Observable, ...]:
        """What an object names."""
        return observables_in(value)

    @staticmethod
    def sufficient_in(pattern: str) -> tuple[Observable, ...]:
        """Values each of which alone fulfils a STIX pattern; () where it asks for more."""
        return sufficient_in(pattern)

    @staticmethod
    def object_of(observable: Observable) -> dict[str, Any] | None:
        """The STIX observable of a value, with the id everybody gives it; None where STIX has none."""
        return observable_object(observable)

    @staticmethod
    def observables_of(text: str, kind: str = "") -> tuple[Observable, ...]:
        """What a text may be, in canonical form, likeliest first; () for what is no technical value."""
        return read_observables(text, kind)


def _is_block(observable: Observable, around: Observable) -> bool:
    return around.text.endswith(BLOCKS.get(observable.kind, ()))


def read_observables(text: str, kind: str = "") -> tuple[Observable, ...]:
    """What a text may be, likeliest first; with `kind`, that or nothing."""
    if not kind:
        return recognise(text)
    made = canonical(kind, text)
    return () if made is None else (made,)


def _view(reader: Snapshot, eyes: Eyes, observable: Observable) -> ObservableView:
    occurrences: list[rows.Occurrence] = []
    ids = rows.ids_of(reader, [observable])
    for key in ids:
        occurrences = rows.list_occurrences(reader, eyes, key)
    said = rows.list_said(reader, eyes, [body for _, body, _ in occurrences])
    within = rows.list_within(reader, eyes, spans_within(observable), SHOWN + 1) if ids else []
    inside = rows.count_seen(reader, eyes, [key for key, _ in within])
    newest: dict[int, int] = {}
    for _, body, thing in occurrences:
        newest.setdefault(thing, body)
    shown = list(newest.values())[:SHOWN]
    more = len(occurrences) >= rows.COUNTED
    ends = rows.show(reader, {each[1] for each in (occurrences[0], occurrences[-1])}) if occurrences else []
    times = [each.received_at for each in ends]
    return ObservableView(
        observable=observable,
        versions=len({version for version, _, _ in occurrences}),
        sources=tuple(sorted({name for _, names in said.values() for name in names})),
        more=more,
        occurrences=_occurrences(reader, eyes, occurrences, shown, said),
        wider=_found(reader, eyes, wider(observable)),
        within=tuple(Found(observable=each, versions=inside[key]) for key, each in within[:SHOWN] if key in inside),
        more_within=len(within) > SHOWN,
        related=_related(reader, eyes, observable, shown),
        first_at=0 if more else min(times, default=0),
        last_at=max(times, default=0),
    )


def _occurrences(
    reader: Snapshot,
    eyes: Eyes,
    occurrences: Sequence[rows.Occurrence],
    shown: Sequence[int],
    said: Mapping[int, tuple[TLP, tuple[str, ...]]],
) -> tuple[Occurrence, ...]:
    versions = Counter(thing for _, thing in {(version, thing) for version, _, thing in occurrences})
    thing_of = {body: thing for _, body, thing in occurrences}
    seen = rows.show(reader, shown)
    times = rows.sightings_of(reader, eyes, [each.stix_id for each in seen])
    return tuple(
        Occurrence(
            stix_id=each.stix_id,
            type=each.type,
            title=each.title,
            instant=each.instant,
            version_text=each.version_text,
            received_at=each.received_at,
            revoked=bool(each.revoked),
            versions=versions[thing_of[each.body]],
            tlp=said[each.body][0],
            sources=said[each.body][1],
            times_seen=times.get(each.stix_id, 0),
        )
        for each in seen
    )


def _found(reader: Snapshot, eyes: Eyes, observables: Iterable[Observable]) -> tuple[Found, ...]:
    """Those that are held, in their order."""
    listed = tuple(observables)
    ids = rows.ids_of(reader, listed)
    counts = rows.count_seen(reader, eyes, set(ids))
    return tuple(
        Found(observable=o, versions=counts[key]) for o, key in zip(listed, ids, strict=False) if key in counts
    )


def _related(reader: Snapshot, eyes: Eyes, observable: Observable, bodies: Sequence[int]) -> tuple[Found, ...]:
    """What the same bodies name, rarest first and most often beside it among equals."""
    beside: Counter[Observable] = Counter()
    for raw in rows.list_bytes(reader, bodies):
        beside.update(observables_in(decode(raw)))
    beside.pop(observable, None)
    found = _found(reader, eyes, [each for each, _ in beside.most_common(500)])
    return tuple(sorted(found, key=lambda each: (each.versions, -beside[each.observable]))[:RELATED])
