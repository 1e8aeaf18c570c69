"""Acting upon what is held: what labels and agreements forbid to be used for a purpose, and who said what."""

from __future__ import annotations

from collections.abc import Collection

from kouprey.exchange.service.reading import Reading
from kouprey.exchange.store import using as rows
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import PAP

Versions = frozenset[tuple[str, Instant]]
"""Versions by the id of their object and their instant."""


class Using(Reading):
    """What may be done with what somebody may see. Seeing it is asked by `page`."""

    def barred_from(self, who: Reader, purpose: str, most: PAP, kind: str) -> Versions:
        """Versions of a type that `who` may see and not use for a purpose, or not so openly as `most` PAP allows.

        The strictest word counts: one assertion that he sees, and that forbids it, is enough. An agreement under which
        something came must have the purpose among its own.
        """
        eyes = self._eyes(who)
        with self._store.read() as reader:
            labels = rows.list_labels(reader, eyes)
            bars = [number for number, label in labels.items() if not self._may_use(label, who, purpose, most)]
            return frozenset(rows.list_under(reader, eyes, bars, kind)) if bars else frozenset()

    def said_by(self, who: Reader, parties: Collection[str], kind: str) -> Versions:
        """Versions of a type that one of these parties said, as far as `who` may see that."""
        eyes = self._eyes(who)
        with self._store.read() as reader:
            return frozenset(rows.list_said(reader, eyes, parties, kind))

    def _may_use(self, label: Label, who: Reader, purpose: str, most: PAP) -> bool:
        if label.pap > most or not self._agreements.decide((label,), who, purpose=purpose).allowed:
            return False
        standing = self._agreements.standings().get(label.agreement) if label.agreement else None
        return standing is None or purpose in standing.terms.purposes
