"""Verbs of watch."""

from __future__ import annotations

from collections.abc import Iterator

from kouprey.kernel.words.time import Instant
from kouprey.watch.model import Event
from kouprey.watch.service.alerting import Alerting


class Watch(Alerting):
    """Everything about watch. Events are this node's own and leave it in no way; only people of ours see alerts."""

    def kept(self, since: Instant, until: Instant | None = None) -> Iterator[Event]:
        """Events of [since, until) that are kept, in the order of their arrival; for hunts and for trials of blocks."""
        return self._keeping.read(since, until)
