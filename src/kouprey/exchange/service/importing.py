"""Importing: a stream of any length, batch by batch, each durable with the bookmark that says how far it came."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import BinaryIO, Protocol

import msgspec

from kouprey.exchange.model import Arrival, Bookmark, ImportReport, Outcome, Refusal, Source, SourceKind
from kouprey.exchange.service.collections import MAIN
from kouprey.exchange.service.receiving import Receiving
from kouprey.exchange.store import bookmarks as rows
from kouprey.exchange.wire.ahead import Ahead
from kouprey.exchange.wire.batches import Batch, Inline, batches
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.errors import Damaged, KoupreyError, Refused
from kouprey.kernel.words.ids import is_party_id
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import TLP

Also = Callable[[Tx, ImportReport, Sequence[Refusal], bool], None]
"""What is done with each batch: the figures with it, what it refused, and whether it is the last."""


class Refusals(Protocol):
    """A file of refusals that can be gone on with."""

    def settle(self) -> int:
        """Make durable what was added; the size of the file."""
        ...

    def cut(self, size: int) -> bool:
        """Go back to this size; False when the file is shorter or gone."""
        ...


@dataclass(frozen=True)
class Resumable:
    """A file whose import goes on where it was killed: where it lies, its size, and where its refusals go.

    `say` gets a bookmark when the import goes on there, or why it begins anew although there is one.
    """

    path: str
    size: int
    refusals: Refusals
    say: Callable[[Bookmark | None, str], None]
    from_start: bool = False


class Reading(Protocol):
    """What reads a stream of STIX; see Inline and Ahead."""

    def skip(self, beyond: int, digest: bytes) -> bool:
        """Pass what an earlier run took in; False when it is not what had this digest."""
        ...

    def batches(self) -> Iterator[Batch]:
        """Everything that is left."""
        ...

    def close(self) -> None:
        """Let go of what reads."""
        ...


class Importing(Receiving):
    """Verbs that take in streams."""

    def import_stream(
        self,
        stream: BinaryIO,
        *,
        name: str,
        tlp: TLP | None = None,
        collection: str = "",
        concerned: Sequence[str] = (),
        by: str,
        on_progress: Callable[[int], None] | None = None,
        on_refusal: Callable[[Refusal], None] | None = None,
        read: Callable[[BinaryIO], Iterable[Arrival | Refusal]] | None = None,
        resumable: Resumable | None = None,
        ahead: bool = False,
        also: Also | None = None,
    ) -> ImportReport:
        """Take in a stream of any length; each batch is durable before the next is written.

        `name` is the source's, `tlp` the level of what carries no marking (None: AMBER+STRICT). All of it joins the
        main collection, and `collection` (name or id) if one is given. `concerned`: constituents (their ids) whom alone
        it concerns, so that no other sees it; () for nobody in particular. `on_progress` gets the number read since the
        last call, `on_refusal` each refusal as it happens. `read` makes objects of the stream, STIX if left out. With
        `resumable` it goes on where an earlier run of a STIX file ended, and keeps its bookmark until `forget_import`;
        the stream can then be wound back. `ahead`: a second process reads, which is quicker for a file worth starting
        one; the stream must be an open file of which nothing has been read. `also` is done in the transaction of each
        batch; what it raises ends the import there, and undoes that batch alone.
        """
        into = [self.ensure_defaults().id]
        if collection and (chosen := self.get_open_collection(collection).id) not in into:
            into.append(chosen)
        unmarked = TLP.AMBER_STRICT if tlp is None else tlp
        run = _Run(
            exchange=self,
            source=Source(kind=SourceKind.FILE, party=self._people.home_id, name=name[:200]),
            unmarked=unmarked,
            into=into,
            by=by,
            # Without it an import that was begun before there was such a choice goes on.
            detail={"tlp": unmarked.word, "collection": collection or MAIN, **_told(concerned)},
            concerned=concerned,
            on_refusal=on_refusal or (lambda _: None),
            resumable=resumable,
            also=also,
        )
        with ExitStack() as held:
            if read is not None:
                found: Iterator[Batch] = batches(read(stream))
            else:
                reading = run.begin(stream, Ahead if ahead else Inline)
                held.callback(reading.close)
                found = reading.batches()
            for batch in found:
                run.keep(batch)
                if on_progress is not None:
                    on_progress(len(batch.arrivals) + len(batch.refusals))
        return run.report

    def forget_import(self, path: str) -> None:
        """Take the bookmark out of a file, once its end has been told."""
        self._store.write(lambda tx: rows.delete(tx, path))


class _Run:
    """One import under way."""

    def __init__(
        self,
        *,
        exchange: Importing,
        source: Source,
        unmarked: TLP,
        into: Sequence[str],
        by: str,
        detail: dict[str, str],
        concerned: Sequence[str],
        on_refusal: Callable[[Refusal], None],
        resumable: Resumable | None,
        also: Also | None,
    ) -> None:
        self._exchange = exchange
        self._source = source
        self._unmarked = unmarked
        self._into = into
        self._by = by
        self._detail = detail
        self._tell = on_refusal
        self._file = resumable
        self._also = also
        named = tuple(sorted(set(concerned)))
        self._labels = {level: Label(owner=source.party, tlp=level, concerned=named) for level in TLP}
        self._mark = Bookmark(
            path=resumable.path if resumable else "",
            run=secrets.token_hex(8),
            size=resumable.size if resumable else 0,
            options=msgspec.json.encode(detail).decode(),
        )
        self._began = time.monotonic()

    @property
    def report(self) -> ImportReport:
        """What it has come to."""
        return self._mark.counted

    def begin(self, stream: BinaryIO, open_: Callable[[BinaryIO], Reading]) -> Reading:
        """What reads the stream, standing behind what an earlier run took in."""
        reading = open_(stream)
        file = self._file
        if file is None:
            return reading
        try:
            with self._exchange._store.read() as reader:
                old = rows.find(reader, file.path)
            why = _unfit(old, self._mark, file) if old is not None else ""
            if old is not None and not why:
                if not reading.skip(old.after, old.digest):
                    why = "The file has changed before the place that was reached."
                elif not file.refusals.cut(old.refusals_size):
                    why = "The file of its refusals is gone or has changed."
                if why:
                    reading.close()
                    stream.seek(0)
                    reading = open_(stream)
            self._go_on(file, old, why)
        except BaseException:
            reading.close()
            raise
        return reading

    def _go_on(self, file: Resumable, old: Bookmark | None, why: str) -> None:
        """From an earlier run's bookmark, unless there is a reason not to."""
        if old is not None and not why:
            self._mark = msgspec.structs.replace(old, run=self._mark.run)
            for refusal in old.refusals:
                self._tell(refusal)
            # So that the figures speak of all the time that was spent.
            self._began -= old.counted.seconds
        else:
            file.refusals.cut(0)
        if old is not None:
            file.say(None if why else old, why)
        mark = self._mark
        self._exchange._store.write(lambda tx: rows.save(tx, mark, self._exchange._clock()))

    def keep(self, batch: Batch) -> None:
        """Make a batch durable, and the bookmark behind it with it; then tell its refusals."""
        if self._mark.finished:
            return
        settled = self._file.refusals.settle() if self._file is not None else 0

        def work(tx: Tx) -> Bookmark:
            self._still_ours(tx)
            outcomes = self._exchange.receive(
                tx, batch.arrivals, source=self._source, label_of=self._label_of, into=self._into
            )
            mark = self._moved(batch, outcomes, settled)
            if self._file is not None:
                rows.save(tx, mark, self._exchange._clock())
            if self._also is not None:
                self._also(tx, mark.counted, mark.refusals, batch.last)
            if batch.last:
                self._audit(tx, mark.counted)
            return mark

        self._mark = self._exchange._store.write(work)
        for refusal in self._mark.refusals:
            self._tell(refusal)

    def _label_of(self, _: Arrival, stated: TLP | None) -> Label:
        return self._labels[self._unmarked if stated is None else stated]

    def _still_ours(self, tx: Tx) -> None:
        if self._file is not None and rows.run_of(tx, self._file.path) != self._mark.run:
            raise Refused(
                "This import is not ours any more.",
                "The same command has been started again beside this one, and goes on with the file.",
                "Let that one end; nothing is lost.",
                code="taken-over",
            )

    def _moved(self, batch: Batch, outcomes: Sequence[Outcome], settled: int) -> Bookmark:
        late = [_refusal(a, o.error) for a, o in zip(batch.arrivals, outcomes, strict=True) if o.error is not None]
        refusals = sorted([*batch.refusals, *late], key=lambda each: each.offset)
        seconds = time.monotonic() - self._began
        return msgspec.structs.replace(
            self._mark,
            after=batch.reached,
            digest=batch.digest,
            counted=_count(self._mark.counted, outcomes, len(refusals), seconds),
            refusals=tuple(refusals),
            refusals_size=settled,
            finished=batch.last,
        )

    def _audit(self, tx: Tx, report: ImportReport) -> None:
        audit.append(
            tx,
            at=self._exchange._clock(),
            actor=self._by,
            action="exchange.import",
            subject=self._source.name,
            detail={**self._detail, "new": report.new, "refused": report.refused},
        )


def _told(concerned: Sequence[str]) -> dict[str, str]:
    wrong = next((each for each in concerned if not is_party_id(each)), None)
    if wrong is not None:
        raise Damaged(
            f"{wrong[:60]!r} is no constituent.",
            "Constituents are named by a domain of their own.",
            "`kouprey constituent list` shows them.",
            code="bad-constituent",
        )
    return {"concerned": " ".join(sorted(set(concerned)))} if concerned else {}


def _unfit(old: Bookmark, new: Bookmark, file: Resumable) -> str:
    """Why an import does not go on at a bookmark."""
    if file.from_start:
        return "As asked for."
    if old.size != new.size:
        return f"The file has changed: it had {old.size:,} bytes and has {new.size:,}."
    if old.options != new.options:
        return "Its level or collection is another than last time."
    return ""


def _count(before: ImportReport, outcomes: Sequence[Outcome], refused: int, seconds: float) -> ImportReport:
    kept = [outcome for outcome in outcomes if outcome.error is None]
    verdicts = Counter(outcome.verdict for outcome in kept)
    return ImportReport(
        new=before.new + verdicts["new"],
        repeats=before.repeats + verdicts["repeat"],
        byte_equal=before.byte_equal + sum(outcome.byte_equal for outcome in kept),
        conflicts=before.conflicts + verdicts["conflict"],
        variants=before.variants + verdicts["variant"],
        refused=before.refused + refused,
        musts=before.musts + sum(outcome.musts for outcome in kept),
        shoulds=before.shoulds + sum(outcome.shoulds for outcome in kept),
        invalid=before.invalid + sum(outcome.musts > 0 for outcome in kept),
        seconds=seconds,
    )


def _refusal(arrival: Arrival, error: KoupreyError) -> Refusal:
    return Refusal(
        offset=arrival.offset,
        line=arrival.line,
        stix_id=arrival.stix_id,
        code=error.code,
        what=error.what,
        why=error.why,
        remedy=error.remedy,
    )
