"""Rights of sources: how far what a feed, a file or a person gave us may be passed on, and who has said so."""

from __future__ import annotations

import msgspec

from kouprey.exchange.model import Source, SourceKind
from kouprey.exchange.model.rights import Passing, SourceRight
from kouprey.exchange.service.reading import Reading
from kouprey.exchange.store import rights as rows
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Forbidden, Unknown

MOST_SOURCES = 500
LONGEST_CREDIT = 100
LONGEST_GROUND = 1_000
_PASSINGS: tuple[Passing, ...] = ("agreement", "inside", "attribution")


class Rights(Reading):
    """Verbs on what sources allow; for our own people. Publishing heeds it at the gate, at once and by every road."""

    def list_source_rights(self, who: Reader, limit: int = MOST_SOURCES) -> list[SourceRight]:
        """Sources of what `who` sees, by name, each with its right; those of which one was said ahead too."""
        self._check_own_people(who)
        eyes = self._eyes(who)
        with self._store.read() as reader:
            return rows.list_sources(reader, eyes, limit)

    def set_source_right(
        self, who: Reader, source: str, passing: Passing, *, credit: str = "", because: str = "", by: str
    ) -> SourceRight:
        """Say how far what a source gave may be passed on; `source` is a key of the list, or a name.

        A name nobody has given anything under yet is taken for a file or feed to come. What was given to partners
        already stays given.
        """
        if passing not in _PASSINGS:
            raise Damaged(f"{passing[:40]!r} is no right.", f"There are {', '.join(_PASSINGS)}.", code="bad-right")
        owed = " ".join(credit.split())
        if passing == "attribution" and not 1 <= len(owed) <= LONGEST_CREDIT:
            raise Damaged(
                "It is not said whom it is owed to.",
                f"An attribution names somebody, in 1 to {LONGEST_CREDIT} characters.",
                "Give the name that the source wants to be told.",
                code="no-credit",
            )
        if len(because) > LONGEST_GROUND or not owed.isprintable():
            raise Damaged("The text is too long.", f"At most {LONGEST_GROUND:,} characters are kept.", code="too-long")
        held = self._source_named(who, source)
        now = self._clock()

        def work(tx: Tx) -> SourceRight:
            number = held.source or rows.intern_source(tx, Source(kind=held.kind, party=held.party, name=held.name))
            made = msgspec.structs.replace(
                held,
                source=number,
                passing=passing,
                credit=owed if passing == "attribution" else "",
                because=because.strip(),
                set_by=by,
                set_at=now,
            )
            rows.set_right(tx, made)
            told = {"name": made.name, "right": passing, "before": held.passing, "because": made.because}
            audit.append(tx, at=now, actor=by, action="source.set-right", subject=made.key, detail=told)
            return made

        return self._store.write(work)

    def _source_named(self, who: Reader, source: str) -> SourceRight:
        named = source.strip()
        found = self.list_source_rights(who)
        for each in found:
            if named == each.key:
                return each
        for each in found:
            if named == each.name:
                return each
        if not named or named.startswith("src_") or len(named) > 200 or not named.isprintable():
            raise Unknown(
                f"No source {named[:60]!r}.",
                "Nothing you see came from it.",
                "Look at the list.",
                code="unknown-source",
            )
        return SourceRight(source=0, kind=SourceKind.FILE, party=self._people.home_id, name=named)

    @staticmethod
    def _check_own_people(who: Reader) -> None:
        if not who.local:
            raise Forbidden("This is for people of this node's own party.", code="not-local")
