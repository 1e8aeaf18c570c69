"""Verbs of audit: read the trail."""

from __future__ import annotations

from kouprey.audit.model import Line, Page
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Store

PAGE = 50
"""Lines of one page."""


class Audit:
    """Reads who did what; nobody writes through it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def read(self, *, before: int | None = None, action: str = "", subject: str = "", actor: str = "") -> Page:
        """A page of the trail, newest first, of this action, subject and actor ("" = any).

        `before` is the `older` of the page before.
        """
        with self._store.read() as reader:
            found = audit.list_audit(reader, before, PAGE + 1, action=action, subject=subject, actor=actor)
        lines = tuple(
            Line(id=e.id, at=e.at, actor=e.actor, action=e.action, subject=e.subject, detail=e.detail)
            for e in found[:PAGE]
        )
        return Page(lines=lines, older=lines[-1].id if len(found) > PAGE else None)

    def list_actions(self) -> list[str]:
        """Every action that stands in the trail, for a choice."""
        with self._store.read() as reader:
            return audit.list_actions(reader)
