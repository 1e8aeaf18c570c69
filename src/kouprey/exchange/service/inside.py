"""Inside: what is said of values that lie in somebody's networks and domains."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from collections.abc import Collection as Several

from kouprey.exchange.model import Observable, Page
from kouprey.exchange.model.inside import Hit, Inside
from kouprey.exchange.service.observables import Observables
from kouprey.exchange.store import graph, inside
from kouprey.exchange.store import observables as rows
from kouprey.exchange.store.pages import VersionFilter
from kouprey.exchange.store.seeing import Eyes
from kouprey.exchange.wire.observables import Span, order_key, spans_within
from kouprey.kernel.storage.engine import Reader as Snapshot
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.time import FOREVER, Instant

MOST_WITHIN = 5_000
"""Values of one network or domain that are followed for a page, in their order; twice as many of all together."""
_ROWS_PER_OBJECT = 20


class Insides(Observables):
    """The verb that looks from networks to what is said; nothing the reader may not see is met on the way."""

    def list_inside(
        self,
        who: Reader,
        within: Sequence[Observable],
        *,
        after_position: Instant = 0,
        before_position: Instant = FOREVER,
        limit: int = 50,
        most: int = MOST_WITHIN,
    ) -> Inside:
        """Objects in force that name one of these values, or one that lies in them, latest news first.

        Networks hold addresses and networks, domains their subdomains, URLs and mailboxes; a mailbox without a
        name (`@bank.example`) holds the mailboxes there alone. Of each the first `most` values are followed, and twice
        as many of all: beyond that the answer says that it is `cut`.
        """
        eyes = self._eyes(who)
        with self._store.read() as reader:
            values, cut = _lying(reader, eyes, within, most)
            named = inside.list_named(
                reader,
                eyes,
                list(values),
                after=after_position,
                upto=before_position - 1,
                limit=(limit + 1) * _ROWS_PER_OBJECT,
            )
            by_object: dict[str, list[inside.Named]] = {}
            for each in named:
                by_object.setdefault(each.stix_id, []).append(each)
            met = dict(list(by_object.items())[:limit])
            shown = {each.stix_id: each for each in rows.show(reader, {said[0].body for said in met.values()})}
            told = rows.list_said(reader, eyes, {said[0].body for said in met.values()})
        hits = tuple(
            Hit(
                stix_id=stix_id,
                type=shown[stix_id].type,
                title=shown[stix_id].title,
                instant=shown[stix_id].instant,
                received_at=shown[stix_id].received_at,
                position=said[0].position,
                tlp=told[said[0].body][0],
                sources=told[said[0].body][1],
                values=tuple(dict.fromkeys(values[each.observable] for each in said)),
            )
            for stix_id, said in met.items()
        )
        self._noted(who, "inside", [hit.position for hit in hits], subject="")
        before = hits[-1].position if hits and len(by_object) > limit else 0
        return Inside(hits=hits, before=before, cut=cut)

    def page_inside(
        self,
        who: Reader,
        within: Sequence[Observable],
        *,
        after_position: Instant = 0,
        limit: int = 1000,
        types: Several[str] = (),
        ids: Several[str] = (),
        versions: VersionFilter | Several[Instant] = "last",
        bodies: bool = True,
        most: int = MOST_WITHIN,
    ) -> Page:
        """What `list_inside` finds, and what of it was revoked, as a page for TAXII, in order of position.

        The first `most` values of each network are followed, and twice as many of all, as there.
        """
        eyes = self._eyes(who)
        with self._store.read() as reader:
            values, _cut = _lying(reader, eyes, within, most)
            found = inside.list_page(
                reader,
                eyes,
                list(values),
                after=after_position,
                limit=limit + 1,
                types=types,
                stix_ids=ids,
                versions=versions,
            )
        given = found[:limit]
        what = "page" if bodies else "manifest"
        self._noted(who, what, [row.position for row in given], subject="")
        return Page(rows=tuple(given), more=len(found) > limit)

    @staticmethod
    def lying_within(within: Sequence[Observable]) -> Callable[[Observable], bool]:
        """Tells of a value whether it is one of these or lies in one of them, as `list_inside` means it."""
        exact = set(within)
        spans: dict[str, list[tuple[str, str]]] = {}
        for kind, after, before in (span for each in within for span in _spans(each)):
            spans.setdefault(kind, []).append((after, before))
        merged = {kind: _merged(each) for kind, each in spans.items()}

        def lies_within(observable: Observable) -> bool:
            if observable in exact:
                return True
            found = merged.get(observable.kind, [])
            key = order_key(observable)
            # The last span that begins before it; they do not overlap.
            place = bisect_left(found, (key,)) - 1
            return bool(key) and place >= 0 and found[place][0] < key < found[place][1]

        return lies_within

    def list_titles(self, who: Reader, ids: Several[str]) -> dict[str, tuple[str, str]]:
        """(type, title) of those of these objects that the reader sees."""
        eyes = self._eyes(who)
        with self._store.read() as reader:
            return graph.list_names(reader, eyes, ids)


def _lying(reader: Snapshot, eyes: Eyes, within: Sequence[Observable], most: int) -> tuple[dict[int, Observable], bool]:
    """Id -> each of these values, and those that lie in them; True when there are more than are followed."""
    exact = [each for each in within if not _is_mail(each)]
    values = dict(zip(rows.ids_of(reader, exact), exact, strict=False))
    cut = False
    for span in dict.fromkeys(span for each in within for span in _spans(each)):
        found = rows.list_within(reader, eyes, [span], most + 1)
        values |= dict(found[:most])
        cut |= len(found) > most or len(values) > 2 * most
        if len(values) > 2 * most:
            break
    return dict(list(values.items())[: 2 * most]), cut


def _merged(spans: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """In order, with those that overlap as one."""
    made: list[tuple[str, str]] = []
    for after, before in sorted(spans):
        if made and after < made[-1][1]:
            made[-1] = made[-1][0], max(made[-1][1], before)
        else:
            made.append((after, before))
    return made


def _is_mail(observable: Observable) -> bool:
    return observable.kind == "email-addr" and observable.text.startswith("@")


def _spans(observable: Observable) -> tuple[Span, ...]:
    if _is_mail(observable):
        around = spans_within(Observable("domain-name", observable.text[1:]))
        return tuple(span for span in around if span[0] == "email-addr")
    return spans_within(observable)
