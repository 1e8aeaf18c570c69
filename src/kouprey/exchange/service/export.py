"""Exporting: what a reader may see now, as a stream for other tools."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Collection as Several

import msgspec

from kouprey.agreements.model import CLAUSES
from kouprey.agreements.model.citing import cite, cited
from kouprey.exchange.model import Filters, Head
from kouprey.exchange.service.reading import Reading
from kouprey.exchange.store import pages
from kouprey.exchange.store.export import list_bodies, list_said
from kouprey.exchange.store.narrowing import Sought
from kouprey.exchange.wire.export import FORMS, Exported
from kouprey.kernel.storage import audit
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.label import Label

Rests = Callable[[frozenset[Label]], tuple[str, ...]]
"""Labels of a thing -> what it rests on, in words."""
PAGE = 500
"""Objects read at a time."""
_PIECE = 64 << 10


class Exporting(Reading):
    """The verb by which intelligence leaves for a file."""

    def export(
        self,
        who: Reader,
        form: str,
        *,
        ids: Several[str] = (),
        collection: str = "",
        types: Several[str] = (),
        text: str = "",
        filters: Filters = Filters(),
        by: str,
    ) -> Iterator[bytes]:
        """The newest visible version of objects in one of FORMS, oldest news first, in pieces of about 64 KiB.

        Named by `ids`, or found as in `list_objects`. Memory does not grow with their number. What changes while the
        stream runs is met further on; what the reader may no longer see is left out from then on. An export begun and
        one ended are written to the audit trail. Unknown for an id or a collection that `who` may not see.
        """
        chosen = FORMS.get(form)
        if chosen is None:
            raise Damaged(
                f"There is no format {form[:40]!r}.", remedy=f"Choose one of {', '.join(FORMS)}.", code="bad-format"
            )
        # Asked before the first byte leaves, so that a failure is an answer and not a broken file.
        sought = self._sought(who, collection, types, text, filters)
        rests = self._rests(who) if chosen.under else None
        named = [self._named(who, stix_id, rests) for stix_id in dict.fromkeys(ids)]
        detail: dict[str, object] = {
            "format": form,
            "ids": sorted(ids)[:100],
            "collection": collection,
            "types": list(types),
            "text": text,
            "in_force": filters.in_force,
        }
        if filters != Filters():
            detail["filters"] = msgspec.to_builtins(filters)
        self._record(by, "intelligence.export", who, detail)

        def counted() -> Iterator[Exported]:
            count = 0
            for each in named if ids else self._found(who, sought, rests):
                count += 1
                yield each
            self._record(by, "intelligence.exported", who, {"format": form, "count": count})

        return _pieces(chosen.write(counted()))

    def _rests(self, who: Reader) -> Rests:
        """What things rest on for this reader, each set of labels asked once.

        To our own people the agreements they came under and how far these let them go on; to others the ground on which
        they may see them.
        """
        titles = {key: (each.title, each.terms.onward) for key, each in self._agreements.standings().items()}
        known: dict[frozenset[Label], tuple[str, ...]] = {}

        def ask(labels: frozenset[Label]) -> tuple[str, ...]:
            if who.local:
                came = sorted({label.agreement for label in labels} - {""})
                told = [(titles.get(each, (each, ""))) for each in came]
                return tuple(f"{cited(title, CLAUSES['onward'])}: {onward}".rstrip(": ") for title, onward in told)
            return tuple(filter(None, map(cite, self._agreements.decide(labels, who).because)))

        def rests(labels: frozenset[Label]) -> tuple[str, ...]:
            if labels not in known:
                known[labels] = ask(labels)
            return known[labels]

        return rests

    def _found(self, who: Reader, sought: Sought, rests: Rests | None) -> Iterator[Exported]:
        after = 0
        while True:
            # Rising, and with new eyes for each page: what moves meanwhile moves ahead of us, and is met.
            eyes = self._eyes(who)
            with self._store.read() as reader:
                heads = pages.list_heads(reader, eyes, sought, before=None, after=after, limit=PAGE)
                bodies = list_bodies(reader, eyes, heads)
                said = list_said(reader, eyes, heads) if rests is not None else {}
            for head in reversed(heads):
                key = (head.stix_id, head.instant)
                yield Exported(head, bodies[key], rests(said[key]) if rests is not None else ())
            if len(heads) < PAGE:
                return
            after = heads[0].position

    def _named(self, who: Reader, stix_id: str, rests: Rests | None) -> Exported:
        seen = self.get_object(who, stix_id)
        version = seen.newest
        body = next(each for each in version.bodies if each.served)
        said = [assertion for each in version.bodies for assertion in each.assertions]
        names = {each.source.name if who.local else each.source.party for each in said}
        head = Head(
            stix_id=seen.stix_id,
            type=seen.type,
            title=body.title,
            instant=version.instant,
            version_text=version.version_text,
            tlp=max(each.label.tlp for each in said),
            sources=tuple(sorted(names)),
            position=version.position,
            conflict=len(version.bodies) > 1,
            revoked=body.revoked,
        )
        return Exported(head, body.raw, rests(frozenset(each.label for each in said)) if rests is not None else ())

    def _record(self, by: str, action: str, who: Reader, detail: dict[str, object]) -> None:
        now = self._clock()
        self._store.write(
            lambda tx: audit.append(
                tx, at=now, actor=by, action=action, subject=who.party, detail=detail, party=self._people.home_id
            )
        )


def _pieces(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in fewer pieces: each costs a change of thread on its way to a browser."""
    held: list[bytes] = []
    size = 0
    for chunk in chunks:
        held.append(chunk)
        size += len(chunk)
        if size >= _PIECE:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)
