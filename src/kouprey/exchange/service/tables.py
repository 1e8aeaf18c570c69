"""Tables: what a mapping would make of one, and taking it in through the one entrance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import BinaryIO

from kouprey.exchange.model import ImportReport, Parsed, Refusal
from kouprey.exchange.model.tables import Dialect, Mapping
from kouprey.exchange.service.texts import Texts
from kouprey.exchange.wire.tables import check_mapping, read_table
from kouprey.kernel.words.tlp import TLP


class Tables(Texts):
    """Verbs for tables of values."""

    def preview_table(self, stream: BinaryIO, mapping: Mapping, dialect: Dialect) -> Iterator[Parsed | Refusal]:
        """What `import_table` would take in and refuse, and nothing is kept; Damaged for a mapping that cannot be."""
        return read_table(stream, mapping, dialect, self._author().card.identities[0])

    def import_table(
        self,
        stream: BinaryIO,
        mapping: Mapping,
        dialect: Dialect,
        *,
        name: str,
        tlp: TLP | None = None,
        collection: str = "",
        concerned: Sequence[str] = (),
        by: str,
        on_progress: Callable[[int], None] | None = None,
        on_refusal: Callable[[Refusal], None] | None = None,
    ) -> ImportReport:
        """Take in a table as `import_stream` takes in STIX: what it makes is by our own identity.

        The same row under the same mapping makes the same object, so that taking it in twice changes nothing. Damaged
        when the mapping cannot be followed; a row that cannot be understood is a refusal and stops nothing.
        """
        check_mapping(mapping)
        home = self._author()
        self._store.write(lambda tx: self._ensure_identity(tx, home, [self._main(tx).id]))
        return self.import_stream(
            stream,
            name=name,
            tlp=tlp,
            collection=collection,
            concerned=concerned,
            by=by,
            on_progress=on_progress,
            on_refusal=on_refusal,
            read=partial(read_table, mapping=mapping, dialect=dialect, author=home.card.identities[0]),
        )
