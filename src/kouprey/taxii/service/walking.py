"""One walk through a collection of somebody else: page by page, each durable with the place that was reached.

A page and the place behind it are written in one transaction, so that a kill loses nothing and doubles nothing. The
place only ever moves to where everything before it is held.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

from kouprey.exchange.model import Arrival, Source
from kouprey.exchange.service import Exchange, read_object
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.errors import Damaged, KoupreyError, Refused
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import Clock
from kouprey.kernel.words.tlp import TLP
from kouprey.taxii import rules
from kouprey.taxii.model.pulling import Page, Place, Pull, Remote
from kouprey.taxii.service.asking import Asking
from kouprey.taxii.store import sources as rows
from kouprey.taxii.wire.envelope import name_of

MOST_EMPTY = 100
"""Pages without objects in a row after which a server that says there is more is not believed any longer."""
MOST_AT_ONCE = 64_000
"""Objects asked for when so many share one date that a smaller page never gets past it."""


class Walk:
    """A walk that has begun; `go` ends it, in at most `pages` answers if that is given."""

    def __init__(
        self,
        store: Store,
        exchange: Exchange,
        asking: Asking,
        remote: Remote,
        source: Source,
        into: Sequence[str],
        clock: Clock,
        on_page: Callable[[Pull], None],
    ) -> None:
        self._store = store
        self._exchange = exchange
        self._asking = asking
        self._remote = remote
        self._source = source
        self._into = into
        self._clock = clock
        self._tell = on_page
        self._labels = {level: Label(owner=source.party, tlp=level) for level in TLP}
        self._words: set[str] = set()
        self._empty = 0
        self._restarted = False

    def go(self, place: Place, pull: Pull) -> tuple[Place, Pull]:
        """Walk to the end; where it stands then. What stops it is raised, with every page before it durable."""
        while True:
            page = self._ask(place)
            if page is None:
                place = self._again(place)
                continue
            before = place
            place, pull = self._keep(page, place, pull)
            self._tell(pull)
            if not page.more:
                return place, pull
            self._check_progress(page, before, place)

    def _ask(self, place: Place) -> Page | None:
        """None when the server has forgotten its own `next`, once: then the walk begins again."""
        remote = self._remote
        try:
            return self._asking.page(remote.collection, remote.types, place.after, place.next)
        except Refused as error:
            if not place.next or self._restarted or error.detail.get("status") not in (400, 404, 410, 416, 422):
                raise
            return None

    def _again(self, place: Place) -> Place:
        """What was met before is asked for again, which costs time and no object."""
        self._restarted = True
        self._words.clear()
        begun = msgspec.structs.replace(place, after=rules.begin(self._remote, place), next="")

        def work(tx: Tx) -> None:
            self._still_ours(tx, place)
            rows.set_place(tx, self._remote.id, begun)

        self._store.write(work)
        return begun

    def _keep(self, page: Page, place: Place, pull: Pull) -> tuple[Place, Pull]:
        arrivals: list[Arrival] = []
        refused = [("", each) for each in page.broken]
        for raw in page.objects:
            try:
                arrivals.append(read_object(raw))
            except Damaged as damaged:
                refused.append((name_of(raw)[0], str(damaged)))
        now = self._clock()
        stands = rules.move(page, place, now)

        def work(tx: Tx) -> Pull:
            self._still_ours(tx, place)
            outcomes = self._exchange.receive(
                tx, arrivals, source=self._source, label_of=self._label_of, into=self._into
            )
            late = [(a.stix_id, str(o.error)) for a, o in zip(arrivals, outcomes, strict=True) if o.error is not None]
            verdicts = Counter(outcome.verdict for outcome in outcomes if outcome.error is None)
            rows.add_refusals(tx, self._remote.id, now, [*refused, *late])
            made = msgspec.structs.replace(
                pull,
                pages=pull.pages + 1,
                objects=pull.objects + len(page.objects) + len(page.broken),
                new=pull.new + verdicts["new"],
                repeats=pull.repeats + verdicts["repeat"],
                conflicts=pull.conflicts + verdicts["conflict"] + verdicts["variant"],
                refused=pull.refused + len(refused) + len(late),
            )
            rows.save_pull(tx, made)
            rows.set_place(tx, self._remote.id, stands)
            return made

        return stands, self._store.write(work)

    def _label_of(self, _: Arrival, stated: TLP | None) -> Label:
        return self._labels[self._remote.tlp if stated is None else stated]

    def _still_ours(self, tx: Tx, place: Place) -> None:
        found = rows.get_place(tx, self._remote.id)
        if found is None or found.turn != place.turn:
            raise Refused(
                "This walk is not ours any more.",
                "The source was removed, or another process began to pull from it.",
                "Let that one end; nothing is lost.",
                code="taken-over",
            )

    def _check_progress(self, page: Page, before: Place, after: Place) -> None:
        """A server that leads us in a circle, or nowhere, is not followed for ever."""
        self._empty = 0 if page.objects else self._empty + 1
        if self._empty > MOST_EMPTY:
            raise _astray(f"It sent {MOST_EMPTY} pages without an object and says that there is more.")
        if page.next:
            if page.next in self._words:
                raise _astray("It leads back to a page that we had: the same `next` came twice.")
            self._words.add(page.next)
            return
        if not page.last:
            raise _astray("It says that there is more, and neither how to ask for it nor the dates of what it sent.")
        if page.first > page.last:
            raise _astray("Its objects do not come in the order of their dates, so what follows cannot be asked for.")
        if after.after > before.after:
            return
        # All of this page was filed at one instant, and perhaps more than the page holds.
        if self._asking.limit >= MOST_AT_ONCE:
            raise _astray(f"More than {MOST_AT_ONCE:,} objects have one date, and it gives no `next` to get past it.")
        self._asking.limit *= 4


def _astray(why: str) -> KoupreyError:
    return Damaged(
        "The TAXII server cannot be followed to its end.",
        why,
        "What came is kept, and nothing behind it is taken for read: the next pull asks again. Tell its operator.",
        code="astray",
    )
